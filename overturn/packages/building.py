"""A package as PDF files: one, or as many as the channel's limits ask for, with pages numbered through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

from pypdf import PdfReader

from overturn.domain.appeal_package import AppealPackage, ChannelLimits, Document, PackageRecord
from overturn.packages.forms import forms_for
from overturn.packages.typesetting import Item, Part, typeset

UNLIMITED: Final = ChannelLimits(max_files=1, max_bytes=10**9, max_pages=10**6)


class PackageError(ValueError):
    """The package cannot be made or does not fit the channel; the message says what to do."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file to send. `pages` counts its own pages."""

    name: str
    content: bytes
    pages: int


def build_package(package: AppealPackage, *, limits: ChannelLimits = UNLIMITED) -> list[PackageFile]:
    """The files of an appeal, the first with cover sheet and letter, each with a table of its exhibits.

    Each page says "Claim … page n of N", counted through all files. The same package makes the same bytes.

    Raises:
        PackageError: it needs more files than the channel takes, or something in it cannot be typeset.
    """
    items = list(_items(package))
    whole = _made(package, items, first=1, total=0, part=1, parts=1, with_letter=True)
    if _fits(whole, limits):
        return [whole]
    groups = _split(package, items, whole, limits)
    if len(groups) > limits.max_files:
        raise PackageError(
            f"The package has {whole.pages} pages and {len(whole.content):,} bytes. It needs {len(groups)} "
            f"files and this channel takes {limits.max_files}: leave out exhibits, or choose another channel."
        )
    return _in_parts(package, groups, limits)


def build_appeal(record: PackageRecord, *, limits: ChannelLimits = UNLIMITED) -> list[PackageFile]:
    """The files of an appeal as the record has it, with the forms its payer wants at this level."""
    forms = forms_for(record.line_of_business, record.level, record.facts)
    return build_package(replace(record.package, forms=forms), limits=limits)


def _items(package: AppealPackage) -> Iterator[Item]:
    """Forms first, without a number, then the exhibits from 1."""
    for position, form in enumerate(package.forms, start=1):
        yield Item(heading=form.title, number="Form", label=f"form-{position}", content=form)
    for number, exhibit in enumerate(package.exhibits, start=1):
        pages = exhibit.pages if isinstance(exhibit, Document) else 0
        yield Item(
            heading=f"Exhibit {number}: {exhibit.title}",
            number=str(number),
            label=f"exhibit-{number}",
            content=exhibit,
            end=pages,
        )


def _made(
    package: AppealPackage,
    items: Sequence[Item],
    *,
    first: int,
    total: int,
    part: int,
    parts: int,
    with_letter: bool,
) -> PackageFile:
    name = "appeal.pdf" if parts == 1 else f"appeal-part-{part}-of-{parts}.pdf"
    content = typeset(package, Part(tuple(items), first, total, part, parts, with_letter))
    return PackageFile(name, content, len(PdfReader(BytesIO(content)).pages))


def _fits(file: PackageFile, limits: ChannelLimits) -> bool:
    return len(file.content) <= limits.max_bytes and file.pages <= limits.max_pages


def _split(
    package: AppealPackage, items: Sequence[Item], whole: PackageFile, limits: ChannelLimits
) -> list[list[Item]]:
    """Items in groups, each of which makes a file the channel takes; the order stays."""
    front = _made(package, [], first=1, total=0, part=1, parts=2, with_letter=True)
    if not _fits(front, limits):
        raise PackageError(
            f"Cover sheet and letter alone have {front.pages} pages and {len(front.content):,} bytes, more "
            "than this channel takes in a file: choose another channel."
        )
    waiting, groups = list(items), [[]]  # type: tuple[list[Item], list[list[Item]]]
    while waiting:
        item = waiting.pop(0)
        file = _trial(package, [*groups[-1], item], limits, with_letter=len(groups) == 1)
        if file:
            groups[-1].append(item)
        elif groups[-1] or len(groups) == 1:
            groups.append([])
            waiting.insert(0, item)
        else:
            waiting[:0] = _halves(item, limits)
        if len(groups) > len(items) + whole.pages:  # cannot be: every group takes a page at least
            raise PackageError("The package cannot be split: choose another channel.")
    return groups


def _trial(
    package: AppealPackage, items: Sequence[Item], limits: ChannelLimits, *, with_letter: bool
) -> bool:
    file = _made(package, items, first=1, total=999, part=1, parts=2, with_letter=with_letter)
    return _fits(file, limits)


def _halves(item: Item, limits: ChannelLimits) -> list[Item]:
    """A document too large for a file of its own, in two: the pages go on under the same exhibit."""
    pages = item.end - item.start + 1
    if not isinstance(item.content, Document) or pages < 2:  # noqa: PLR2004 - two halves
        raise PackageError(
            f"{item.heading} does not fit into a file of {limits.max_bytes:,} bytes and {limits.max_pages} "
            "pages: supply it smaller, or choose another channel."
        )
    middle = item.start + pages // 2 - 1
    later = replace(item, start=middle + 1, label=f"{item.label}-{middle + 1}")
    return [replace(item, end=middle), later]


def _in_parts(
    package: AppealPackage, groups: Sequence[Sequence[Item]], limits: ChannelLimits
) -> list[PackageFile]:
    """Every part once to learn its pages, and once with the numbers that count through all of them."""
    count = len(groups)

    def made(position: int, first: int, total: int) -> PackageFile:
        return _made(
            package,
            groups[position],
            first=first,
            total=total,
            part=position + 1,
            parts=count,
            with_letter=position == 0,
        )

    pages = [made(position, 1, 999).pages for position in range(count)]
    firsts = [1 + sum(pages[:position]) for position in range(count)]
    files = [made(position, first, sum(pages)) for position, first in enumerate(firsts)]
    if not all(_fits(file, limits) for file in files):
        raise PackageError("A part came out larger than this channel takes: choose another channel.")
    return files
