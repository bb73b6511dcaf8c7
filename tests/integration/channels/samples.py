"""What the tests of channels send, and when."""

from datetime import UTC, datetime

from overturn.packages import PackageFile

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
FILES = [
    PackageFile("appeal-part-1-of-2.pdf", b"%PDF-one", 1),
    PackageFile("appeal-part-2-of-2.pdf", b"%PDF-two", 1),
]


def clock() -> datetime:
    return NOW
