"""The 835: ST to SE in, one `Remittance` out, with what does not add up as findings."""

from collections.abc import Callable
from typing import Final

from overturn.domain.remittance import (
    ZERO,
    Adjustment,
    ClaimPayment,
    Party,
    ProviderAdjustment,
    Reference,
    Remark,
    Remittance,
    ServiceLine,
)
from overturn.x12.envelope import TransactionSet
from overturn.x12.findings import Severity, quoted
from overturn.x12.values import Period, Values

_PADDING: Final = ("",) * 20  # so that handlers index elements without asking how many there are
_SHORT_PADDING: Final = ("",) * 6
_QUALIFIED: Final = 3  # elements of a segment that is id, qualifier and value
_NO_PROCEDURE: Final[tuple[str | None, tuple[str, ...]]] = (None, ())
_REMARK_ELEMENTS: Final = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
_MODIFIERS: Final = slice(2, 6)

_CLAIM_PARTIES: Final = {
    "QC": "patient",
    "IL": "subscriber",
    "74": "corrected_patient",
    "82": "rendering_provider",
    "TT": "crossover_carrier",
    "PR": "other_payer",
}

_KNOWN_UNREAD: Final = ("ST", "SE", "NTE", "CUR", "N2", "N3", "N4", "PER", "RDM", "TS2", "TS3", "QTY")

_Handler = Callable[[list[str], int], None]


def read_remittance(transaction: TransactionSet, values: Values) -> Remittance:
    """Read one 835 and add its findings to the transaction set's. Every CLP becomes a claim, whatever is
    wrong with it; whether the result may be posted is for the findings to say."""
    return _RemittanceReader(transaction, values).read()


class _RemittanceReader:
    """One pass over the segments, each sent to the method for its id.

    The loops of the guide (1000A/B, 2000, 2100, 2110) are three variables here: the N1 we are under, the
    claim and the service line. `_claim_open` and `_line_open` are what no adjustment explains yet.
    """

    def __init__(self, transaction: TransactionSet, values: Values) -> None:
        self._transaction = transaction
        self._findings = transaction.findings
        self._values = values
        self._amounts = values.amounts
        self._quantities = values.quantities
        self._periods = values.periods
        self._procedures: dict[str, tuple[str | None, tuple[str, ...]]] = {}
        self._claim: ClaimPayment | None = None
        self._line: ServiceLine | None = None
        self._claim_open = self._line_open = ZERO
        self._header_party = ""
        self._payer_numbers: dict[str, str] = {}
        self._payment_index: int | None = None
        self._remittance = Remittance(
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

    def read(self) -> Remittance:
        handlers = self._handlers()
        handler_of, unknown = handlers.get, self._unknown
        element, unread = self._transaction.element, self._values.unread
        index = self._transaction.segment_index - 1
        for segment in self._transaction.segments:
            index += 1
            elements = segment.split(element)
            handler = handler_of(elements[0], unknown)
            if handler is not None:
                handler(elements, index)
                if unread:
                    self._values.report(self._findings, elements, index, self._whose())
        self._close_claim(index if self._transaction.segments[-1][:2] == "SE" else index + 1)
        self._finish()
        return self._remittance

    def _handlers(self) -> dict[str, _Handler | None]:
        return {
            "BPR": self._payment,
            "TRN": self._trace,
            "N1": self._payer_or_payee,
            "LX": self._section,
            "CLP": self._claim_payment,
            "CAS": self._adjustment,
            "NM1": self._claim_party,
            "REF": self._reference,
            "DTM": self._date,
            "AMT": self._amount,
            "MIA": self._claim_remarks,
            "MOA": self._claim_remarks,
            "SVC": self._service_line,
            "LQ": self._remark,
            "PLB": self._provider_adjustments,
            **dict.fromkeys(_KNOWN_UNREAD),
        }

    # Header and payer (loops 1000A and 1000B)

    def _payment(self, e: list[str], index: int) -> None:
        e += _PADDING
        self._payment_index = index
        self._remittance.payment_amount = self._amounts[e[2]]
        self._remittance.payment_method = e[4] or None
        self._remittance.payment_on = self._values.day(e[16])

    def _trace(self, e: list[str], _index: int) -> None:
        e += _PADDING
        self._remittance.trace_number = e[2] or None
        self._payer_numbers["TRN03"] = e[3]

    def _payer_or_payee(self, e: list[str], _index: int) -> None:
        e += _PADDING
        self._header_party = e[1]
        party = Party(e[2] or None, e[4] or None, e[3] or None)
        if e[1] == "PR":
            self._remittance.payer = party
            self._payer_numbers["N104"] = e[4]
        elif e[1] == "PE":
            self._remittance.payee = party

    def _section(self, _e: list[str], index: int) -> None:
        self._close_claim(index)

    # Claim (loop 2100)

    def _claim_payment(self, e: list[str], index: int) -> None:
        self._close_claim(index)
        e += _PADDING
        amounts = self._amounts
        charge, paid = amounts[e[3]], amounts[e[4]]
        self._claim = ClaimPayment(
            e[1] or None,
            e[2],
            charge,
            paid,
            amounts[e[5]] if e[5] else None,
            e[6] or None,
            e[7] or None,
            e[8] or None,
            e[9] or None,
            index,
        )
        self._claim_open = charge - paid
        self._remittance.claims.append(self._claim)

    def _claim_party(self, e: list[str], index: int) -> None:
        if self._claim is None:
            self._misplaced(e, index)
            return
        e += _PADDING
        role = _CLAIM_PARTIES.get(e[1])
        if role is not None:
            setattr(self._claim, role, Party(e[3] or None, e[9] or None, e[8] or None, e[4] or None))

    def _claim_remarks(self, e: list[str], index: int) -> None:
        if self._claim is None:
            self._misplaced(e, index)
            return
        for number in _REMARK_ELEMENTS[e[0]]:
            if number < len(e) and e[number]:
                self._claim.remarks.append(Remark(e[number], index, number))

    # Service line (loop 2110)

    def _service_line(self, e: list[str], index: int) -> None:
        claim = self._claim
        if claim is None:
            self._misplaced(e, index)
            return
        if self._line is not None:
            self._close_line()
        e += _SHORT_PADDING
        amounts = self._amounts
        charge, paid = amounts[e[2]], amounts[e[3]]
        procedure, modifiers = self._procedure(e[1])
        submitted, submitted_modifiers = self._procedure(e[6]) if e[6] else _NO_PROCEDURE
        self._line = ServiceLine(
            len(claim.service_lines) + 1,
            procedure,
            modifiers,
            charge,
            paid,
            self._quantities[e[5]] if e[5] else None,
            submitted,
            submitted_modifiers,
            index,
        )
        self._line_open = charge - paid
        claim.service_lines.append(self._line)

    def _procedure(self, text: str) -> tuple[str | None, tuple[str, ...]]:
        """Take "HC:97110:GP" apart; the qualifier (HC, NU, N4) is not kept."""
        known = self._procedures.get(text)
        if known is None:
            parts = text.split(self._transaction.component)
            code = parts[1] if len(parts) > 1 else text
            known = (code or None, tuple(filter(None, parts[_MODIFIERS])))
            self._procedures[text] = known
        return known

    def _remark(self, e: list[str], index: int) -> None:
        owner = self._line or self._claim
        if owner is None:
            self._misplaced(e, index)
        elif e[1:2] == ["HE"] and e[2:3] not in ([], [""]):  # LQ*RX carries pharmacy reject codes
            owner.remarks.append(Remark(e[2], index, 2))

    # Either level

    def _adjustment(self, e: list[str], index: int) -> None:
        """CAS: a group and up to six triplets of reason, amount and quantity."""
        owner = self._line or self._claim
        if owner is None:
            self._misplaced(e, index)
            return
        elements = len(e)
        e += _SHORT_PADDING
        group, adjustments, explained = e[1], owner.adjustments, ZERO
        for number in range(2, elements, 3):
            reason, amount_text, quantity_text = e[number], e[number + 1], e[number + 2]
            if reason or amount_text:
                amount = self._amounts[amount_text]
                quantity = self._quantities[quantity_text] if quantity_text else None
                explained += amount
                adjustments.append(Adjustment(group, reason, amount, quantity, index, number))
        self._claim_open -= explained
        if self._line is not None:
            self._line_open -= explained

    def _reference(self, e: list[str], index: int) -> None:
        if len(e) < _QUALIFIED:
            e += _SHORT_PADDING
        qualifier, value = e[1], e[2]
        line = self._line
        if line is not None:
            line.references.append(Reference(qualifier, value, index))
            if qualifier == "6R":
                line.control_number = value or None
            elif qualifier == "HPI":
                line.rendering_npi = value or None
        elif self._claim is not None:
            self._claim.references.append(Reference(qualifier, value, index))
        elif qualifier == "2U" and self._header_party == "PR":
            self._payer_numbers["REF2U"] = value

    def _date(self, e: list[str], _index: int) -> None:
        if len(e) != _QUALIFIED or not e[2]:  # DTM05 and DTM06 hold a period, where there is no date
            e += _PADDING
        qualifier, period = e[1], self._periods[e[2] or e[6]]
        if self._line is not None:
            _set_line_date(self._line, qualifier, period)
        elif self._claim is not None:
            _set_claim_date(self._claim, qualifier, period)
        elif qualifier == "405":
            self._remittance.production_on = period[0]

    def _amount(self, e: list[str], index: int) -> None:
        e += _SHORT_PADDING
        if self._claim is None:
            self._misplaced(e, index)
        elif self._line is None:
            self._claim.amounts.append((e[1], self._amounts[e[2]]))
        elif e[1] == "B6":
            self._line.allowed_amount = self._amounts[e[2]]

    # Provider level and summary

    def _provider_adjustments(self, e: list[str], index: int) -> None:
        """PLB: a provider, a fiscal date and up to six pairs of reason:reference and amount."""
        self._close_claim(index)
        elements = len(e)
        e += _SHORT_PADDING
        fiscal_on = self._values.day(e[2])
        for number in range(3, elements, 2):
            composite, amount = e[number], e[number + 1]
            if composite or amount:
                reason, _, reference = composite.partition(self._transaction.component)
                self._remittance.provider_adjustments.append(
                    ProviderAdjustment(
                        reason, reference or None, self._amounts[amount], e[1] or None, fiscal_on, index
                    )
                )

    def _close_line(self) -> None:
        line = self._line
        if line is not None and self._line_open:
            self._out_of_balance(
                "line-out-of-balance",
                f"Line {line.line_number} of {self._whose()} (segment {line.segment_index}) does not "
                f"balance: charge {line.charge_amount} less adjustments {line.adjusted_amount} is not "
                f"paid {line.paid_amount}; {self._line_open} is unexplained.",
                ("SVC", 3, line.segment_index),
            )
        self._line = None

    def _close_claim(self, end: int) -> None:
        """The claim's loop ends before segment `end`."""
        claim = self._claim
        if claim is None:
            return
        self._close_line()
        first = self._transaction.segment_index
        claim.segment_count = end - claim.segment_index
        claim.segments = self._transaction.canonical[claim.segment_index - first : end - first]
        if self._claim_open:
            self._out_of_balance(
                "claim-out-of-balance",
                f"The money of {self._whose()} (segment {claim.segment_index}) does not balance: "
                f"charge {claim.charge_amount} less adjustments {claim.adjusted_amount} is not "
                f"paid {claim.paid_amount}; {self._claim_open} is unexplained.",
                ("CLP", 4, claim.segment_index),
            )
        self._claim = None

    def _finish(self) -> None:
        numbers = self._payer_numbers
        chosen = (numbers.get(source) for source in ("TRN03", "REF2U", "N104"))
        self._remittance.payer_identifier = next(filter(None, chosen), None)
        first = self._transaction.segment_index
        if self._payment_index is None:
            message = f"The remittance that begins at segment {first} has no BPR: its payment is unknown."
            self._findings.add("missing-payment", Severity.FATAL, message, at=first, segment="ST")
            return
        balance = self._remittance.balance
        if not balance.balanced:
            self._out_of_balance(
                "payment-out-of-balance",
                f"The payment (BPR02, segment {self._payment_index}) is {balance.payment_amount}, but its "
                f"claims come to {balance.claims_paid} less provider adjustments of "
                f"{balance.provider_adjustments}; {balance.difference} is unexplained.",
                ("BPR", 2, self._payment_index),
            )

    # Findings

    def _whose(self) -> str:
        return "" if self._claim is None else f"claim {self._claim.patient_control_number or '(no number)'}"

    def _out_of_balance(self, code: str, message: str, where: tuple[str, int, int]) -> None:
        segment, element, index = where
        self._findings.add(code, Severity.MONEY, message, at=index, segment=segment, element=element)

    def _misplaced(self, e: list[str], index: int) -> None:
        message = f"{e[0]} (segment {index}) stands outside any claim and was not used."
        self._findings.add("misplaced-segment", Severity.VALUE, message, at=index, segment=e[0])

    def _unknown(self, e: list[str], index: int) -> None:
        message = f"Segment {index} begins {quoted(e[0])}, which no 835 has; it was kept but not used."
        self._findings.add("unknown-segment", Severity.VALUE, message, at=index, segment=e[0][:3])


def _set_line_date(line: ServiceLine, qualifier: str, period: Period) -> None:
    if qualifier == "472":
        line.service_on, line.service_to = period
    elif qualifier == "150":
        line.service_on = period[0]
    elif qualifier == "151":
        line.service_to = period[1]


def _set_claim_date(claim: ClaimPayment, qualifier: str, period: Period) -> None:
    if qualifier == "232":
        claim.service_from = period[0]
        if period[0] != period[1]:
            claim.service_to = period[1]
    elif qualifier == "233":
        claim.service_to = period[1]
    elif qualifier == "050":
        claim.received_on = period[0]
