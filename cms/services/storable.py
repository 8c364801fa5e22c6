"""Which text can be kept, by one rule for requests and commands alike."""

import re

from cms.errors import Invalid

LONGEST_NAME = 80
# What XML 1.0 can not carry, so that every feed can carry every text. The databases disagree
# about some of it as well.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# A name stands on one line, and in a terminal: there, these would move the cursor.
NOT_IN_NAMES = re.compile(f"{FORBIDDEN.pattern}|[\t\n\r\x7f-\x9f\u2028\u2029]")


def checked_name(text: str, pointer: str = "/name") -> str:
    """A name without the space around it. Raises Invalid at `pointer`, saying what is wrong."""
    name = text.strip()
    found = NOT_IN_NAMES.search(name)
    if not name:
        raise Invalid(pointer, "The name is empty.")
    if found is not None:
        detail = f"The name holds a control character (U+{ord(found[0]):04X}), character"
        raise Invalid(pointer, f"{detail} {found.start() + 1} of it.")
    if len(name) > LONGEST_NAME:
        detail = f"The name has {len(name)} characters, and {LONGEST_NAME} is the most."
        raise Invalid(pointer, detail)
    return name
