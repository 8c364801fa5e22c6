"""What is wrong in seed content, and where: every fault carries its file and its field."""

from collections.abc import Iterator
from contextlib import contextmanager

import yaml

from cms.errors import CmsError


class SeedError(CmsError):
    """Seed content that can not be used. The message names the file and the field."""

    status = 422

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="seed_invalid")


@contextmanager
def naming(place: object) -> Iterator[None]:
    """Put the place in front of what is wrong in it, from the field outwards to the folder."""
    try:
        yield
    except (SeedError, ValueError, yaml.YAMLError) as error:
        raise SeedError(f"{place}: {error}") from error
