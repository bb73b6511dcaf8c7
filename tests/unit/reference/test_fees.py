"""Fee schedule look-ups: the date decides, what is not known is refused with the way out."""

from datetime import date
from decimal import Decimal

import pytest

from overturn.domain.fee_schedule import NATIONAL, RelativeValues
from overturn.reference.fees import CodeValues, FeeTables, Release, UnknownFeeError
from overturn.reference.pricing import load_fee_tables

TABLES = load_fee_tables()
IN_2024 = date(2024, 8, 1)


def test_values_come_from_the_release_of_the_date() -> None:
    found = TABLES.relative_values("97162", IN_2024)
    assert found.value == RelativeValues(Decimal("1.54"), Decimal("1.43"), Decimal("0.04"))
    assert "rvu24c_jul" in found.source
    assert not found.stale


def test_a_later_quarter_of_the_same_year_is_answered_as_stale() -> None:
    found = TABLES.relative_values("97162", date(2024, 11, 5))
    assert ("rvu24c_jul" in found.source, found.stale) == (True, True)


@pytest.mark.parametrize("on", [date(2021, 5, 5), date(2026, 3, 2)])
def test_a_year_without_a_release_is_refused(on: date) -> None:
    with pytest.raises(UnknownFeeError, match=rf"No RVUs of {on.year} for 97162.*reference import pprrvu"):
        TABLES.relative_values("97162", on)


@pytest.mark.parametrize(
    ("hcpcs", "says"), [("0552T", "priced by the contractor"), ("97014", "not valid for Medicare")]
)
def test_a_code_that_is_not_paid_by_values_is_refused_with_the_reason(hcpcs: str, says: str) -> None:
    with pytest.raises(UnknownFeeError, match=says):
        TABLES.relative_values(hcpcs, IN_2024)


def test_a_bundled_code_is_worth_nothing_by_itself() -> None:
    found = TABLES.relative_values("97010", IN_2024)
    assert found.value == RelativeValues(Decimal(0), Decimal(0), Decimal(0))
    assert "never paid by itself" in found.source


@pytest.mark.parametrize(("hcpcs", "always"), [("97110", True), ("97026", True), ("90912", False)])
def test_always_therapy_is_indicator_5(hcpcs: str, always: bool) -> None:
    found = TABLES.multiple_procedure(hcpcs, IN_2024)
    assert (found.value, found.stale) == (always, False)
    assert TABLES.multiple_procedure(hcpcs, date(2026, 3, 2)).stale


def test_whether_an_unknown_code_is_always_therapy_is_not_guessed() -> None:
    with pytest.raises(UnknownFeeError, match="say mppr true or false"):
        TABLES.multiple_procedure("12001", IN_2024)


@pytest.mark.parametrize(
    ("on", "factor"),
    [
        (date(2024, 3, 8), "32.7442"),
        (date(2024, 3, 9), "33.2875"),
        (date(2025, 12, 31), "32.3465"),
        (date(2026, 1, 1), "33.4009"),
    ],
)
def test_the_conversion_factor_follows_the_date(on: date, factor: str) -> None:
    assert TABLES.conversion_factor(on).value == Decimal(factor)


def test_a_qualifying_apm_participant_has_a_factor_of_its_own_since_2026() -> None:
    assert TABLES.conversion_factor(date(2026, 3, 2), qualifying_apm=True).value == Decimal("33.5675")
    assert TABLES.conversion_factor(date(2025, 3, 2), qualifying_apm=True).value == Decimal("32.3465")


def test_a_factor_of_no_table_comes_from_a_release_or_is_refused() -> None:
    on = date(2027, 2, 1)
    code = CodeValues("97110", "A", NATIONAL, "5")
    release = Release("PPRRVU27", date(2027, 1, 1), date(2027, 3, 31), {"97110": code}, Decimal("34.5"))
    assert FeeTables([release], (), ()).conversion_factor(on).value == Decimal("34.5")
    with pytest.raises(UnknownFeeError, match="give conversion_factor"):
        TABLES.conversion_factor(on)


@pytest.mark.parametrize(
    ("on", "rate"),
    [
        (date(2020, 4, 30), "0.02"),
        (date(2020, 5, 1), "0"),
        (date(2022, 3, 31), "0"),
        (date(2022, 4, 1), "0.01"),
        (date(2022, 6, 30), "0.01"),
        (date(2022, 7, 1), "0.02"),
        (date(2026, 11, 1), "0.02"),
    ],
)
def test_sequestration_was_suspended_and_came_back_in_steps(on: date, rate: str) -> None:
    assert TABLES.constant("sequestration_rate", on).value == Decimal(rate)


def test_the_assistant_s_reduction_began_in_2022() -> None:
    assert TABLES.constant_if_any("assistant_payment_factor", date(2021, 12, 31)) is None
    found = TABLES.constant_if_any("assistant_payment_factor", date(2022, 1, 1))
    assert found is not None
    assert found.value == Decimal("0.85")


@pytest.mark.parametrize(
    ("text", "pe"),
    [
        ("CA 01182-18", "1.183"),
        ("01182-18", "1.183"),
        ("0118218", "1.183"),
        ("CA 18", "1.183"),
        ("CA 01182-18 LOS ANGELES-LONG BEACH-ANAHEIM (LOS ANGELES/ORANGE CNTY)", "1.183"),
        ("AK 02102-01 ALASKA*", "1.065"),
        ("Rest of Florida", "0.956"),
        ("FL Rest of Florida", "0.956"),
        ("alabama", "0.875"),
        ("AL", "0.875"),
        ("national", "1.000"),
    ],
)
def test_a_locality_is_found_by_number_name_or_state(text: str, pe: str) -> None:
    assert TABLES.gpci(text, date(2026, 5, 1)).value.pe == Decimal(pe)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("FL", "names several localities.*FL 09102-03 FORT LAUDERDALE"),
        ("CA 99", "is no locality of 2026.*Choose one of: CA"),
        ("Atlantis", "is no locality of 2026"),
    ],
)
def test_a_locality_that_is_not_clear_is_refused_with_those_it_could_be(text: str, says: str) -> None:
    with pytest.raises(UnknownFeeError, match=says):
        TABLES.gpci(text, date(2026, 5, 1))


def test_a_year_without_indices_is_refused() -> None:
    with pytest.raises(UnknownFeeError, match="No GPCIs for 2025"):
        TABLES.gpci("AL", date(2025, 5, 1))
