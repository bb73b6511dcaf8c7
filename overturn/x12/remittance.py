"""The 835: ST to SE in; the payment, its claims block by block, and what does not add up as findings."""

from collections.abc import Callable, Iterator
from itertools import repeat
from typing import ClassVar, Final, TypeVar

from overturn.domain.remittance import (
    ZERO,
    Balance,
    ClaimPayment,
    Party,
    ProviderAdjustment,
    Reference,
    Remittance,
)
from overturn.x12.claim_payment import NO_MORE, PADDING, SHORT_PADDING, ClaimPaymentReader
from overturn.x12.envelope import MAX_SEGMENTS, Block, TransactionSet
from overturn.x12.findings import Severity, quoted, report_missing
from overturn.x12.parties import add_street, add_town
from overturn.x12.remittance_details import read_contact, read_summary, with_groups
from overturn.x12.values import Values

_QUALIFIED: Final = 3  # elements of a segment that is id, qualifier and value
_OF_CLAIMS: Final = ("CAS", "NM1", "AMT", "MIA", "MOA", "SVC", "LQ", "QTY")
_MONEY: Final = frozenset({"BPR", "CLP", "SVC", "CAS", "PLB"})
_KNOWN_UNREAD: Final = ("ST", "SE", "NTE", "RDM", NO_MORE)
_LONGEST_NAME: Final = 200
_DOLLARS: Final = "USD"
_MAX_REMEMBERED: Final = 10_000  # summaries and header segments of one set: more only cost memory


class RemittanceReader:
    """One pass over a transaction set. `remittance` has no claims: they come from `claim_blocks`, and whoever
    wants them kept keeps them. Every CLP becomes a claim, whatever is wrong with it; whether the result
    may be posted is for the findings to say, when all is read.
    """

    def __init__(self, transaction: TransactionSet, values: Values) -> None:
        self._transaction = transaction
        self._findings = transaction.findings
        self._values = values
        self._claim_reader = ClaimPaymentReader(transaction, values, self._outside_claims)
        self._header_party = ""
        self._assigned_number: str | None = None  # LX01
        self._payer_numbers: dict[str, str] = {}
        self._payment_index: int | None = None
        self.finished = False
        self.claims = self.segments = 0
        self.balance = Balance(ZERO, ZERO, ZERO)
        self.remittance = Remittance(
            control_number=transaction.header[2],
            interchange_control_number=transaction.interchange_control_number,
            payment_amount=ZERO,
            payment_method=None,
            payment_on=None,
            trace_number=None,
            payer=Party(),
            payee=Party(),
            segment_index=transaction.segment_index,
        )

    def claim_blocks(self) -> Iterator[list[ClaimPayment]]:
        """Yield claims, a block's at a time. The header is complete with the first of them, the rest when
        `finished`, with the last block, which may be empty."""
        for block in _ending_with_claims(self._transaction):
            yield self._read(block)
            self._values.forget_if_many()
            self._claim_reader.forget_if_many()
        self._finish()
        yield []

    def _read(self, block: Block) -> list[ClaimPayment]:
        element, first, canonical = self._transaction.element, block.first, block.canonical
        claims: list[ClaimPayment] = []
        segments = map(str.split, block.segments, repeat(element))
        index = first - 1
        for elements in segments:
            e, index = elements, index + 1
            while e[0] == "CLP":
                claim, e, index = self._claim_reader.read(e, index, segments)
                claim.segment_count = index - claim.segment_index
                claim.segments = canonical[claim.segment_index - first : index - first]
                claims.append(claim)
            self._outside_claims(e, index)
            if self._values.unread:
                self._values.report(self._findings, e, index)
        if claims and not self.claims:
            self._identify_payer()
        self.claims += len(claims)
        self.segments += len(block.segments)
        self.balance.claims_paid = sum([c.paid_amount for c in claims], self.balance.claims_paid)
        return claims

    def _outside_claims(self, e: list[str], index: int) -> None:
        handler = self._handlers.get(e[0], RemittanceReader._unknown)
        if handler is not None:
            handler(self, e, index)

    # Header and payer (loops 1000A and 1000B)

    def _payment(self, e: list[str], index: int) -> None:
        e += PADDING
        if self._payment_index is not None:
            message = (
                f"BPR (segment {index}) is a second payment in one transaction set, after that of segment "
                f"{self._payment_index}: which claims belong to it is not said. Ask for a new file."
            )
            self._findings.add("second-payment", Severity.FATAL, message, at=index, segment="BPR")
            return
        self._payment_index = index
        self.remittance.payment_amount = self._values.amounts[e[2]]
        self.remittance.handling, self.remittance.credit_or_debit = e[1] or None, e[3] or None
        self.remittance.payment_method = e[4] or None
        self.remittance.payment_on = self._values.day(e[16])

    def _trace(self, e: list[str], _index: int) -> None:
        e += PADDING
        self.remittance.trace_number = e[2] or None
        self._payer_numbers["TRN03"] = e[3]

    def _payer_or_payee(self, e: list[str], _index: int) -> None:
        e += PADDING
        self._header_party = e[1]
        party = Party(e[2] or None, e[4] or None, e[3] or None)
        if e[1] == "PR":
            self.remittance.payer = party
            self._payer_numbers["N104"] = e[4]
        elif e[1] == "PE":
            self.remittance.payee = party

    def _reference(self, e: list[str], index: int) -> None:
        if len(e) < _QUALIFIED:
            e += SHORT_PADDING
        if e[1] == "2U" and self._header_party == "PR":
            self._payer_numbers["REF2U"] = e[2]
        of_party = {"PR": self.remittance.payer_references, "PE": self.remittance.payee_references}
        _remember(of_party.get(self._header_party, self.remittance.references), Reference(e[1], e[2], index))

    def _header_party_named(self) -> Party | None:
        return {"PR": self.remittance.payer, "PE": self.remittance.payee}.get(self._header_party)

    def _more_of_name(self, e: list[str], _index: int) -> None:
        party = self._header_party_named()
        if party is not None and len(party.name or "") < _LONGEST_NAME:
            party.name = " ".join(filter(None, (party.name, *e[1:3]))) or None

    def _street(self, e: list[str], _index: int) -> None:
        party = self._header_party_named()
        if party is not None:
            add_street(party, e)

    def _city(self, e: list[str], _index: int) -> None:
        party = self._header_party_named()
        if party is not None:
            add_town(party, [*e, *PADDING])

    def _contact(self, e: list[str], _index: int) -> None:
        if self._header_party == "PR":
            contact = read_contact(e)
            _remember(self.remittance.payer_contacts, contact)
            if self.remittance.payer.phone is None:
                self.remittance.payer.phone = dict(contact.numbers).get("TE")

    def _currency(self, e: list[str], index: int) -> None:
        e += PADDING
        self.remittance.currency = e[2] or None
        if e[2] not in {"", _DOLLARS}:
            message = f"CUR02 (segment {index}) is {quoted(e[2])}: only amounts in US dollars can be posted."
            self._findings.add(
                "foreign-currency", Severity.FATAL, message, at=index, segment="CUR", element=2
            )

    def _date(self, e: list[str], _index: int) -> None:
        if len(e) != _QUALIFIED or not e[2]:  # DTM05 and DTM06 hold a period, where there is no date
            e += PADDING
        period = self._values.periods[e[2] or e[6]]
        if e[1] == "405":
            self.remittance.production_on = period[0]

    # Provider level and summary

    def _header_number(self, e: list[str], _index: int) -> None:
        self._header_party, self._assigned_number = "", (e[1] or None) if len(e) > 1 else None

    def _summary(self, e: list[str], index: int) -> None:
        _remember(self.remittance.summaries, read_summary(e, index, self._assigned_number, self._values))

    def _groups_of_summary(self, e: list[str], index: int) -> None:
        summaries = self.remittance.summaries
        if summaries and summaries[-1].number == self._assigned_number:
            summaries[-1] = with_groups(summaries[-1], e, self._values)
        else:
            self._misplaced(e, index)

    def _provider_adjustments(self, e: list[str], index: int) -> None:
        """PLB: a provider, a fiscal date and up to six pairs of reason:reference and amount."""
        elements = len(e)
        e += SHORT_PADDING
        fiscal_on = self._values.day(e[2])
        for number in range(3, elements, 2):
            composite, amount = e[number], e[number + 1]
            if composite or amount:
                reason, _, reference = composite.partition(self._transaction.component)
                if not reason:
                    consequence = f"{amount or 'no amount'} is moved without a reason"
                    report_missing(self._findings, (e[0], number, index), consequence)
                self._add_provider_adjustment(
                    ProviderAdjustment(
                        reason,
                        reference or None,
                        self._values.amounts[amount],
                        e[1] or None,
                        fiscal_on,
                        index,
                    )
                )

    def _add_provider_adjustment(self, adjustment: ProviderAdjustment) -> None:
        self.balance.provider_adjustments += adjustment.amount
        if len(self.remittance.provider_adjustments) < MAX_SEGMENTS:
            self.remittance.provider_adjustments.append(adjustment)
        else:
            self._transaction.refuse_as_too_large()

    def _identify_payer(self) -> None:
        """Settle on one number of the payer, once the header is read: the steadiest for the identity of the
        payment. The id by which rules know a payer is N104 or REF*2U, never the tax id of TRN03."""
        chosen = (self._payer_numbers.get(source) for source in ("TRN03", "REF2U", "N104"))
        self.remittance.payer_identifier = next(filter(None, chosen), None)
        payer = self.remittance.payer
        payer.identifier = payer.identifier or self._payer_numbers.get("REF2U") or None

    def _finish(self) -> None:
        self.finished = True
        self._identify_payer()
        first, balance = self._transaction.segment_index, self.balance
        if self._payment_index is None:
            message = f"The remittance that begins at segment {first} has no BPR: its payment is unknown."
            self._findings.add("missing-payment", Severity.FATAL, message, at=first, segment="ST")
            return
        balance.payment_amount = self.remittance.payment_amount
        if not balance.balanced:
            message = (
                f"The payment (BPR02, segment {self._payment_index}) is {balance.payment_amount}, but its "
                f"claims come to {balance.claims_paid} less provider adjustments of "
                f"{balance.provider_adjustments}; {balance.difference} is unexplained."
            )
            self._findings.add(
                "payment-out-of-balance",
                Severity.MONEY,
                message,
                at=self._payment_index,
                segment="BPR",
                element=2,
            )

    def _misplaced(self, e: list[str], index: int) -> None:
        message = f"{e[0]} (segment {index}) stands outside any claim and was not used."
        self._findings.add("misplaced-segment", Severity.VALUE, message, at=index, segment=e[0])

    def _unknown(self, e: list[str], index: int) -> None:
        if e[0].upper() in _MONEY:
            message = (
                f"Segment {index} begins {quoted(e[0])} in small letters, so that its amounts were not read. "
                "Ask the sender for the file in capitals."
            )
            self._findings.add("lower-case", Severity.FATAL, message, at=index, segment=e[0][:3])
            return
        message = f"Segment {index} begins {quoted(e[0])}, which no 835 has; it was kept but not used."
        self._findings.add("unknown-segment", Severity.VALUE, message, at=index, segment=e[0][:3])

    _handlers: ClassVar[dict[str, "_Handler | None"]] = {
        "BPR": _payment,
        "TRN": _trace,
        "N1": _payer_or_payee,
        "REF": _reference,
        "DTM": _date,
        "PLB": _provider_adjustments,
        "N2": _more_of_name,
        "N3": _street,
        "N4": _city,
        "PER": _contact,
        "CUR": _currency,
        "LX": _header_number,
        "TS3": _summary,
        "TS2": _groups_of_summary,
        **dict.fromkeys(_OF_CLAIMS, _misplaced),
        **dict.fromkeys(_KNOWN_UNREAD),
    }


_Handler = Callable[[RemittanceReader, list[str], int], None]


_Kept = TypeVar("_Kept")


def _remember(kept: list[_Kept], value: _Kept) -> None:
    if len(kept) < _MAX_REMEMBERED:
        kept.append(value)


def _ending_with_claims(transaction: TransactionSet) -> Iterator[Block]:
    """The set's blocks, each ending where a claim ends: what may go on in the next block waits for it.
    A claim that nothing ends is read in parts, and refused, once it has too many segments to be held."""
    held = Block([], [], transaction.segment_index)
    for block in transaction.blocks:
        whole, last = held.followed_by(block), _last_claim(block.segments, transaction.element)
        if len(held.segments) > MAX_SEGMENTS:
            transaction.refuse_as_too_large()
            cut = len(whole.segments)
        elif last is None:
            cut = 0 if held.segments else len(whole.segments)
        else:
            cut = len(held.segments) + last
        complete, held = whole.cut(cut)
        if complete.segments:
            yield complete
    if held.segments:
        yield held


def _last_claim(segments: list[str], element: str) -> int | None:
    for number in range(len(segments) - 1, -1, -1):
        if segments[number].startswith("CLP") and segments[number][3:4] in {"", element}:
            return number
    return None
