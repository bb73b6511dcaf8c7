"""The claims of an 835: loops 2100 (CLP) and 2110 (SVC) in, each a `ClaimPayment`."""

from collections.abc import Callable, Iterator
from typing import Final

from overturn.domain.remittance import Adjustment, ClaimPayment, Party, Reference, Remark, ServiceLine
from overturn.x12.adjustments import read_adjustments
from overturn.x12.envelope import TransactionSet
from overturn.x12.findings import Severity, report_missing
from overturn.x12.remittance_details import (
    claim_details,
    line_details,
    read_contact,
    read_counted,
    read_inpatient,
    read_outpatient,
)
from overturn.x12.values import MAX_REMEMBERED, Period, Values

PADDING: Final = ("",) * 20  # so that elements are indexed without asking how many there are
SHORT_PADDING: Final = ("",) * 6
END_OF_CLAIM: Final = frozenset({"CLP", "LX", "PLB", "SE"})
NO_MORE: Final = "\0"
"""Stands for the id after the last segment at hand; no segment has a NUL."""

_QUALIFIED: Final = 3  # elements of a segment that is id, qualifier and value
_ONE_REASON: Final = 4  # elements of a CAS with one reason and amount: nine of ten
_SUBMITTED_PROCEDURE: Final = 6
_NO_PROCEDURE: Final[tuple[str | None, tuple[str, ...]]] = (None, ())
_REMARK_ELEMENTS: Final = {"MOA": (3, 4, 5, 6, 7), "MIA": (5, 20, 21, 22, 23)}
_MODIFIERS: Final = slice(2, 6)
_IDENTIFIER: Final = 9  # of NM1
_LAST_OF_CLAIM: Final = 9  # of CLP that every claim has read
_DIAGNOSIS_GROUP: Final = 11  # of CLP, where a hospital is paid by it; its weight and a fraction follow
_SUBMITTED_UNITS: Final = 7  # of SVC, its last
_LONGEST_LINE: Final = 8

_CLAIM_PARTIES: Final = {
    "QC": "patient",
    "IL": "subscriber",
    "74": "corrected_patient",
    "82": "rendering_provider",
    "TT": "crossover_carrier",
    "PR": "corrected_priority_payer",
    "GB": "other_subscriber",
}

Elements = list[str]
Segments = Iterator[Elements]


class ClaimPaymentReader:
    """Reads claims from segments, one after the other, and counts them.

    All but a thousandth of a file's segments come through the two loops here, and most of the time goes
    into them. Hence local names, the frequent segments first and in line, and one look a segment at
    `unread`, where amounts and dates that could not be read wait to be reported."""

    def __init__(
        self, transaction: TransactionSet, values: Values, elsewhere: Callable[[Elements, int], None]
    ) -> None:
        self._component = transaction.component
        self._findings = transaction.findings
        self._values = values
        self._elsewhere = elsewhere
        self._procedures: dict[str, tuple[str | None, tuple[str, ...]]] = {}

    def read(self, e: Elements, index: int, segments: Segments) -> tuple[ClaimPayment, Elements, int]:
        """Read the claim whose CLP is `e`. Return it with the segment that ended it and its index."""
        if len(e) <= _LAST_OF_CLAIM:
            e.extend(PADDING)
        amounts = self._values.amounts
        claim = ClaimPayment(
            e[1] or None,
            e[2],
            amounts[e[3]],
            amounts[e[4]],
            amounts[e[5]] if e[5] else None,
            e[6] or None,
            e[7] or None,
            e[8] or None,
            e[9] or None,
            index,
        )
        if len(e) > _DIAGNOSIS_GROUP and e[_DIAGNOSIS_GROUP]:
            self._add_diagnosis_group(claim, *[*e, "", ""][_DIAGNOSIS_GROUP : _DIAGNOSIS_GROUP + 3])
        if self._values.unread:
            self._report_unread(claim, e, index)
        if not e[1]:
            self._report_missing(claim, (e[0], 1, index), "the claim can only be matched by its other facts")
        if not e[2]:
            self._report_missing(claim, (e[0], 2, index), "what the payer decided is not said")
        self._claim_open = claim.charge_amount - claim.paid_amount
        e, index = self._claim_level(claim, index, segments)
        while e[0] == "SVC":
            e, index = self._service_line(claim, e, index, segments)
        if self._claim_open:
            self._report_claim_balance(claim)
        return claim, e, index

    def forget_if_many(self) -> None:
        """Bound the memory between two blocks of claims."""
        if len(self._procedures) > MAX_REMEMBERED:
            self._procedures.clear()

    def _claim_level(  # noqa: C901 - in line for speed, see the class
        self, claim: ClaimPayment, at: int, segments: Segments
    ) -> tuple[Elements, int]:
        """What stands between the CLP at `at` and the first SVC; return the segment after it."""
        index = at
        periods, unread = self._values.periods, self._values.unread
        for e in segments:
            index += 1
            name = e[0]
            if name == "DTM":
                period = periods[e[2]] if len(e) == _QUALIFIED else self._period(e)
                _set_claim_date(claim, e[1], period)
            elif name == "NM1":
                _add_party(claim, e)
            elif name == "REF":
                if len(e) < _QUALIFIED:
                    e.extend(SHORT_PADDING)
                claim.references.append(Reference(e[1], e[2], index))
            elif name == "SVC" or name in END_OF_CLAIM:
                return e, index
            elif name == "CAS":
                for adjustment in self._adjustments(claim, e, index):
                    claim.adjustments.append(adjustment)
                    self._claim_open -= adjustment.amount
            elif name == "AMT":
                e.extend(SHORT_PADDING)
                claim.amounts.append((e[1], self._values.amounts[e[2]]))
            elif name == "LQ":
                _add_remark(claim, e, index)
            else:
                self._claim_segment(claim, e, index)
            if unread:
                self._report_unread(claim, e, index)
        return [NO_MORE], index + 1

    def _service_line(  # noqa: C901, PLR0912, PLR0915 - in line for speed, see the class
        self, claim: ClaimPayment, svc: Elements, at: int, segments: Segments
    ) -> tuple[Elements, int]:
        """The line whose SVC is at `at`; return the segment after it."""
        unread = self._values.unread
        amounts, periods = self._values.amounts, self._values.periods
        line = self._new_line(claim, svc, at)
        if unread:
            self._report_unread(claim, svc, at)
        open_amount = owed = line.charge_amount - line.paid_amount
        adjustments, references = line.adjustments, line.references
        following, index = [NO_MORE], at
        for e in segments:
            index += 1
            name = e[0]
            if name == "CAS":
                if len(e) == _ONE_REASON and e[1] and e[2] and e[3]:
                    amount = amounts[e[3]]
                    adjustments.append(Adjustment(e[1], e[2], amount, None, index, 2))
                    open_amount -= amount
                else:
                    for adjustment in self._adjustments(claim, e, index):
                        adjustments.append(adjustment)
                        open_amount -= adjustment.amount
            elif name == "DTM":
                period = periods[e[2]] if len(e) == _QUALIFIED else self._period(e)
                if e[1] == "472":
                    line.service_on, line.service_to = period
                else:
                    _set_line_date(line, e[1], period)
            elif name == "REF":
                if len(e) < _QUALIFIED:
                    e.extend(SHORT_PADDING)
                references.append(Reference(e[1], e[2], index))
                if e[1] == "6R":
                    line.control_number = e[2] or None
                elif e[1] == "HPI":
                    line.rendering_npi = e[2] or None
            elif name == "AMT":
                if len(e) < _QUALIFIED:
                    e.extend(SHORT_PADDING)
                if e[1] == "B6":
                    line.allowed_amount = amounts[e[2]]
                else:
                    line_details(line).amounts.append((e[1], amounts[e[2]]))
            elif name == "SVC" or name in END_OF_CLAIM:
                following = e
                break
            elif name == "LQ":
                _add_remark(line, e, index)
            else:
                self._claim_segment(claim, e, index)
            if unread:
                self._report_unread(claim, e, index)
        else:
            index += 1
        self._claim_open -= owed - open_amount if open_amount else owed
        if open_amount:
            self._report_line_balance(claim, line)
        return following, index

    def _new_line(self, claim: ClaimPayment, e: Elements, index: int) -> ServiceLine:
        if len(e) <= _SUBMITTED_PROCEDURE:
            e.extend(SHORT_PADDING)
        amounts = self._values.amounts
        procedure, modifiers = self._procedures.get(e[1]) or self._procedure(e[1])
        submitted, submitted_modifiers = _NO_PROCEDURE
        if e[_SUBMITTED_PROCEDURE]:
            submitted, submitted_modifiers = self._procedure(e[_SUBMITTED_PROCEDURE])
        line = ServiceLine(
            len(claim.service_lines) + 1,
            procedure,
            modifiers,
            amounts[e[2]],
            amounts[e[3]],
            self._values.quantities[e[5]] if e[5] else None,
            submitted,
            submitted_modifiers,
            index,
        )
        if e[4]:
            line_details(line).revenue_code = e[4]
        if len(e) == _LONGEST_LINE and e[_SUBMITTED_UNITS]:
            line_details(line).submitted_units = self._values.quantities[e[_SUBMITTED_UNITS]]
        if procedure is None:
            self._report_missing(claim, (e[0], 1, index), "the line has no procedure to be matched by")
        claim.service_lines.append(line)
        return line

    def _add_diagnosis_group(
        self, claim: ClaimPayment, code: str, weight: str, discharge_fraction: str
    ) -> None:
        quantities, details = self._values.quantities, claim_details(claim)
        details.diagnosis_group = code or None
        details.diagnosis_group_weight = quantities[weight] if weight else None
        details.discharge_fraction = quantities[discharge_fraction] if discharge_fraction else None

    def _procedure(self, text: str) -> tuple[str | None, tuple[str, ...]]:
        """Take "HC:97110:GP" apart; the qualifier (HC, NU, N4) is not kept."""
        known = self._procedures.get(text)
        if known is None:
            parts = text.split(self._component)
            code = parts[1] if len(parts) > 1 else text
            known = (code or None, tuple(filter(None, parts[_MODIFIERS])))
            self._procedures[text] = known
        return known

    def _adjustments(self, claim: ClaimPayment, e: Elements, index: int) -> list[Adjustment]:
        """CAS: a group and up to six triplets of reason, amount and quantity."""
        found = list(read_adjustments(e, index, self._values))
        if found and not e[1]:
            self._report_missing(claim, (e[0], 1, index), "whether the patient owes it is not said")
        for adjustment in found:
            if not adjustment.reason:
                consequence = f"{adjustment.amount} was adjusted without a reason"
                self._report_missing(claim, (e[0], adjustment.element, index), consequence)
        return found

    def _period(self, e: Elements) -> Period:
        """DTM05 and DTM06 hold a period, where there is no date in DTM02."""
        e.extend(PADDING)
        return self._values.periods[e[2] or e[6]]

    def _claim_segment(self, claim: ClaimPayment, e: Elements, index: int) -> None:
        """A segment of the claim that may come before its lines or, against the guide, among them."""
        if e[0] == "NM1":
            _add_party(claim, e)
        elif e[0] in _REMARK_ELEMENTS:
            self._add_adjudication(claim, e, index)
        elif e[0] == "QTY":
            owner = line_details(claim.service_lines[-1]) if claim.service_lines else claim_details(claim)
            owner.quantities.append(read_counted(e, self._values))
        elif e[0] == "PER":
            claim_details(claim).contacts.append(read_contact(e))
        else:
            self._elsewhere(e, index)

    def _add_adjudication(self, claim: ClaimPayment, e: Elements, index: int) -> None:
        """MOA or MIA: remark codes, and figures where there are any."""
        elements = _REMARK_ELEMENTS[e[0]]
        for number in elements:
            if number < len(e) and e[number]:
                claim.remarks.append(Remark(e[number], index, number))
        told = {0, *elements}
        if not any(value for number, value in enumerate(e) if number not in told):
            return
        if e[0] == "MOA":
            claim_details(claim).outpatient = read_outpatient(e, self._values)
        else:
            claim_details(claim).inpatient = read_inpatient(e, self._values)

    def _report_unread(self, claim: ClaimPayment, e: Elements, index: int) -> None:
        self._values.report(self._findings, e, index, _name(claim))

    def _report_missing(self, claim: ClaimPayment, at: tuple[str, int, int], consequence: str) -> None:
        report_missing(self._findings, at, consequence, _name(claim))

    def _report_line_balance(self, claim: ClaimPayment, line: ServiceLine) -> None:
        message = (
            f"Line {line.line_number} of {_name(claim)} (segment {line.segment_index}) does not "
            f"balance: charge {line.charge_amount} less adjustments {line.adjusted_amount} is not "
            f"paid {line.paid_amount}; {line.imbalance_amount} is unexplained."
        )
        self._findings.add(
            "line-out-of-balance", Severity.MONEY, message, at=line.segment_index, segment="SVC", element=3
        )

    def _report_claim_balance(self, claim: ClaimPayment) -> None:
        message = (
            f"The money of {_name(claim)} (segment {claim.segment_index}) does not balance: "
            f"charge {claim.charge_amount} less adjustments {claim.adjusted_amount} is not "
            f"paid {claim.paid_amount}; {claim.imbalance_amount} is unexplained."
        )
        self._findings.add(
            "claim-out-of-balance", Severity.MONEY, message, at=claim.segment_index, segment="CLP", element=4
        )


def _name(claim: ClaimPayment) -> str:
    return f"claim {claim.patient_control_number or '(no number)'}"


def _add_party(claim: ClaimPayment, e: Elements) -> None:
    if len(e) <= _IDENTIFIER:
        e.extend(PADDING)
    role = _CLAIM_PARTIES.get(e[1])
    if role is not None:
        setattr(claim, role, Party(e[3] or None, e[_IDENTIFIER] or None, e[8] or None, e[4] or None))


def _add_remark(owner: ClaimPayment | ServiceLine, e: Elements, index: int) -> None:
    if len(e) >= _QUALIFIED and e[2]:
        if e[1] == "HE":
            owner.remarks.append(Remark(e[2], index, 2))
        elif isinstance(owner, ServiceLine):  # LQ*RX
            line_details(owner).reject_codes.append(e[2])
        else:
            claim_details(owner).reject_codes.append(e[2])


def _set_line_date(line: ServiceLine, qualifier: str, period: Period) -> None:
    if qualifier == "150":
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
    elif qualifier == "036":
        claim_details(claim).coverage_expires_on = period[0]
