"""Strings that attack a reader's browser, and a judge of what came of them.

The judge has its own list of what is allowed, so that a mistake in the product's list shows.
"""

import re

from selectolax.lexbor import LexborHTMLParser

SCRIPTS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script >",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<<x>script>alert(1)<</x>/script>",
    "<script><!--<script>alert(1)--></script>",
    "<svg><script>alert(1)</script></svg>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><a xlink:href='javascript:alert(1)'><text y=20>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math href='javascript:alert(1)'>x</math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='javascript:alert(1)'>",
    "<link rel=stylesheet href='javascript:alert(1)'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:alert(1)//'>",
    "<template><img src=x onerror=alert(1)></template>",
]

HANDLERS = [
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)//",
    "<img/src=x/onerror=alert(1)>",
    "<img src='x\"onerror=\"alert(1)'>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "' onmouseover='alert(1)' x='",
    "<p onclick=alert(1)>x</p>",
    "<a href=# onclick=alert(1)>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)><option>x</select>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<form action='javascript:alert(1)'><button>x</button></form>",
    "<button formaction='javascript:alert(1)'>x</button>",
    '![x" onerror="alert(1)](y)',
    "![x](y 'z\" onerror=\"alert(1)')",
    "[x](y '\" onclick=alert(1) \"')",
]

ADDRESSES = [
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a href='&#x6A;avascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='blob:https://evil.example/x'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='view-source:x'>x</a>",
    "<a href='media:javascript:alert(1)'>x</a>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img src='javascript:alert(1)'>",
    "<q cite='javascript:alert(1)'>x</q>",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<table background='javascript:alert(1)'><tr><td>x</table>",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](java&#115;cript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
]

# Harmless to one parse, not to the next: markup that changes its meaning when it is written out.
MUTATIONS = [
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",  # noqa: E501
    "<math><annotation-xml encoding='text/html'><style><img title='</style><img src onerror=alert(1)>'>",  # noqa: E501
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg><desc><noembed></desc><img src=x onerror=alert(1)></noembed></svg>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<textarea><p title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<title><p title='</title><img src=x onerror=alert(1)>'>",
    "<noembed><p title='</noembed><img src=x onerror=alert(1)>'>",
    "<noframes><p title='</noframes><img src=x onerror=alert(1)>'>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!---><img src=x onerror=alert(1)>-->",
    "<!--x--!><img src=x onerror=alert(1)>-->",
    "<![CDATA[><img src=x onerror=alert(1)>]]>",
    "<?xml ><img src=x onerror=alert(1)>?>",
    "</ ><img src=x onerror=alert(1)>",
    "<p title='`'><img title='` onerror=alert(1) '>",
    "<a href='x\"><img src=x onerror=alert(1)>'>y</a>",
    "<table><td><a href=x><table><a href='javascript:alert(1)'>y",
    "<p><b><i><a href=x><p><a href=y><div></b></i>z",
    "<img alt='&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;' src=x>",
    '```x" onclick=alert(1) y="\ncode\n```',
    "`<img src=x onerror=alert(1)>`",
    "<style>@import 'javascript:alert(1)';</style>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p id=cookie name=body class='modal hidden'>x</p>",
    "<img name=getElementById id=documentElement src=x>",
    "<a id=config href=x>x</a><a id=config name=url href='https://evil.example'>y</a>",
    "\x00<scr\x00ipt>alert(1)</script>",
    "\ud800<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]

HOSTILE = SCRIPTS + HANDLERS + ADDRESSES + MUTATIONS

_ELEMENTS = frozenset(
    {"a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del"}
    | {"dfn", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5"}
    | {"h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s"}
    | {"samp", "small", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th"}
    | {"thead", "tr", "u", "ul", "var"}
)
_ATTRIBUTES = frozenset(
    {"alt", "class", "colspan", "dir", "height", "href", "id", "lang", "rel", "rowspan"}
    | {"scope", "src", "start", "title", "value", "width"}
)
_CLASSES = re.compile(
    r"align-(left|center|right)|task-list-item|footnotes|footnote-(ref|item|backref)|source-ref"
    r"|language-[a-z0-9+#-]+"
)
_ADDRESS = re.compile(r"(https?:|mailto:|media:[A-Za-z0-9-]+$)|[^:]*$|[^:]*?[/?#]", re.IGNORECASE)


def violations(html: str) -> list[str]:
    """What a browser would find in this HTML that may not be there; empty if all is well."""
    found = []
    for node in LexborHTMLParser(f"<!doctype html><body>{html}").root.traverse():
        if node.tag in ("html", "head", "body") and not node.attributes:
            continue
        if node.tag not in _ELEMENTS:
            found.append(f"element {node.tag}")
        found += [wrong for item in node.attributes.items() if (wrong := _wrong(node.tag, *item))]
    return found


def _wrong(tag: str, name: str, value: str | None) -> str | None:
    address = re.sub(r"[\x00-\x20]", "", value or "")
    if name not in _ATTRIBUTES:
        return f"attribute {tag} {name}"
    if name in ("href", "src") and not _ADDRESS.match(address):
        return f"address {value!r}"
    if name == "class" and not all(map(_CLASSES.fullmatch, (value or "").split())):
        return f"class {value!r}"
    if name == "id" and tag not in ("h1", "h2", "h3", "h4", "h5", "h6", "li", "a"):
        return f"id {value!r} on {tag}"
    return None
