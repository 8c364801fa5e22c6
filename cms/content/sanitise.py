"""Let nothing through that `allowed` does not name."""

import re

import nh3

from cms.content.allowed import (
    ATTRIBUTES,
    CLASSES,
    ELEMENTS,
    IMAGE_SCHEMES,
    LINK_SCHEMES,
    VALUES,
)

# Browsers take these out of an address before they read its scheme.
_IGNORED_IN_URLS = re.compile(r"[\t\n\r]|^[\x00-\x20]+|[\x00-\x20]+$")
_SCHEME = re.compile(r"([^/?#:]*):")
_MEDIA = re.compile(r"media:[A-Za-z0-9-]{1,64}")

_SCHEMES = {"href": LINK_SCHEMES, "src": IMAGE_SCHEMES}


def sanitise(html: str) -> str:
    return _CLEANER.clean(html)


def _filter(_tag: str, name: str, value: str) -> str | None:
    """The value that may stay, or None to drop the attribute."""
    if name == "class":
        return _classes(value)
    if name in _SCHEMES:
        return _url(value, _SCHEMES[name])
    if name in VALUES:
        return value if VALUES[name].fullmatch(value) else None
    return value


def _classes(value: str) -> str | None:
    kept = [name for name in value.lower().split() if CLASSES.fullmatch(name)]
    return " ".join(kept) or None


def _url(value: str, schemes: frozenset[str]) -> str | None:
    url = _IGNORED_IN_URLS.sub("", value)
    scheme = _SCHEME.match(url)
    if scheme is None:
        return url
    name = scheme[1].lower()
    if name not in schemes or (name == "media" and not _MEDIA.fullmatch(url)):
        return None
    return url


_CLEANER = nh3.Cleaner(
    tags=set(ELEMENTS),
    clean_content_tags={"script", "style"},
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    attribute_filter=_filter,
    strip_comments=True,
    link_rel=None,  # `tree` sets it, on links to other sites only.
    url_schemes=set(LINK_SCHEMES),
)
