"""Comments are plain text: paragraphs and line breaks, and nothing else."""

import re
from dataclasses import dataclass
from html import escape

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CommentText:
    """A reader's comment: `html` of `<p>` and `<br>` only, and the same as plain `text`."""

    html: str
    text: str


def render_comment(source: str) -> CommentText:
    """Show plain text as it was written: blank lines part paragraphs, other line ends stay.

    Everything that looks like markup is escaped, quotes too. Control characters are removed.
    An empty comment gives two empty strings.
    """
    plain = _INVISIBLE.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(line.split()) for line in plain.split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    paragraphs = text.split("\n\n") if text else []
    return CommentText(html="".join(map(_paragraph, paragraphs)), text=text)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>"
