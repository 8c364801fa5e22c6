"""Text, emphasis, links and pictures as Markdown on one line."""

import re
from collections.abc import Iterable
from html import escape

from selectolax.lexbor import LexborNode

from cms.content.allowed import VOID
from cms.content.tree import walk

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|^]")
_SPACE = re.compile(r"[ \t-\r\x1c-\x1f\x85]+")
_WIDE_SPACE = re.compile(r"[^\S ]")  # A parser would strip these from the ends of a line.
_DELIMITERS = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~"}
OTHER_SIZES = frozenset({"srcset", "sizes", "width", "height", "loading"})
_PLAIN_URL = re.compile(r"[!#-'*-;=?-Z^_a-z{}~]*")
_PLAIN_CODE = re.compile(r"[^\s`|](?:[^`|\n]*[^\s`|])?")


def inline_markdown(nodes: Iterable[LexborNode]) -> str:
    """Write inline nodes. White space at the ends is gone, and a line break is `<br>`."""
    out, ends, literal = [""], [], False
    for node, entering in walk(nodes):
        if node.is_text_node:
            out += [node.text_content if literal else _escaped(node.text_content)] * entering
        elif not entering:
            out.append(ends.pop())
            literal = False
        else:
            start, end = _notation(node, out[-1][-1:])
            literal = start == "`"
            out.append(start)
            ends.append(end)
    return "".join(out).strip(" ")


def _escaped(text: str) -> str:
    # Of white space, the space alone can be printed.
    is_plain = text.isprintable() and "  " not in text
    text = _SPECIAL.sub(r"\\\g<0>", text if is_plain else _SPACE.sub(" ", text))
    if text.endswith("!"):
        # A link may follow, which would be read as a picture.
        text = f"{text[:-1]}\\!"
    if is_plain:
        return text
    return _WIDE_SPACE.sub(lambda match: f"&#{ord(match[0])};", text)


def _notation(node: LexborNode, before: str) -> tuple[str, str]:
    """What to write before and after the content of an element."""
    attributes = {name: value or "" for name, value in node.attributes.items()}
    # Only images of the media library are lazy; their other sizes have no notation.
    if "loading" in attributes:
        attributes = {name: attributes[name] for name in attributes if name not in OTHER_SIZES}
    names = attributes.keys()
    if node.tag == "img" and names <= {"src", "alt"} and _is_plain(attributes.get("src", "")):
        return f"![{_escaped(attributes.get('alt', ''))}]({_url(attributes.get('src', ''))})", ""
    if node.tag == "a" and "href" in names <= {"href", "rel"} and _is_plain(attributes["href"]):
        return "[", f"]({_url(attributes['href'])})"
    if not names and (delimiter := _delimiter(node, before)):
        return delimiter, delimiter
    return _tag(node.tag, attributes), "" if node.tag in VOID else f"</{node.tag}>"


def _delimiter(node: LexborNode, before: str) -> str:
    """A delimiter that is sure to be read as one here, or none."""
    only = node.first_child
    if only is None or not only.is_text_node or only.next is not None:
        return ""
    text = only.text_content
    if node.tag == "code":
        return "`" if before != "`" and _PLAIN_CODE.fullmatch(text) else ""
    ends_are_letters = text[:1].isalnum() and text[-1:].isalnum()
    is_alone = before not in tuple("*_~") and (node.next is None or node.next.is_text_node)
    return _DELIMITERS.get(node.tag, "") if ends_are_letters and is_alone else ""


def _tag(name: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>".replace("\n", "&#10;").replace("|", "&#124;")


def _is_plain(url: str) -> bool:
    return bool(_PLAIN_URL.fullmatch(url))


def _url(url: str) -> str:
    return url.replace("&", "&amp;")
