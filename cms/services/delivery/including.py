"""What `include` can add to posts, by name. Here, where posts and what hangs on them meet."""

from collections.abc import Iterable

from cms.services.delivery import comments, jsonld, related
from cms.services.delivery.posts import Include

INCLUDES: dict[str, Include] = {"related": related.included, "comments": comments.included}
# What only a whole post has enough for.
WHOLE_INCLUDES: dict[str, Include] = INCLUDES | {"jsonld": jsonld.included}


def named(names: Iterable[str]) -> dict[str, Include]:
    """The parts that were asked for, in that order."""
    return {name: WHOLE_INCLUDES[name] for name in names}
