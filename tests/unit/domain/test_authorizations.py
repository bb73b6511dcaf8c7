"""What is used of an authorization, what it is for, and until when a payer still gives one."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.authorizations import (
    Authorization,
    AuthorizationUse,
    Discipline,
    RetroactiveAuthorization,
    UsedLine,
    ask_until,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


def authorization(
    visits: int | None = None, units: str | None = None, procedures: tuple[str, ...] = ()
) -> Authorization:
    limit = Decimal(units) if units else None
    return Authorization("aetna", "MEMBER1", "A1", FIRST, LAST, visits, limit, procedures)


def line(on: date, procedure: str = "97110", units: int = 1, modifier: str = "GP") -> UsedLine:
    return UsedLine(on, procedure, frozenset({modifier}), Decimal(units))


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_two_services_of_one_day_are_one_visit() -> None:
    use = AuthorizationUse(authorization(visits=3), (line(day(1)), line(day(1), "97140"), line(day(2))))
    assert use.visits_used(until=day(5)) == 2
    assert use.visits_left(day(5)) == 1
    assert use.used_before(day(2)) == "1 of 3 visits"
    assert use.used_today(day(5)) == "2 of 3 visits"


def test_what_came_later_or_lies_outside_or_is_for_something_else_is_not_counted() -> None:
    lines = (
        line(FIRST - timedelta(days=1)),
        line(LAST + timedelta(days=1)),
        line(day(9)),
        line(day(2), "97530"),
        line(day(3)),
    )
    use = AuthorizationUse(authorization(visits=5, procedures=("97110",)), lines)
    assert use.visits_used(until=day(8)) == 1


def test_units_are_counted_apart_from_visits() -> None:
    use = AuthorizationUse(
        authorization(visits=9, units="10"), (line(day(1), units=4), line(day(2), units=4))
    )
    assert use.has_room(day(3), Decimal(2))
    assert not use.has_room(day(3), Decimal(3))
    assert use.used_before(day(3)) == "2 of 9 visits and 8 of 10 units"


def test_no_limit_is_never_used_up() -> None:
    use = AuthorizationUse(authorization(), tuple(line(day(n)) for n in range(60)))
    assert use.has_room(day(60), Decimal(100))
    assert (use.visits_left(day(60)), use.used_today(day(60))) == (None, "")


def test_a_discipline_holds_for_its_own_lines_and_for_those_that_tell_none() -> None:
    known = Authorization("aetna", "M", "A1", FIRST, None, discipline=Discipline.OT)
    assert known.names("97110", {"GO"})
    assert known.names("97110", {"59"})
    assert not known.names("97110", {"GP", "59"})
    assert known.in_force(date(2031, 1, 1))


@given(
    st.integers(1, 12),
    st.lists(st.integers(0, 80), max_size=30),
    st.integers(0, 80),
)
def test_there_is_room_for_exactly_as_many_days_as_were_authorised(
    visits: int, used: list[int], asked: int
) -> None:
    use = AuthorizationUse(authorization(visits=visits), tuple(line(day(n)) for n in used))
    before = {n for n in used if n < asked}
    assert use.has_room(day(asked), Decimal(1)) is (len(before) < visits)
    left = use.visits_left(day(80))
    assert left is not None
    assert left + min(len(set(used)), visits) == visits


def test_the_payer_gives_an_authorization_so_many_days_after_the_service() -> None:
    rows = [
        RetroactiveAuthorization("aetna", 14, None, date(2026, 1, 31), "manual of 2025"),
        RetroactiveAuthorization("aetna", 5, date(2026, 2, 1), None, "manual of 2026"),
    ]
    assert ask_until(rows, "aetna", date(2026, 1, 31)) == (date(2026, 2, 14), "manual of 2025")
    assert ask_until(rows, "aetna", date(2026, 2, 1)) == (date(2026, 2, 6), "manual of 2026")
    assert ask_until(rows, "cigna", date(2026, 2, 1)) is None
    assert ask_until(rows, None, date(2026, 2, 1)) is None
