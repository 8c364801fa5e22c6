"""Publishing posts that name much: ten tags, three FAQs, five neighbours, three images."""

import time
from collections.abc import Sequence
from typing import Any

from benchmarks.asking import Asking
from tests import building

POSTS = "/api/v1/manage/posts"
TAGS, FAQS, PICKS, IMAGES = 10, 3, 5, 3


def ready(editor: building.Client, count: int) -> list[str]:
    """The ids of posts that are ready to be published."""
    known = {
        "tag_ids": [building.tag(editor)["id"] for _ in range(TAGS)],
        "faq_ids": [building.published_faq(editor)["id"] for _ in range(FAQS)],
    }
    images = [building.media(editor, alt="A picture")["id"] for _ in range(IMAGES)]
    picks = [one["id"] for one in editor.get(POSTS).json["data"]][:PICKS]
    return [_draft(editor, known, images, picks) for _ in range(count)]


def _draft(
    editor: building.Client, known: dict[str, Any], images: Sequence[str], picks: Sequence[str]
) -> str:
    text = "\n\n".join([*(f"![Shown](media:{one})" for one in images), "Words of a post. " * 200])
    post = building.post(
        editor, body=building.markdown(text), hero_media_id=images[0], tag_ids=known["tag_ids"]
    )
    related = [{"post_id": one, "note": "Read this next."} for one in picks]
    values = {"faqs": {"faq_ids": known["faq_ids"]}, "related": {"related": related}}
    for name, value in values.items():
        answer = editor.put(f"{POSTS}/{post['id']}/{name}", json=value, headers=building.ANY)
        assert answer.status_code == 200, answer.json
    return post["id"]


def publish(asking: Asking, post_id: str) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    asking.put(f"{POSTS}/{post_id}/publication", {})
    return (time.perf_counter() - start) * 1000


def publish_again(asking: Asking, post_id: str) -> float:
    """The same after a change, which is not counted."""
    asking.put(f"{POSTS}/{post_id}", {"excerpt": "Another one."}, method="PATCH")
    return publish(asking, post_id)
