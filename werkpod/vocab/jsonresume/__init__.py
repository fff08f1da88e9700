"""JSON Resume (https://jsonresume.org/schema, 1.x) -> sections of a CV, with an account of every value in the file."""

from werkpod.vocab.jsonresume.errors import NotAResume
from werkpod.vocab.jsonresume.outcome import Outcome, Placed, Reason, Scalar, Unplaced
from werkpod.vocab.jsonresume.place import import_resume
from werkpod.vocab.jsonresume.source import LARGEST_FILE, leaves, read

__all__ = [
    "LARGEST_FILE",
    "NotAResume",
    "Outcome",
    "Placed",
    "Reason",
    "Scalar",
    "Unplaced",
    "import_resume",
    "leaves",
    "read",
]
