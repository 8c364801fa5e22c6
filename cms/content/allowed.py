"""The markup that may leave this system. Nothing else does, whatever came in.

Change PIPELINE_VERSION with this list, so that what is already stored is rendered again.
"""

import re

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

# Blocks that hold only text, inline elements and images.
PHRASING_BLOCKS = HEADINGS | {"p"}

TABLE_PARTS = frozenset({"caption", "thead", "tbody", "tfoot", "tr", "th", "td"})

BLOCKS = (
    PHRASING_BLOCKS
    | TABLE_PARTS
    | {"blockquote", "pre", "table", "hr", "ul", "ol", "li", "dl", "dt", "dd"}
    | {"figure", "figcaption"}
)

INLINE = frozenset(
    {"a", "abbr", "b", "br", "cite", "code", "del", "dfn", "em", "i", "img", "ins", "kbd"}
    | {"mark", "q", "s", "samp", "small", "strong", "sub", "sup", "u", "var"}
)

VOID = frozenset({"br", "hr", "img"})

ELEMENTS = BLOCKS | INLINE

# Attributes of one element; those under "*" are for every element.
ATTRIBUTES = {
    "*": {"class", "dir", "lang", "title"},
    "a": {"href", "id"},
    "img": {"alt", "height", "src", "width"},
    "li": {"id", "value"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}

# `media:ID` names a file of the media library; delivery puts its address there.
LINK_SCHEMES = frozenset({"http", "https", "mailto", "media"})
IMAGE_SCHEMES = frozenset({"http", "https", "media"})

# Only footnotes keep an id from the source; heading ids are made by us. Any other id would let
# an author shadow names that a site's scripts look up (DOM clobbering).
FOOTNOTE_ID = re.compile(r"fn(?:ref)?[0-9]{1,6}(?::[0-9]{1,6})?")

# Where a frontend shows the sources: no heading takes these anchors.
SOURCE_ID = re.compile(r"source-[0-9]{1,3}")

CLASSES = re.compile(
    r"align-(?:left|center|right)"
    r"|task-list-item"
    r"|footnotes|footnote-(?:ref|item|backref)|source-ref"
    r"|language-[a-z0-9+#-]{1,30}"
)

# Whole values of the remaining attributes; those not named here are free text.
VALUES = {
    "colspan": re.compile(r"[1-9][0-9]{0,2}"),
    "dir": re.compile(r"ltr|rtl|auto"),
    "height": re.compile(r"[0-9]{1,5}"),
    "id": FOOTNOTE_ID,
    "lang": re.compile(r"[A-Za-z0-9-]{1,35}"),
    "rowspan": re.compile(r"[1-9][0-9]{0,2}"),
    "scope": re.compile(r"row|col|rowgroup|colgroup"),
    "start": re.compile(r"[0-9]{1,9}"),
    "value": re.compile(r"[0-9]{1,9}"),
    "width": re.compile(r"[0-9]{1,5}"),
}
