"""Email addresses in the one spelling that is stored and looked up: of users and of readers."""

import unicodedata

from email_validator import validate_email

from cms.errors import Invalid

LONGEST = 254


def spelled(text: str) -> str:
    """The one spelling of an address. Raises ValueError. Nothing is asked of any mail server."""
    # `.test` is a domain for examples: refusing it would help nobody.
    found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    if "=?" in found.local_part:
        # In the head of a mail, this begins words in a code that say another address.
        raise ValueError("An address must not hold =?.")
    address = _lower(found.normalized)
    # Lower case may take more characters than capitals.
    if len(address) > LONGEST:
        raise ValueError(f"An address has at most {LONGEST} characters.")
    return address


def checked(text: str, pointer: str) -> str:
    """The spelling of an address. Raises Invalid at `pointer` for what is not one."""
    try:
        return spelled(text)
    except ValueError as error:
        raise Invalid(pointer, str(error)) from None


def folded(text: str) -> str:
    """The spelling to look an address up by; what is not an address finds nobody."""
    try:
        return spelled(text)
    except ValueError:
        return _lower(text.strip())


def for_head(address: str) -> str:
    """An address as the head of a mail has it: with its domain in ASCII, which any server takes."""
    found = validate_email(address, check_deliverability=False, test_environment=True)
    return found.ascii_email or address


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text.lower())
