"""The tables only the practice can fill in: prices of its contracts, enrolments of its therapists."""

from pathlib import Path
from typing import Final

from overturn.domain.causes.tables import Enrolment
from overturn.domain.contracts import ContractPrice
from overturn.domain.payers import PayerDirectory
from overturn.rulebook.cells import Row, convert, read_rows

CONTRACT_COLUMNS: Final = (
    *("payer_key", "procedure", "allowed_amount", "locality", "effective_from", "effective_to", "source"),
)
ENROLMENT_COLUMNS: Final = ("payer_key", "npi", "effective_from", "effective_to", "reference")


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


def _price(row: Row, keys: frozenset[str]) -> ContractPrice:
    procedure, locality = row.optional("procedure"), row.optional("locality")
    if (procedure is None) is (locality is None):
        raise row.fail("procedure", "fill in either procedure with allowed_amount, or locality")
    first, last = row.period("effective_from", "effective_to")
    amount = row.decimal("allowed_amount") if procedure else None
    key = row.known("payer_key", keys, table="payers.csv")
    return ContractPrice(key, procedure, amount, locality, first, last, row.text("source"))


def _enrolment(row: Row, keys: frozenset[str]) -> Enrolment:
    first, last = row.period("effective_from", "effective_to")
    if first is None:
        raise row.fail("effective_from", "is blank: write the day the payer gave")
    return Enrolment(
        row.text("npi"), row.known("payer_key", keys, table="payers.csv"), first, last, row.text("reference")
    )
