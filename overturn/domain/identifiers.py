"""Deterministic ids: the same fact always gets the same id, so that doing it twice changes nothing.

They are UUIDv5 under one namespace, but for places in a remittance. Ids carry no PHI: a patient control
number goes in, its hash comes out.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

from overturn.domain.remittance import ClaimPayment, Remittance

NAMESPACE: Final = UUID("5f0c1e7a-6b1d-5c39-9a6e-0e7a1f835835")


def deterministic_id(kind: str, *parts: str | int | date | Decimal | UUID | None) -> UUID:
    """One id for one thing: its kind and the parts that make it what it is, in order."""
    return uuid5(NAMESPACE, "\x1f".join([kind, *("" if p is None else str(p) for p in parts)]))


def claim_id(billing_npi: str | None, patient_control_number: str) -> UUID:
    """A claim is what the practice numbered: its billing NPI and patient control number (CLM01, CLP01)."""
    return deterministic_id("claim", billing_npi, patient_control_number)


def remittance_id(remittance: Remittance, claims: "ClaimsDigest | None" = None) -> UUID:
    """The same payment whatever file brings it: payer, trace number, date, amount and claims.

    Interchange and transaction control numbers are left out on purpose: a resent file has new ones. `claims`
    is given where the remittance does not hold them.
    """
    return deterministic_id(
        "remittance",
        remittance.payer_identifier or remittance.payer.identifier or remittance.payer.name,
        remittance.trace_number,
        remittance.payment_on,
        remittance.payment_amount.normalize(),
        (claims or ClaimsDigest(remittance.claims)).hexdigest(),
    )


class ClaimsDigest:
    """SHA-256 over the claims' raw segments, delimiters normalised; they need not be held together."""

    def __init__(self, claims: Iterable[ClaimPayment] = ()) -> None:
        self._digest = sha256()
        for claim in claims:
            self.add(claim)

    def add(self, claim: ClaimPayment) -> None:
        self._digest.update("~".join((*claim.segments, "")).encode())

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def claim_payment_id(remittance: UUID, position: int) -> UUID:
    """`position` is the claim's place in its remittance, from 1."""
    return UUID(Places(remittance).at(position))


class Places:
    """Ids of what stands in one remittance: 60 bits of the remittance's own, then the place, as a UUIDv8
    (RFC 9562 section 5.8).

    What is written together so has neighbouring ids. An index of hashes is written to all over, for each row,
    and posting grows slower with it.
    """

    def __init__(self, remittance: UUID) -> None:
        whole = remittance.hex
        self._prefix = f"{whole[:12]}8{whole[13:16]}8"

    def at(self, place: int, element: int = 0) -> str:
        """As hexadecimal digits. `place` is a position or a segment, as it suits what is told apart."""
        return f"{self._prefix}{place << 16 | element:015x}"


def case_id(claim: UUID, round_number: int) -> UUID:
    """One case per denied claim and round; denied again after its case closed, it opens the next round."""
    return deterministic_id("denial-case", claim, round_number)


def event_id(topic: str, *parts: str | int | UUID) -> UUID:
    """The id a consumer remembers in its inbox: equal facts on one topic have equal ids."""
    return deterministic_id(topic, *parts)
