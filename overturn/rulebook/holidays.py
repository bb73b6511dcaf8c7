"""United States federal holidays as plain dates, for the deadline arithmetic of the domain."""

from datetime import date
from functools import cache


@cache
def federal_holidays(first_year: int, last_year: int) -> frozenset[date]:
    """Federal holidays of these years, on the day they are observed."""
    import holidays

    return frozenset(holidays.country_holidays("US", years=range(first_year, last_year + 1)))
