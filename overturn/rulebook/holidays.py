"""Holidays of the United States and of its states as plain dates, for the deadline arithmetic."""

from datetime import date
from functools import cache


@cache
def federal_holidays(first_year: int, last_year: int) -> frozenset[date]:
    """Federal holidays of these years, on the day they are observed."""
    import holidays

    return frozenset(holidays.country_holidays("US", years=range(first_year, last_year + 1)))


@cache
def state_holidays(state: str | None, first_year: int, last_year: int) -> frozenset[date]:
    """What a state, by its two letters, observes in these years beside the federal holidays; nothing of one
    that is not known."""
    import holidays

    try:
        observed = holidays.country_holidays("US", subdiv=state, years=range(first_year, last_year + 1))
    except NotImplementedError:
        return frozenset()
    return frozenset(observed) - federal_holidays(first_year, last_year)
