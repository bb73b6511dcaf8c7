"""Which authority binds: by payer and by the date of service."""

from datetime import date

import pytest

from overturn.domain.citations import Citation, Confidence, UnknownCitationError, citations_for
from overturn.domain.codes import PayerScope


def citation(key: str = "rule", **changes: object) -> Citation:
    given: dict[str, object] = {
        "key": key,
        "text": f"text of {key}",
        "scope": PayerScope.MEDICARE,
        "source": "the regulation",
        "confidence": Confidence.HIGH,
        **changes,
    }
    return Citation(**given)  # type: ignore[arg-type]


ON = date(2024, 7, 9)


def test_a_medicare_rule_binds_medicare_only() -> None:
    assert citation().applies(scope="MEDICARE", on=ON)
    assert not citation().applies(scope="ANY", on=ON)


def test_a_rule_for_every_payer_binds_medicare_too() -> None:
    general = citation(scope=PayerScope.ANY)
    assert general.applies(scope="MEDICARE", on=ON)
    assert general.applies(scope="ANY", on=ON)


@pytest.mark.parametrize(
    ("start", "end", "binds"),
    [
        (ON, ON, True),
        (date(2024, 7, 10), None, False),
        (None, date(2024, 7, 8), False),
        (None, None, True),
    ],
)
def test_a_rule_binds_while_it_is_in_force(start: date | None, end: date | None, binds: bool) -> None:
    assert citation(effective_from=start, effective_to=end).applies(scope="MEDICARE", on=ON) is binds


def test_citations_stand_in_the_order_of_the_letter() -> None:
    table = {key: citation(key) for key in ("first", "second")}
    found = citations_for(["second", "first"], table=table, scope="MEDICARE", on=ON)
    assert [c.key for c in found] == ["second", "first"]


def test_an_unknown_key_is_named_with_the_way_out() -> None:
    with pytest.raises(
        UnknownCitationError, match=r"cites a, b, which rules/citations\.csv does not have: add"
    ):
        citations_for(["a", "b"], table={}, scope="ANY", on=ON)
