"""Public posts as a feed: what the list of posts shows, in the words of feed readers."""

from collections.abc import Sequence
from typing import Any

from cms.content.feeds import Feed, Item, Person
from cms.services.cursors import Page
from cms.services.delivery import posts, site
from cms.services.delivery.moment import EVERY_LOCALE, Moment
from cms.services.delivery.posts import Wish
from cms.services.delivery.questions import Question

WHOLE_TEXTS = Wish(body=("html",))


def of_posts(moment: Moment, question: Question, tags: Sequence[str]) -> tuple[Feed, Page]:
    """A page of posts as a feed, which lacks the addresses that only its route knows.

    `tags` are the slugs that were asked for. Raises Malformed for a bad cursor.
    """
    page = posts.find(moment, question, WHOLE_TEXTS)
    found = [posts.thawed(post) for post in page.items]
    about = site.get(moment)
    feed = Feed(
        title=_title(about["name"], tags, found),
        home=about["url"],
        url="",
        items=tuple(_item(moment, post) for post in found),
        description=about["description"],
        language=None if moment.locale == EVERY_LOCALE else moment.locale,
        icon=about["logo"],
    )
    return feed, page


def _title(name: str, tags: Sequence[str], found: Sequence[posts.Post]) -> str:
    if not tags:
        return name
    names = {tag["slug"]: tag["name"] for post in found for tag in post["tags"]}
    return f"{name}: {', '.join(names.get(slug, slug) for slug in tags)}"


def _item(moment: Moment, post: dict[str, Any]) -> Item:
    return Item(
        id=f"urn:uuid:{post['id']}",
        url=post["url"],
        title=post["title"],
        html=post["body"]["html"],
        summary=post["excerpt"],
        published=post["published_at"],
        updated=post["updated_at"],
        authors=tuple(Person(name=author["name"]) for author in post["authors"]),
        tags=tuple(tag["name"] for tag in post["tags"]),
        image=post["hero"] and post["hero"]["url"],
        language=post["locale"] if moment.locale == EVERY_LOCALE else None,
    )
