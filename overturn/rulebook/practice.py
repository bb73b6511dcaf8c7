"""The tables only the practice can fill in: prices of its contracts, enrolments, authorizations."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Final

from overturn.domain.authorizations import Authorization, Discipline, RetroactiveAuthorization
from overturn.domain.causes.tables import Enrolment
from overturn.domain.contracts import ContractPrice
from overturn.domain.payers import PayerDirectory
from overturn.rulebook.cells import Row, check_no_formula, check_unique, convert, parse_rows, read_rows

CONTRACT_COLUMNS: Final = (
    *("payer_key", "procedure", "allowed_amount", "locality", "effective_from", "effective_to", "source"),
)
ENROLMENT_COLUMNS: Final = ("payer_key", "npi", "effective_from", "effective_to", "reference")
RETROACTIVE_COLUMNS: Final = ("payer_key", "days_after", "effective_from", "effective_to", "source")
AUTHORIZATION_COLUMNS: Final = (
    *("payer_key", "account", "number", "required", "effective_from", "effective_to"),
    *("visits", "units", "procedures", "discipline", "reference"),
)
MOST: Final = 10_000
"""More visits or units than any payer authorises at once: a slip of the keyboard."""


def load_contracts(directory: Path, payers: PayerDirectory) -> tuple[ContractPrice, ...]:
    """Agreed prices; rows that name a procedure go before those of a locality."""
    keys = frozenset(payer.key for payer in payers.payers)
    prices = convert(read_rows(directory / "contracts.csv", CONTRACT_COLUMNS), lambda row: _price(row, keys))
    return tuple(sorted(prices, key=lambda price: price.procedure is None))


def load_enrolments(directory: Path, payers: PayerDirectory) -> tuple[Enrolment, ...]:
    """Which therapist a payer lists, and from when."""
    keys = frozenset(payer.key for payer in payers.payers)
    return convert(
        read_rows(directory / "enrolments.csv", ENROLMENT_COLUMNS), lambda row: _enrolment(row, keys)
    )


def load_retroactive_authorizations(
    directory: Path, payers: PayerDirectory
) -> tuple[RetroactiveAuthorization, ...]:
    """Which payers authorise a service after it was given, and for how long."""
    keys = frozenset(payer.key for payer in payers.payers)
    rows = read_rows(directory / "retroactive_authorizations.csv", RETROACTIVE_COLUMNS)
    return convert(rows, lambda row: _retroactive(row, keys))


def read_authorizations(file: IO[bytes], payers: PayerDirectory, *, name: str) -> tuple[Authorization, ...]:
    """The practice's authorizations from a CSV file. It names patients and stays out of the rules.

    Raises RulebookError with every row and column that is wrong; `name` is what the file is called there.
    """
    rows = parse_rows(file.read(), AUTHORIZATION_COLUMNS, name=name)
    check_unique(rows, "payer_key", "account", "number", "effective_from")
    check_no_formula(rows)
    keys = frozenset(payer.key for payer in payers.payers)
    return convert(rows, lambda row: read_authorization(row, keys))


def read_authorization(row: Row, keys: frozenset[str]) -> Authorization:
    """One row, from a file or from a form. Raises RulebookError for the first cell that is wrong."""
    first, last = _begun(row)
    required = row.flag("required")
    if required and not row.optional("number"):
        raise row.fail("number", "is empty: write the payer's number, or `no` under required")
    if not required and row.optional("number"):
        raise row.fail("number", "a number where none is required: empty the cell, or write `yes`")
    return Authorization(
        payer_key=row.known("payer_key", keys, table="payers.csv"),
        account=row.text("account"),
        number=row.optional("number"),
        effective_from=first,
        effective_to=last,
        visits=int(_amount(row, "visits", Decimal(row.whole("visits")))) if row.optional("visits") else None,
        units=_amount(row, "units", row.decimal("units")) if row.optional("units") else None,
        procedures=tuple((row.optional("procedures") or "").upper().split()),
        discipline=row.optional_choice("discipline", Discipline),
        reference=row.text("reference"),
    )


def _amount(row: Row, column: str, amount: Decimal) -> Decimal:
    if not (amount.is_finite() and 0 < amount <= MOST):
        raise row.fail(column, f"{amount} cannot be: write a number from 1 to {MOST}, or leave it empty")
    return amount


def _begun(row: Row) -> tuple[date, date | None]:
    first, last = row.period("effective_from", "effective_to")
    if first is None:
        raise row.fail("effective_from", "is blank: write the day the payer gave")
    return first, last


def _retroactive(row: Row, keys: frozenset[str]) -> RetroactiveAuthorization:
    first, last = row.period("effective_from", "effective_to")
    days = row.whole("days_after")
    if days < 1:
        raise row.fail("days_after", "write how many days after the service the payer still authorises it")
    key = row.known("payer_key", keys, table="payers.csv")
    return RetroactiveAuthorization(key, days, first, last, row.text("source"))


def _price(row: Row, keys: frozenset[str]) -> ContractPrice:
    procedure, locality = row.optional("procedure"), row.optional("locality")
    if (procedure is None) is (locality is None):
        raise row.fail("procedure", "fill in either procedure with allowed_amount, or locality")
    first, last = row.period("effective_from", "effective_to")
    amount = row.decimal("allowed_amount") if procedure else None
    key = row.known("payer_key", keys, table="payers.csv")
    return ContractPrice(key, procedure, amount, locality, first, last, row.text("source"))


def _enrolment(row: Row, keys: frozenset[str]) -> Enrolment:
    first, last = _begun(row)
    return Enrolment(
        row.text("npi"), row.known("payer_key", keys, table="payers.csv"), first, last, row.text("reference")
    )
