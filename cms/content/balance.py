"""Rewrite any HTML as balanced, shallow, allowed tags, in one linear pass.

HTML parsers, nh3's and Lexbor's too, take quadratic time on deep or unclosed tags: 100,000
nested `<div>` cost them 15 s. And dropping the tags of `<div>a</div><div>b</div>` would join
the words. So this comes first: it keeps every text in its place, ends what was left open, and
turns unknown boxes into paragraphs. It is not the sanitiser; that sees its output.
"""

from collections import Counter

from cms.content.allowed import BLOCKS, INLINE, PHRASING_BLOCKS, TABLE_PARTS, VOID
from cms.content.structure import BOUNDS, BOXES, CELLS, IMPLIED, PARENTS
from cms.content.tags import Tag, attributes_of, start_tag, tokens_of

MAX_DEPTH = 100

MAX_CONTINUED = 3

_SPACE = " \t\n\f\r"


def balance(html: str) -> str:
    """Return allowed tags only, each closed, at most MAX_DEPTH deep and a few more."""
    return _Balancer(spare=len(html)).run(html)


class _Balancer:
    def __init__(self, spare: int):
        self.out: list[str] = []
        self.stack: list[tuple[str, str]] = []  # Of (name, start tag as written out).
        self.open: Counter[str] = Counter()
        self.continued: list[tuple[str, str]] = []
        self.spare = spare  # How many characters may be repeated, so that output stays linear.
        self.parted = False  # A box began or ended here: text goes to a paragraph of its own.

    @property
    def top(self) -> str:
        return self.stack[-1][0] if self.stack else ""

    def run(self, html: str) -> str:
        for token in tokens_of(html):
            if isinstance(token, str):
                self.text(token)
            elif token.is_end:
                self.end(token.name)
            else:
                self.start(token)
        self.pop_to(0)
        return "".join(self.out)

    def text(self, text: str) -> None:
        if self.top == "pre":
            text = text.removeprefix("\n")
        is_blank = not text.strip(_SPACE)
        if is_blank and self.top in ("", "pre"):
            return
        if not is_blank:
            self.make_room("inline")
        self.out.append(text.replace("<", "&lt;").replace(">", "&gt;"))

    def start(self, tag: Tag) -> None:
        name = tag.name
        if name == "input" and "checkbox" in tag.attributes.lower():
            self.text("☑" if "checked" in attributes_of(tag) else "☐")
        elif name in INLINE:
            self.start_inline(name, tag)
        elif self.open["pre"]:
            pass
        elif name in BOXES or (name in PARENTS and not self.find_place(name)):
            self.part()
        elif name in BLOCKS:
            self.start_block(name, tag)

    def start_inline(self, name: str, tag: Tag) -> None:
        if name == "a" and self.open["a"]:
            self.end("a")
        if not (name == "code" and self.top == "pre"):
            self.make_room("inline")
        if name in VOID:
            self.out.append(start_tag(tag))
        elif len(self.stack) < MAX_DEPTH:
            self.push(name, start_tag(tag))

    def start_block(self, name: str, tag: Tag) -> None:
        if name not in PARENTS:
            self.close_paragraph()
            self.make_room("block")
        if name in VOID:
            self.out.append(start_tag(tag))
        elif name in PARENTS or len(self.stack) < MAX_DEPTH:
            self.push(name, start_tag(tag))

    def end(self, name: str) -> None:
        if name in BOXES or (name == "p" and not self.open["p"]):
            self.part()
        elif self.open[name]:
            self.pop_to(self.index_of(name))
        else:
            self.continued = [entry for entry in self.continued if entry[0] != name]

    def index_of(self, name: str) -> int:
        """Where the element is that this end tag may close, or past the end of the stack."""
        walls = BLOCKS if name in INLINE - {"a"} else CELLS
        walls = frozenset() if name in TABLE_PARTS | {"table"} else walls
        for index in reversed(range(len(self.stack))):
            if self.stack[index][0] == name:
                return index
            if self.stack[index][0] in walls:
                break
        return len(self.stack)

    def find_place(self, name: str) -> bool:
        """Close what is between here and the parent that `name` needs; False if it has none."""
        walls = {"table"} if name in TABLE_PARTS else BOUNDS
        for index in reversed(range(len(self.stack))):
            if self.stack[index][0] in PARENTS[name]:
                self.pop_to(index + 1)
                return True
            if self.stack[index][0] in walls:
                break
        if name in ("td", "th") and self.find_place("tr"):
            self.push("tr")
            return True
        return False

    def part(self) -> None:
        """The edge of a box: what follows is not in the same paragraph."""
        if self.open["pre"]:
            self.out.append("\n" if self.top != "pre" else "")
        else:
            self.close_paragraph()
            self.parted = True

    def close_paragraph(self) -> None:
        for index in reversed(range(len(self.stack))):
            if self.stack[index][0] in PHRASING_BLOCKS:
                return self.pop_to(index)
            if self.stack[index][0] in BLOCKS:
                return None
        return None

    def make_room(self, kind: str) -> None:
        """Open what must be around text, an inline element or a block here."""
        while (child := IMPLIED.get(self.top)) and (kind == "inline" or child != "p"):
            self.push(child)
        if kind == "inline" and self.parted:
            self.push("p")
        self.parted = False

    def push(self, name: str, written: str = "") -> None:
        self.out.append(written or f"<{name}>")
        self.stack.append((name, written or f"<{name}>"))
        self.open[name] += 1
        self.parted = False
        if name in PHRASING_BLOCKS:
            self.resume()

    def resume(self) -> None:
        """Go on with the links and emphasis that were open around the paragraph before."""
        continued, self.continued = self.continued, []
        for name, written in continued:
            self.spare -= len(written)
            if self.spare > 0 and len(self.stack) < MAX_DEPTH:
                self.push(name, written)

    def pop_to(self, length: int) -> None:
        closed = self.stack[length:]
        del self.stack[length:]
        for name, _ in reversed(closed):
            self.out.append(f"</{name}>")
            self.open[name] -= 1
            self.parted = self.parted or name in BLOCKS
        if closed and closed[0][0] in PHRASING_BLOCKS:
            self.continued = closed[1 : 1 + MAX_CONTINUED]
