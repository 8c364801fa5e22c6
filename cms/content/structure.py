"""Which element may stand where, as tables: what `balance` goes by."""

from cms.content.allowed import BLOCKS, PHRASING_BLOCKS

# Boxes that we do not keep: their edges only part paragraphs.
BOXES = frozenset(
    {"address", "article", "aside", "body", "center", "details", "dialog", "dir", "div"}
    | {"fieldset", "footer", "form", "frameset", "header", "hgroup", "html", "legend"}
    | {"main", "menu", "nav", "noscript", "option", "section", "select", "summary"}
    | {"video"}
)

# What a child must have around it; found by closing what is in between.
PARENTS = {
    "li": {"ul", "ol"},
    "dt": {"dl"},
    "dd": {"dl"},
    "figcaption": {"figure"},
    "caption": {"table"},
    "thead": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "tr": {"thead", "tbody", "tfoot", "table"},
    "td": {"tr"},
    "th": {"tr"},
}

# What text needs around it in a place that can not hold text. "" is the top.
IMPLIED = {
    "": "p",
    "blockquote": "p",
    "table": "tr",
    "thead": "tr",
    "tbody": "tr",
    "tfoot": "tr",
    "tr": "td",
    "ul": "li",
    "ol": "li",
    "dl": "dd",
    "pre": "code",  # A parser drops a newline after <pre> each time; never after <code>.
}

CELLS = frozenset({"td", "th", "caption"})
BOUNDS = (BLOCKS - PHRASING_BLOCKS - PARENTS.keys()) | CELLS  # No list item ends across these.
