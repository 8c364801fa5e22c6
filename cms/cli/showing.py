"""Text that others chose, as a terminal may show it."""


def safe(text: str) -> str:
    """The text with what is no letter, mark or plain space escaped, so that it moves no cursor.

    C1 controls and marks that turn the direction of text are among that.
    """
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def row(parts: list[str]) -> str:
    """Columns, parted by tabs."""
    return "\t".join(map(safe, parts))


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
