"""Email addresses in the one spelling that is stored and looked up."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from cms.errors import Invalid

LONGEST = 254


def checked(text: str, pointer: str) -> str:
    """The stored spelling of an address. Raises Invalid at `pointer` for what is not one."""
    try:
        found = _folded(_normalized(text))
    except EmailNotValidError as error:
        raise Invalid(pointer, str(error)) from None
    if len(found) > LONGEST:
        raise Invalid(pointer, f"An address has at most {LONGEST} characters.")
    return found


def folded(text: str) -> str:
    """The spelling to look an address up by; what is not an address finds nobody."""
    try:
        return _folded(_normalized(text))
    except EmailNotValidError:
        return _folded(text)


def _normalized(text: str) -> str:
    return validate_email(text.strip(), check_deliverability=False).normalized


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip().lower())
