"""NM1, N3 and N4 in, a party with its address out."""

from overturn.domain.remittance import Party

_LONG_POSTAL_CODE = 9
_STREET_LINES = 2


def named(e: list[str]) -> Party:
    """NM1, padded to its ninth element: last name or organisation, identifier, its qualifier, first name."""
    return Party(e[3] or None, e[9] or None, e[8] or None, e[4] or None)


def add_street(party: Party, e: list[str]) -> None:
    """N3: one or two lines."""
    party.address = tuple(filter(None, e[1:3]))


def add_town(party: Party, e: list[str]) -> None:
    """N4, padded to its third element, as the last line of the address."""
    postal_code = f"{e[3][:5]}-{e[3][5:]}" if len(e[3]) == _LONG_POSTAL_CODE else e[3]
    line = f"{e[1]}, {e[2]} {postal_code}".rstrip().strip(", ")
    party.address = (*party.address[:_STREET_LINES], *filter(None, (line,)))
