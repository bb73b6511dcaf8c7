"""The generated denials against the denial map: every pair exists and means there what it means here."""

import csv
from pathlib import Path

import pytest

from overturn.synthetic.denial_reasons import (
    CATEGORY_WEIGHTS,
    DENIAL_REASONS,
    UNKNOWN_CARC,
    UNKNOWN_RARC,
    DenialReason,
    reasons_of,
)
from overturn.synthetic.practice import MEDICARE, MEDICARE_ADVANTAGE, Payer

REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference"
SAYS_NOTHING = {"MA130"}  # rides along; the other remark decides

Row = dict[str, str]


@pytest.fixture(scope="module")
def denial_map() -> list[Row]:
    if not REFERENCE.is_dir():
        pytest.skip(f"{REFERENCE} is not here")
    with (REFERENCE / "denial_map.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def codes_of(name: str) -> set[str]:
    if not REFERENCE.is_dir():
        pytest.skip(f"{REFERENCE} is not here")
    with (REFERENCE / name).open(encoding="utf-8") as file:
        return {next(iter(row.values())) for row in csv.DictReader(file)}


def most_specific_row(denial_map: list[Row], reason: DenialReason, payer: Payer) -> Row:
    remarks = {*reason.all_rarcs} - SAYS_NOTHING
    scopes = {"ANY", "MEDICARE"} if payer is MEDICARE else {"ANY"}
    fitting = [
        row
        for row in denial_map
        if (row["carc"], row["group"]) == (reason.carc, reason.group)
        and row["rarc"] in {"", *remarks}
        and row["payer_scope"] in scopes
    ]
    return max(fitting, key=lambda row: (bool(row["rarc"]), row["payer_scope"] != "ANY"))


PROVED = {
    ("97", "M80"): "the pair's edit has indicator 1 and no modifier is there: a reopening, not an appeal",
    ("97", "N20"): "the same for other payers: a corrected claim",
}
"""Codes whose meaning the claim and the edit table prove otherwise than the map says."""


@pytest.mark.parametrize(
    "reason",
    [r for r in DENIAL_REASONS if (r.carc, *r.rarcs) not in PROVED],
    ids=lambda r: "-".join((r.group, r.carc, *r.all_rarcs)),
)
def test_the_map_says_the_same_of_every_reason(denial_map: list[Row], reason: DenialReason) -> None:
    for payer in reason.payers:
        row = most_specific_row(denial_map, reason, payer)
        assert (row["is_denial"], row["category"], row["usual_fix"]) == (
            "yes",
            reason.category,
            reason.action,
        )


def test_what_medicare_advantage_denies_does_not_hang_on_the_payer(denial_map: list[Row]) -> None:
    for reason in DENIAL_REASONS:
        if MEDICARE_ADVANTAGE not in reason.payers:
            continue
        scopes = {
            row["payer_scope"]
            for row in denial_map
            if (row["carc"], row["group"]) == (reason.carc, reason.group)
            and row["rarc"] in {"", *reason.all_rarcs}
            and (row["category"], row["usual_fix"]) != (reason.category, reason.action)
        }
        assert "MEDICARE" not in scopes


def test_every_known_remark_is_in_the_official_list_and_the_unknown_one_is_not() -> None:
    listed = codes_of("rarc.csv")
    assert {rarc for reason in DENIAL_REASONS for rarc in reason.all_rarcs} <= listed
    assert UNKNOWN_RARC not in listed


def test_the_unknown_adjustment_reason_is_in_no_list() -> None:
    assert UNKNOWN_CARC not in codes_of("carc.csv")


def test_every_weighted_category_has_reasons_and_every_reason_a_weight() -> None:
    assert all(reasons_of(category) for category in CATEGORY_WEIGHTS)
    assert {reason.category for reason in DENIAL_REASONS} == set(CATEGORY_WEIGHTS)
