"""What changed from one text to another, as readers get it: with a head, and of bounded length."""

from cms.content import diff

# Characters of a diff, beyond which it only says how much changed.
MOST_CHARACTERS = 100_000

HEADER = "--- before\n+++ after\n"
COARSE = "Too much changed to compare line by line: a part is shown as replaced as a whole.\n"
TOO_LONG = "Too much changed to show: {} lines were taken out, and {} put in.\n"


def unified(before: str, after: str) -> str:
    """A unified diff of lines with three lines around each change; empty for equal texts.

    Where too much changed to be compared, a line above the diff says so.
    """
    found = diff.compare(before, after)
    if not found.text:
        return ""
    if len(found.text) > MOST_CHARACTERS:
        lines = found.text.split("\n")
        return TOO_LONG.format(*(sum(line.startswith(sign) for line in lines) for sign in "-+"))
    return f"{COARSE if found.coarse else ''}{HEADER}{found.text}\n"
