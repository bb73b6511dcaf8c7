"""Pair edits and unit limits: which row of which table answers for a date and a payer."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.codes import PayerScope
from overturn.domain.edit_pairs import (
    EditTables,
    PairEdit,
    ReferenceTable,
    TableSource,
    UnitLimit,
    Verdict,
    bypassed_by,
    quarter_of,
)
from overturn.domain.payers import PayerContext

IN_QUARTER = date(2024, 8, 1)
SUMMER = (date(2024, 7, 1), date(2024, 9, 30))
AUTUMN = (date(2024, 10, 1), date(2024, 12, 31))
SPRING = (date(2024, 4, 1), date(2024, 6, 30))
AETNA = PayerContext("aetna", "Aetna", "Commercial", PayerScope.ANY)
MEDI_CAL = PayerContext("medi_cal", "Medi-Cal", "Medicaid", PayerScope.ANY)
MEDICARE = PayerContext("medicare", "Novitas", "Medicare FFS", PayerScope.MEDICARE)


def edit(indicator: str = "1", *, start: date | None = date(2020, 1, 1), end: date | None = None) -> PairEdit:
    return PairEdit("97150", "97110", indicator, start, end)


def pair_table(
    *edits: PairEdit,
    quarter: tuple[date, date] = SUMMER,
    owner: str = "medicare",
    dated: bool = True,
    covers: bool = True,
    caveat: str = "",
) -> ReferenceTable[PairEdit]:
    def find(codes: tuple[str, ...]) -> Sequence[PairEdit]:
        return [row for row in edits if (row.column1, row.column2) == codes]

    source = TableSource(f"{owner} {quarter_of(quarter[0])}", owner, *quarter, caveat)
    return ReferenceTable(source, find, lambda _: covers, dated)


def tables(*pairs: ReferenceTable[PairEdit]) -> EditTables:
    return EditTables(pairs=pairs, limits=())


@pytest.mark.parametrize(("indicator", "verdict"), [("0", "never_together"), ("1", "modifier_needed")])
def test_an_active_edit_decides_by_its_indicator_whatever_the_order_of_the_codes(
    indicator: str, verdict: str
) -> None:
    table = tables(pair_table(edit(indicator)))
    for codes in (("97150", "97110"), ("97110", "97150")):
        answer = table.verdict(*codes, IN_QUARTER)
        assert (answer.verdict, answer.edit) == (verdict, edit(indicator))
        assert answer.codes == codes


def test_no_row_in_a_table_that_covers_the_codes_means_no_edit() -> None:
    answer = tables(pair_table()).verdict("97150", "97110", IN_QUARTER)
    assert (answer.verdict, answer.edit, answer.stale) == (Verdict.BILLABLE_TOGETHER, None, False)
    assert answer.source is not None
    assert answer.source.quarter == "2024Q3"


def test_codes_that_no_table_covers_are_unknown_rather_than_free() -> None:
    answer = tables(pair_table(covers=False)).verdict("97140", "98941", IN_QUARTER)
    assert answer.verdict is None
    assert "no table at hand covers 97140 with 98941" in (answer.unknown or "")
    assert "overturn reference import" in (answer.unknown or "")


def test_a_row_answers_even_where_the_table_is_not_whole() -> None:
    answer = tables(pair_table(edit("0"), covers=False)).verdict("97110", "97150", IN_QUARTER)
    assert answer.verdict is Verdict.NEVER_TOGETHER


@pytest.mark.parametrize("indicator", ["0", "1", "9"])
def test_an_edit_deleted_on_the_day_it_began_never_was(indicator: str) -> None:
    day = date(2020, 10, 1)
    taken_back = edit(indicator, start=day, end=day)
    answer = tables(pair_table(taken_back)).verdict("97150", "97110", day)
    assert (answer.verdict, answer.edit) == (Verdict.BILLABLE_TOGETHER, None)
    assert answer.history == (taken_back,), "the appeal wants to tell of it"


def test_indicator_9_is_no_edit_even_where_the_table_lost_the_start() -> None:
    answer = tables(pair_table(edit("9", start=None, end=date(2030, 1, 1)))).verdict(
        "97150", "97110", IN_QUARTER
    )
    assert answer.verdict is Verdict.BILLABLE_TOGETHER


@pytest.mark.parametrize(
    ("on", "verdict"),
    [
        (date(2019, 12, 31), Verdict.BILLABLE_TOGETHER),
        (date(2020, 1, 1), Verdict.MODIFIER_NEEDED),
        (date(2021, 12, 31), Verdict.MODIFIER_NEEDED),
        (date(2022, 1, 1), Verdict.BILLABLE_TOGETHER),
    ],
)
def test_an_edit_is_in_force_from_its_first_to_its_last_day(on: date, verdict: Verdict) -> None:
    table = tables(pair_table(edit(end=date(2021, 12, 31))))
    assert table.verdict("97150", "97110", on).verdict is verdict


def test_of_two_edits_whose_starts_are_unknown_the_first_to_end_is_in_force() -> None:
    ended, current = edit("0", start=None, end=date(2019, 12, 31)), edit("1", start=None)
    table = tables(pair_table(current, ended, dated=False))
    assert table.verdict("97150", "97110", date(2019, 6, 1)).edit == ended
    assert table.verdict("97150", "97110", date(2020, 6, 1)).edit == current


@pytest.mark.parametrize(
    ("rows", "contradict"),
    [
        ((edit("0"), edit("1")), True),
        ((edit("0"), edit("1", end=date(2025, 1, 1))), True),
        ((edit("0", start=None), edit("1", start=None)), True),
        ((edit("0", end=date(2024, 7, 31)), edit("1")), False),
        ((edit("0", start=None, end=date(2024, 12, 31)), edit("1", start=None)), False),
        ((edit("1"), edit("1")), False),
        ((edit("9"), edit("1")), False),
    ],
)
def test_a_table_that_contradicts_itself_on_the_day_is_no_answer(
    rows: tuple[PairEdit, ...], contradict: bool
) -> None:
    for order in (rows, rows[::-1]):
        answer = tables(pair_table(*order)).verdict("97150", "97110", IN_QUARTER)
        assert (answer.verdict is None, answer.edit is None) == (contradict, contradict)
        assert ("indicator 0 and 1" in (answer.unknown or "")) is contradict


def test_an_unknown_start_is_said_for_days_before_the_quarter_only() -> None:
    table = tables(pair_table(edit(start=None), dated=False))
    assert any("since when" in note for note in table.verdict("97150", "97110", date(2023, 1, 1)).notes)
    assert table.verdict("97150", "97110", IN_QUARTER).notes == ()


def test_the_date_decides_which_quarter_answers() -> None:
    both = tables(pair_table(edit("0"), quarter=SUMMER), pair_table(edit("1"), quarter=AUTUMN))
    for on, quarter in [(IN_QUARTER, "2024Q3"), (date(2024, 11, 1), "2024Q4"), (date(2025, 5, 1), "2024Q4")]:
        answer = both.verdict("97150", "97110", on)
        assert answer.source is not None
        assert (answer.source.quarter, answer.stale) == (quarter, on.year == 2025)


def test_a_day_before_all_tables_is_answered_by_a_later_one_that_gives_dates() -> None:
    undated, dated = pair_table(dated=False, quarter=SUMMER), pair_table(edit("0"), quarter=AUTUMN)
    answer = tables(undated, dated).verdict("97150", "97110", date(2022, 5, 1))
    assert (answer.verdict, answer.stale) == (Verdict.NEVER_TOGETHER, False)


def test_between_two_quarters_the_later_one_answers_because_it_keeps_what_ended() -> None:
    early, late = pair_table(edit("0"), quarter=SPRING), pair_table(edit("1"), quarter=AUTUMN)
    answer = tables(early, late).verdict("97150", "97110", IN_QUARTER)
    assert (answer.verdict, answer.stale) == (Verdict.MODIFIER_NEEDED, False)


def test_a_day_beyond_the_last_quarter_is_answered_and_marked_stale() -> None:
    answer = tables(pair_table(edit())).verdict("97150", "97110", SUMMER[1] + timedelta(days=1))
    assert answer.stale
    assert any("import the current quarter" in note for note in answer.notes)


def test_a_payer_s_own_table_goes_before_medicare_s() -> None:
    both = tables(pair_table(edit("0")), pair_table(edit("1"), owner="aetna"))
    answer = both.verdict("97150", "97110", IN_QUARTER, AETNA)
    assert (answer.verdict, answer.notes) == (Verdict.MODIFIER_NEEDED, ())
    assert both.verdict("97150", "97110", IN_QUARTER, MEDICARE).verdict is Verdict.NEVER_TOGETHER
    assert both.verdict("97150", "97110", IN_QUARTER).verdict is Verdict.NEVER_TOGETHER


@pytest.mark.parametrize(
    ("payer", "says"), [(AETNA, "Aetna may use edits of its own"), (MEDI_CAL, "Medicaid has NCCI tables")]
)
def test_medicare_s_answer_for_another_payer_says_whose_it_is(payer: PayerContext, says: str) -> None:
    answer = tables(pair_table(edit())).verdict("97150", "97110", IN_QUARTER, payer)
    assert answer.verdict is Verdict.MODIFIER_NEEDED
    assert says in answer.notes[0]


def test_medicare_s_answer_for_medicare_needs_no_word_about_it() -> None:
    answer = tables(pair_table(edit())).verdict("97150", "97110", IN_QUARTER, MEDICARE)
    assert answer.notes == ()


def test_a_medicaid_table_answers_for_every_medicaid_payer() -> None:
    both = tables(pair_table(edit("0")), pair_table(edit("1"), owner="medicaid"))
    answer = both.verdict("97150", "97110", IN_QUARTER, MEDI_CAL)
    assert (answer.verdict, answer.notes) == (Verdict.MODIFIER_NEEDED, ())


def test_what_is_doubtful_about_a_table_stands_in_every_answer() -> None:
    answer = tables(pair_table(caveat="Its quarter was assumed.")).verdict("97150", "97110", IN_QUARTER)
    assert answer.notes == ("Its quarter was assumed.",)


def test_several_codes_are_answered_pair_by_pair_the_gravest_first() -> None:
    table = tables(pair_table(edit("0")))
    answers = table.verdicts(["97110", "97140", "97150", "97110"], IN_QUARTER)
    assert [answer.codes for answer in answers] == [
        ("97110", "97150"),
        ("97110", "97140"),
        ("97140", "97150"),
    ]


def limits(*rows: UnitLimit) -> EditTables:
    source = TableSource("MUE", "medicare", *SUMMER)
    table = ReferenceTable(
        source, lambda key: [r for r in rows if (r.hcpcs,) == key], lambda _: True, dated=False
    )
    return EditTables(pairs=(), limits=(table,))


def test_a_unit_limit_comes_with_its_quarter_and_grows_stale() -> None:
    table = limits(UnitLimit("97162", 1, "2"))
    answer = table.limit("97162", IN_QUARTER)
    assert answer.limit is not None
    assert (answer.limit.units, answer.limit.absolute, answer.stale) == (1, True, False)
    assert table.limit("97162", date(2026, 8, 1)).stale


def test_a_code_without_a_unit_limit_says_so() -> None:
    answer = limits(UnitLimit("97110", 6, "3")).limit("98941", IN_QUARTER)
    assert (answer.limit, answer.source) == (None, None)
    assert "98941" in answer.notes[0]


def test_only_ncci_modifiers_bypass_an_edit() -> None:
    assert bypassed_by(["GP", "59"])
    assert bypassed_by(["XU"])
    assert not bypassed_by(["GP", "KX", "CQ"])
    assert not bypassed_by([])


DAYS = st.dates(date(2015, 1, 1), date(2030, 1, 1))


@given(start=DAYS, length=st.integers(1, 3000), on=DAYS, indicator=st.sampled_from("01"))
def test_an_edit_in_force_is_never_outside_its_dates(
    start: date, length: int, on: date, indicator: str
) -> None:
    row = edit(indicator, start=start, end=start + timedelta(days=length))
    found = tables(pair_table(row)).verdict("97110", "97150", on)
    assert (found.edit is None) == (not start <= on <= start + timedelta(days=length))
