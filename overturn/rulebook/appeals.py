"""The tables of appeals: the documents a payer asks for, and what a channel takes."""

from pathlib import Path
from typing import Final

from overturn.domain.appeal_package import ChannelLimits
from overturn.domain.channel_names import APPEAL_CHANNELS, ChannelName
from overturn.domain.checklist import RequiredDocument, Supplier
from overturn.domain.codes import Category
from overturn.rulebook.cells import Row, RulebookError, check_unique, convert, read_rows

DOCUMENT_COLUMNS: Final = (
    *("document", "title", "payer_key", "letter", "category", "supplied_by", "test", "source"),
)
LIMIT_COLUMNS: Final = ("channel", "payer_key", "max_files", "max_megabytes", "max_pages", "source")
BYTES_A_MEGABYTE: Final = 1_000_000

Limits = dict[tuple[ChannelName, str | None], ChannelLimits]


def load_required_documents(directory: Path, payer_keys: set[str]) -> tuple[RequiredDocument, ...]:
    rows = read_rows(directory / "required_documents.csv", DOCUMENT_COLUMNS)
    check_unique(rows, "document", "payer_key", "letter", "category")
    return convert(rows, lambda row: _document(row, payer_keys))


def load_channel_limits(directory: Path, payer_keys: set[str]) -> Limits:
    """Limits by channel and payer; a row without a payer for every channel."""
    rows = read_rows(directory / "channel_limits.csv", LIMIT_COLUMNS)
    check_unique(rows, "channel", "payer_key")
    limits = dict(convert(rows, lambda row: _limit(row, payer_keys)))
    missing = ", ".join(channel for channel in APPEAL_CHANNELS if (channel, None) not in limits)
    if missing:
        raise RulebookError(
            [f"channel_limits.csv: there is no row for {missing} with payer_key blank: add it"]
        )
    return limits


def limits_of(limits: Limits, channel: ChannelName, payer_key: str | None) -> ChannelLimits:
    """What the channel takes: the payer's own limits, else those for any payer."""
    return limits.get((channel, payer_key)) or limits[channel, None]


def _document(row: Row, payer_keys: set[str]) -> RequiredDocument:
    return RequiredDocument(
        document=row.text("document"),
        title=row.text("title"),
        supplied_by=row.choice("supplied_by", Supplier),
        test=row.text("test"),
        source=row.text("source"),
        payer_key=_payer(row, payer_keys),
        letter=row.optional("letter"),
        category=row.optional_choice("category", Category),
    )


def _limit(row: Row, payer_keys: set[str]) -> tuple[tuple[ChannelName, str | None], ChannelLimits]:
    figures = {name: row.whole(name) for name in ("max_files", "max_megabytes", "max_pages")}
    for name, figure in figures.items():
        if figure < 1:
            raise row.fail(name, f"{figure} lets nothing through: write 1 or more")
    limits = ChannelLimits(
        max_files=figures["max_files"],
        max_bytes=figures["max_megabytes"] * BYTES_A_MEGABYTE,
        max_pages=figures["max_pages"],
    )
    return (row.choice("channel", ChannelName), _payer(row, payer_keys)), limits


def _payer(row: Row, payer_keys: set[str]) -> str | None:
    return row.known("payer_key", payer_keys, table="payers.csv") if row.cells["payer_key"] else None
