"""A post in the words of schema.org, for search engines: what the public API shows in, JSON out.

Pure: plain dictionaries as delivery shows them. What is part of the graph is referred to by `@id`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

Node = dict[str, Any]
CONTEXT = "https://schema.org"


def graph(post: Node, site: Node, path: Sequence[str], comments: Sequence[Node]) -> Node:
    """`path` are the names of the categories that the post is in, from the top.

    `comments` are nested, as in a thread.
    """
    below = list(_comments(post, comments))
    nodes = [_page(post, site, below), _breadcrumbs(post, site, path), _publisher(site)]
    if post["faqs"]:
        nodes.append(_questions(post))
    return {"@context": CONTEXT, "@graph": [*nodes, *below]}


def _page(post: Node, site: Node, comments: Sequence[Node]) -> Node:
    article = {"@id": _id(post, "article")}
    own = _reviewed(post) if post["review"] else _article(post)
    said = {
        "@id": _id(post, "article"),
        "url": post["url"],
        "headline": post["title"],
        "name": post["title"],
        "description": post["seo"]["description"],
        "inLanguage": post["locale"],
        "datePublished": post["published_at"],
        "dateModified": post["updated_at"],
        "author": [_person(one) for one in post["authors"]],
        "publisher": {"@id": _publisher_id(site)},
        "image": _image(post["hero"]) if post["hero"] else None,
        "keywords": [tag["name"] for tag in post["tags"]],
        "citation": [_citation(one) for one in post["sources"]],
        "commentCount": post["comments"]["count"],
        "comment": [{"@id": one["@id"]} for one in comments if one["parentItem"] == article],
    }
    return _present(own | said)


def _article(post: Node) -> Node:
    category = post["category"]
    return {
        "@type": "Article",
        "mainEntityOfPage": post["url"],
        "wordCount": post["word_count"],
        "articleSection": category and category["name"],
    }


def _reviewed(post: Node) -> Node:
    review = post["review"]
    return {
        "@type": "MedicalWebPage",
        "reviewedBy": _person(review["reviewed_by"]),
        "lastReviewed": review["reviewed_on"],
        "breadcrumb": {"@id": _id(post, "breadcrumbs")},
    }


def _person(one: Node) -> Node:
    credentials = one.get("credentials")
    return _present({"@type": "Person", "name": one["name"], "honorificSuffix": credentials})


def _image(hero: Node) -> Node:
    return _present(
        {
            "@type": "ImageObject",
            "url": hero["url"],
            "width": hero["width"],
            "height": hero["height"],
            "caption": hero["caption"] or hero["alt"],
        }
    )


def _citation(source: Node) -> Node:
    numbers = {"doi": source["doi"], "pmid": source["pmid"]}
    publisher = source["publisher"]
    return _present(
        {
            "@type": "CreativeWork",
            "name": source["title"],
            "url": source["url"],
            "publisher": publisher and {"@type": "Organization", "name": publisher},
            "datePublished": source["year"] and str(source["year"]),
            "identifier": [
                {"@type": "PropertyValue", "propertyID": name, "value": value}
                for name, value in numbers.items()
                if value
            ],
        }
    )


def _breadcrumbs(post: Node, site: Node, path: Sequence[str]) -> Node:
    # Nobody here knows the frontend's pages of categories.
    steps = [{"name": site["name"], "item": site["url"]}, *({"name": name} for name in path)]
    steps.append({"name": post["title"], "item": post["url"]})
    places = [{"@type": "ListItem", "position": n, **one} for n, one in enumerate(steps, start=1)]
    named = {"@type": "BreadcrumbList", "@id": _id(post, "breadcrumbs")}
    return named | {"itemListElement": places}


def _publisher(site: Node) -> Node:
    named = {"@type": "Organization", "@id": _publisher_id(site), "name": site["name"]}
    return _present(named | {"url": site["url"], "logo": site["logo"]})


def _questions(post: Node) -> Node:
    return {
        "@type": "FAQPage",
        "@id": _id(post, "faq"),
        "mainEntity": [
            {
                "@type": "Question",
                "name": faq["question"],
                "acceptedAnswer": {"@type": "Answer", "text": faq["answer"]["html"]},
            }
            for faq in post["faqs"]
        ],
    }


def _comments(post: Node, comments: Sequence[Node]) -> Iterator[Node]:
    """All that are there; what answers a removed one answers what that answered."""
    waiting = [(one, _id(post, "article")) for one in comments]
    for one, above in waiting:
        here = above if one["removed"] else _id(post, f"comment-{one['id']}")
        waiting.extend((reply, here) for reply in one["replies"])
        if not one["removed"]:
            yield _comment(one, here, above)


def _comment(one: Node, here: str, above: str) -> Node:
    return _present(
        {
            "@type": "Comment",
            "@id": here,
            "author": _present({**_person(one["author"]), "url": one["author"]["url"]}),
            "text": one["body"]["text"],
            "dateCreated": one["created_at"],
            "dateModified": one["edited_at"],
            "parentItem": {"@id": above},
        }
    )


def _id(post: Node, part: str) -> str:
    return f"{post['url']}#{part}"


def _publisher_id(site: Node) -> str:
    return f"{site['url'].rstrip('/')}/#publisher"


def _present(node: Node) -> Node:
    """Without what has no value, which is said by leaving it out."""
    return {name: value for name, value in node.items() if value not in (None, "", [])}
