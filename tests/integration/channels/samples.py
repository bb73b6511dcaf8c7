"""What the tests of channels send, and when."""

from datetime import UTC, datetime
from uuid import UUID

from overturn.channels import Package
from overturn.packages import PackageFile

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
FILES = [
    PackageFile("appeal-part-1-of-2.pdf", b"%PDF-one", 1),
    PackageFile("appeal-part-2-of-2.pdf", b"%PDF-two", 1),
]
KEY = UUID("7f000000-0000-4000-8000-000000000001")


def package(to: str, entered: str = "") -> Package:
    return Package(KEY, to, tuple(FILES), entered)


def clock() -> datetime:
    return NOW
