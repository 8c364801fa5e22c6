"""Why a file is not taken. The message is for the person who sent it."""


class FileRefused(ValueError):
    """A file that is not kept."""


class UnknownKind(FileRefused):
    """Its first bytes are of no kind that is taken."""


class BrokenFile(FileRefused):
    """It can not be read to its end: cut short, damaged, or something else in disguise."""


class ImageTooLarge(FileRefused):
    """More pixels, or more frames, than are decoded here."""
