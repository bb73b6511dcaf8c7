"""Typed values in, what JSON has for them out: amounts and dates as strings, None where the file has none."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from overturn.domain.remittance import Adjustment, Party, Reference, Remark
from overturn.domain.remittance_details import Contact, Counted

Shape = dict[str, Any]

_CENTS: Final = -2
_NPI_QUALIFIER: Final = "XX"


def money(amount: Decimal | None) -> str | None:
    """Dollars with two decimals, more where the file has more: never an exponent."""
    if amount is None:
        return None
    exponent = amount.as_tuple().exponent
    return f"{amount:f}" if isinstance(exponent, int) and exponent < _CENTS else f"{amount:.2f}"


def day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def number(quantity: Decimal | None) -> str | None:
    return None if quantity is None else f"{quantity:f}"


def npi(party: Party | None) -> str | None:
    """The party's identifier, where it is an NPI."""
    return party.identifier if party and party.identifier_qualifier == _NPI_QUALIFIER else None


def person(party: Party | None) -> Shape | None:
    """A patient, provider or payer by name (the last name of a person) and identifier."""
    if party is None:
        return None
    return {"name": party.name, "first_name": party.first_name, "id": party.identifier}


def codes(remarks: list[Remark]) -> list[str]:
    return [remark.code for remark in remarks]


def references(found: list[tuple[str, str]]) -> list[Shape]:
    return [{"qualifier": qualifier, "value": value} for qualifier, value in found]


def cited(found: list[Reference]) -> list[Shape]:
    return references([(reference.qualifier, reference.value) for reference in found])


def qualified_amounts(found: list[tuple[str, Decimal]]) -> list[Shape]:
    return [{"qualifier": qualifier, "amount": money(amount)} for qualifier, amount in found]


def contacts(found: list[Contact]) -> list[Shape]:
    return [
        {"function": contact.function, "name": contact.name, "numbers": [list(n) for n in contact.numbers]}
        for contact in found
    ]


def adjustment_shape(adjustment: Adjustment) -> Shape:
    return {
        "group": adjustment.group,
        "reason": adjustment.reason,
        "amount": money(adjustment.amount),
        "quantity": number(adjustment.quantity),
    }


def counts(found: list[Counted]) -> list[Shape]:
    return [{"qualifier": counted.qualifier, "quantity": number(counted.quantity)} for counted in found]
