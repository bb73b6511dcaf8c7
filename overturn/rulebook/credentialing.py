"""The tables of credentialing gaps: their signs, and what payers allow before an effective date."""

from pathlib import Path
from typing import Final

from overturn.domain.credentialing import GapSigns, Means, RetroactiveRule, SignKind
from overturn.rulebook.cells import Row, check_unique, convert, read_rows

SIGN_COLUMNS: Final = ("kind", "sign", "source")
RULE_COLUMNS: Final = (
    *("payer_key", "line_of_business", "means", "days_back", "source", "confidence"),
    *("effective_from", "effective_to"),
)


def load_gap_signs(directory: Path, causes: set[str]) -> GapSigns:
    """The signs by kind; a cause must be one that denials have."""
    rows = read_rows(directory / "credentialing_signs.csv", SIGN_COLUMNS)
    check_unique(rows, "kind", "sign")
    signs = convert(rows, lambda row: _sign(row, causes))
    return {kind: frozenset(sign for its, sign in signs if its is kind) for kind in SignKind}


def load_retroactive_rules(directory: Path, payers: set[str]) -> tuple[RetroactiveRule, ...]:
    rows = read_rows(directory / "retroactive_enrolment.csv", RULE_COLUMNS)
    check_unique(rows, "payer_key", "line_of_business", "means", "effective_from")
    return convert(rows, lambda row: _rule(row, payers))


def _sign(row: Row, causes: set[str]) -> tuple[SignKind, str]:
    kind = row.choice("kind", SignKind)
    row.text("source")
    known = kind is SignKind.CAUSE
    return kind, row.known("sign", causes, table="causes.csv") if known else row.text("sign")


def _rule(row: Row, payers: set[str]) -> RetroactiveRule:
    start, end = row.period("effective_from", "effective_to")
    means = row.choice("means", Means)
    days_back = row.whole("days_back") if row.optional("days_back") else None
    if means is Means.BILL and days_back is None:
        raise row.fail("days_back", "is empty: write how many days before the effective date are payable")
    return RetroactiveRule(
        payer_key=row.known("payer_key", payers, table="payers.csv") if row.optional("payer_key") else None,
        line_of_business=row.optional("line_of_business"),
        means=means,
        days_back=days_back,
        source=row.text("source"),
        confidence=row.text("confidence"),
        effective_from=start,
        effective_to=end,
    )
