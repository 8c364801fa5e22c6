"""Files that people upload: what they are, and what may be kept of them.

Pure: bytes in, bytes out. No Flask, no database, nothing of the site but its limits.
"""

from cms.files.cleaning import Cleaned, Limits, StoredFile, clean
from cms.files.kinds import IMAGES, KINDS, FileKind
from cms.files.refusals import BrokenFile, FileRefused, ImageTooLarge, UnknownKind

__all__ = [
    "IMAGES",
    "KINDS",
    "BrokenFile",
    "Cleaned",
    "FileKind",
    "FileRefused",
    "ImageTooLarge",
    "Limits",
    "StoredFile",
    "UnknownKind",
    "clean",
]
