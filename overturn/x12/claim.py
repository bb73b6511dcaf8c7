"""The 837P: ST to SE in, the submitted claims out, each with the loops it stands under."""

from collections.abc import Callable
from typing import Final

from overturn.domain.remittance import ZERO, Party
from overturn.domain.submission import (
    PROVIDER_ROLES,
    DatedEvent,
    LineAdjudication,
    OtherPayer,
    SubmittedClaim,
    SubmittedLine,
)
from overturn.x12.adjustments import read_adjustments
from overturn.x12.claim_parents import PADDING, ParentLoops
from overturn.x12.envelope import TransactionSet
from overturn.x12.findings import Severity
from overturn.x12.parties import add_street, add_town, named
from overturn.x12.values import Values

_MODIFIERS: Final = slice(2, 6)
_DIAGNOSIS_QUALIFIERS: Final = frozenset({"ABK", "ABF", "BK", "BF"})
_CLAIM_REFERENCES: Final = {
    "F8": "payer_claim_control_number",
    "G1": "prior_authorization",
    "D9": "claim_identifier",
    "9F": "referral_number",
}
_LINE_REFERENCES: Final = {"6R": "control_number", "G1": "prior_authorization"}
_Handlers = dict[str, Callable[[list[str], int], None]]

_ADJUDICATED: Final = "573"  # DTP01 of the day a payer before this one decided


def read_claims(transaction: TransactionSet, values: Values) -> list[SubmittedClaim]:
    """Read one 837P and add its findings to the transaction set's."""
    return ClaimReader(transaction, values).read()


class ClaimReader:
    """One pass over the segments. Which handlers are in force says where the pass is: above the claims, in a
    claim, in another payer's loop of it (2320, from an SBR to the first LX), or in a line."""

    def __init__(self, transaction: TransactionSet, values: Values) -> None:
        self._transaction = transaction
        self._values = values
        self._claims: list[SubmittedClaim] = []
        self._claim: SubmittedClaim | None = None
        self._line: SubmittedLine | None = None
        self._other: OtherPayer | None = None
        self._charge_unread = False  # of the claim or a line: reported already, and nothing adds up
        self._diagnoses: list[str] = []
        self._notes: list[str] = []
        self._line_notes: list[str] = []
        self._addressed = Party()  # the party of the last NM1
        self._parents = ParentLoops(values)
        self._above = self._handlers_above()
        self._before_line = self._handlers_before_line()
        self._of_claim = self._handlers_of_claim()
        self._of_other_payer = self._handlers_of_other_payer()
        self._of_line = self._handlers_of_line()
        self._handlers = self._above

    def read(self) -> list[SubmittedClaim]:
        transaction, values = self._transaction, self._values
        index = transaction.segment_index - 1
        for segment, canonical in zip(transaction.segments, transaction.canonical, strict=False):
            index += 1
            elements = segment.split(transaction.element)
            handler = self._handlers.get(elements[0])
            if handler is not None:
                elements += PADDING
                handler(elements, index)
                if values.unread:
                    self._charge_unread |= elements[0] in {"CLM", "SV1"}
                    values.report(transaction.findings, elements, index, self._whose())
            if self._claim is None and elements[0] not in {"ST", "SE"}:
                self._parents.keep(canonical)
        self._close_claim(index if transaction.segments[-1][:2] == "SE" else index + 1)
        self._forget_handlers()
        return self._claims

    def _forget_handlers(self) -> None:
        """They refer back to the reader: a cycle would keep the segments until the collector looks."""
        for handlers in (self._above, self._before_line, self._of_claim, self._of_other_payer, self._of_line):
            handlers.clear()

    def _hierarchy(self, e: list[str], index: int) -> None:
        self._close_claim(index)
        self._parents.hierarchy(e, index)

    # The claim (loop 2300)

    def _claim_information(self, e: list[str], index: int) -> None:
        self._close_claim(index)
        separator = self._transaction.component
        facility = [*e[5].split(separator), "", "", ""]
        parents, coverage = self._parents, self._parents.coverage
        self._claim = SubmittedClaim(
            patient_control_number=e[1],
            charge_amount=self._values.amounts[e[2]],
            place_of_service=facility[0] or None,
            frequency_code=facility[2] or None,
            billing_provider=parents.billing_provider,
            subscriber=parents.subscriber,
            payer=parents.payer,
            segment_index=index,
            patient=parents.patient,
            patient_born_on=parents.born_on,
            filing_indicator=coverage[9] or None,
            payer_responsibility=coverage[1] or None,
            submitted_on=parents.submitted_on,
            parent_segments=parents.segments,
            submitter=parents.submitter,
            receiver=parents.receiver,
            pay_to_provider=parents.pay_to_provider,
            billing_taxonomy=parents.billing_taxonomy,
            billing_references=parents.billing_references,
            group_number=coverage[3] or None,
            relationship=parents.relationship,
            accepts_assignment=e[7] or None,
            related_causes=tuple(filter(None, e[11].split(separator)[:3])),
            delay_reason=e[20] or None,
        )
        self._claims.append(self._claim)
        self._handlers = self._of_claim

    def _claim_party(self, e: list[str], _index: int) -> None:
        claim, self._addressed = self._open, named(e)
        if e[1] in PROVIDER_ROLES:
            claim.providers[PROVIDER_ROLES[e[1]]] = self._addressed
        if e[1] == "82":
            claim.rendering_provider = self._addressed
        elif e[1] == "DN":
            claim.referring_provider = self._addressed

    def _claim_taxonomy(self, e: list[str], _index: int) -> None:
        if e[1] == "PE":
            self._open.rendering_taxonomy = e[3] or None

    def _claim_reference(self, e: list[str], _index: int) -> None:
        if e[1] in _CLAIM_REFERENCES:
            setattr(self._open, _CLAIM_REFERENCES[e[1]], e[2] or None)
        else:
            self._open.references.append((e[1], e[2]))

    def _claim_amount(self, e: list[str], _index: int) -> None:
        self._open.amounts.append((e[1], self._values.amounts[e[2]]))

    def _claim_date(self, e: list[str], _index: int) -> None:
        self._open.dates.append(self._event(e))

    def _claim_diagnoses(self, e: list[str], _index: int) -> None:
        composites = (value.split(self._transaction.component) for value in e[1:])
        codes = (parts[1] for parts in composites if parts[0] in _DIAGNOSIS_QUALIFIERS and len(parts) > 1)
        self._diagnoses += filter(None, codes)

    def _claim_note(self, e: list[str], _index: int) -> None:
        self._notes += filter(None, e[2:3])

    # Another payer of the claim (loop 2320)

    def _other_subscriber(self, e: list[str], _index: int) -> None:
        self._other = OtherPayer(e[1] or None, e[9] or None)
        self._open.other_payers.append(self._other)
        self._handlers = self._of_other_payer

    def _other_party(self, e: list[str], _index: int) -> None:
        self._addressed = named(e)
        if e[1] == "PR":
            self._other_payer.payer = self._addressed
        elif e[1] == "IL":
            self._other_payer.subscriber = self._addressed

    def _other_amount(self, e: list[str], _index: int) -> None:
        amount = self._values.amounts[e[2]]
        self._other_payer.amounts.append((e[1], amount))
        if e[1] == "D":
            self._other_payer.paid_amount = amount

    def _other_adjustments(self, e: list[str], index: int) -> None:
        self._other_payer.adjustments += read_adjustments(e, index, self._values)

    def _other_reference(self, e: list[str], _index: int) -> None:
        self._other_payer.references.append((e[1], e[2]))

    # The service line (loop 2400)

    def _service_line_number(self, _e: list[str], _index: int) -> None:
        self._close_line()
        self._handlers = self._before_line

    def _service_line(self, e: list[str], index: int) -> None:
        self._close_line()
        claim, separator = self._open, self._transaction.component
        procedure = [*e[1].split(separator), ""]
        self._line = SubmittedLine(
            line_number=len(claim.lines) + 1,
            procedure=procedure[1],
            modifiers=tuple(filter(None, procedure[_MODIFIERS])),
            charge_amount=self._values.amounts[e[2]],
            units=self._values.quantities[e[4]] if e[4] else None,
            service_on=None,
            segment_index=index,
            diagnosis_pointers=tuple(filter(None, e[7].split(separator))),
            unit_basis=e[3] or None,
            place_of_service=e[5] or None,
        )
        claim.lines.append(self._line)
        self._handlers = self._of_line

    def _line_party(self, e: list[str], _index: int) -> None:
        self._addressed = named(e)
        if e[1] in PROVIDER_ROLES:
            self._open_line.providers[PROVIDER_ROLES[e[1]]] = self._addressed
        if e[1] == "82":
            self._open_line.rendering_npi = self._addressed.identifier

    def _line_taxonomy(self, e: list[str], _index: int) -> None:
        if e[1] == "PE":
            self._open_line.rendering_taxonomy = e[3] or None

    def _line_reference(self, e: list[str], _index: int) -> None:
        if e[1] in _LINE_REFERENCES:
            setattr(self._open_line, _LINE_REFERENCES[e[1]], e[2] or None)
        else:
            self._open_line.references.append((e[1], e[2]))

    def _line_date(self, e: list[str], _index: int) -> None:
        line, event = self._open_line, self._event(e)
        if e[1] == "472":
            line.service_on, line.service_to = event.first_on, event.last_on
        elif e[1] == _ADJUDICATED and line.adjudications:
            line.adjudications[-1].adjudicated_on = event.first_on
        else:
            line.dates.append(event)

    def _line_note(self, e: list[str], _index: int) -> None:
        self._line_notes += filter(None, e[2:3])

    def _line_adjudication(self, e: list[str], _index: int) -> None:
        procedure = [*e[3].split(self._transaction.component), ""]
        self._open_line.adjudications.append(
            LineAdjudication(
                e[1] or None,
                self._values.amounts[e[2]],
                procedure[1] or None,
                self._values.quantities[e[5]] if e[5] else None,
            )
        )

    def _line_adjustments(self, e: list[str], index: int) -> None:
        if self._open_line.adjudications:
            found = read_adjustments(e, index, self._values)
            self._open_line.adjudications[-1].adjustments += found
        else:
            self._misplaced(e, index)

    # Anywhere

    def _street(self, e: list[str], _index: int) -> None:
        add_street(self._addressed, e)

    def _town(self, e: list[str], _index: int) -> None:
        add_town(self._addressed, e)

    def _event(self, e: list[str]) -> DatedEvent:
        """DTP02 says the form: D8 a day, RD8 a period, DT a day with the time, which is left out."""
        return DatedEvent(e[1], *self._values.periods[e[3][:8] if e[2] == "DT" else e[3]])

    def _misplaced(self, e: list[str], index: int) -> None:
        message = f"{e[0]} (segment {index}) does not stand where an 837P has it and was not used."
        self._transaction.findings.add("misplaced-segment", Severity.VALUE, message, at=index, segment=e[0])

    def _close_line(self) -> None:
        if self._line is not None:
            self._line.notes = tuple(self._line_notes)
        self._line, self._line_notes = None, []

    def _close_claim(self, end: int) -> None:
        """The claim's loop ends before segment `end`."""
        self._close_line()
        claim = self._claim
        if claim is not None:
            first = self._transaction.segment_index
            claim.segment_count = end - claim.segment_index
            claim.segments = self._transaction.canonical[claim.segment_index - first : end - first]
            claim.diagnoses, claim.notes = tuple(self._diagnoses), tuple(self._notes)
            self._check_charge(claim)
        self._claim = self._other = None
        self._charge_unread = False
        self._diagnoses, self._notes = [], []
        self._handlers, self._addressed = self._above, Party()

    def _check_charge(self, claim: SubmittedClaim) -> None:
        """CLM02 is the sum of SV102 (005010X222A1, CLM02); payers refuse a claim where it is not."""
        of_lines = sum((line.charge_amount for line in claim.lines), ZERO)
        if claim.charge_amount != of_lines and not self._charge_unread:
            message = (
                f"The charge of {self._whose()} (CLM02, segment {claim.segment_index}) is "
                f"{claim.charge_amount}, but its {len(claim.lines)} lines come to {of_lines}."
            )
            self._transaction.findings.add(
                "charge-out-of-balance",
                Severity.MONEY,
                message,
                at=claim.segment_index,
                segment="CLM",
                element=2,
            )

    def _whose(self) -> str:
        return "" if self._claim is None else f"claim {self._claim.patient_control_number}"

    @property
    def _open(self) -> SubmittedClaim:
        assert self._claim is not None  # noqa: S101 - handlers of a claim are in force
        return self._claim

    @property
    def _other_payer(self) -> OtherPayer:
        assert self._other is not None  # noqa: S101 - handlers of another payer are in force
        return self._other

    @property
    def _open_line(self) -> SubmittedLine:
        assert self._line is not None  # noqa: S101 - handlers of a line are in force
        return self._line

    # Which segments are read where

    def _handlers_above(self) -> _Handlers:
        parents = self._parents
        return {
            "BHT": parents.begin,
            "HL": self._hierarchy,
            "SBR": parents.subscriber_information,
            "PAT": parents.patient_information,
            "NM1": parents.party,
            "N3": parents.street,
            "N4": parents.town,
            "PER": parents.contact,
            "DMG": parents.demographics,
            "PRV": parents.taxonomy,
            "REF": parents.reference,
            "CLM": self._claim_information,
            "SV1": self._misplaced,
        }

    def _handlers_of_claim(self) -> _Handlers:
        return {
            **self._before_line,
            "SBR": self._other_subscriber,
            "NM1": self._claim_party,
            "PRV": self._claim_taxonomy,
            "REF": self._claim_reference,
            "AMT": self._claim_amount,
            "DTP": self._claim_date,
            "HI": self._claim_diagnoses,
            "NTE": self._claim_note,
        }

    def _handlers_before_line(self) -> _Handlers:
        """Between LX and SV1; and what is read alike anywhere in a claim."""
        return {
            "HL": self._hierarchy,
            "CLM": self._claim_information,
            "LX": self._service_line_number,
            "SV1": self._service_line,
            "N3": self._street,
            "N4": self._town,
        }

    def _handlers_of_other_payer(self) -> _Handlers:
        return {
            **self._before_line,
            "SBR": self._other_subscriber,
            "NM1": self._other_party,
            "REF": self._other_reference,
            "AMT": self._other_amount,
            "CAS": self._other_adjustments,
        }

    def _handlers_of_line(self) -> _Handlers:
        return {
            **self._before_line,
            "NM1": self._line_party,
            "PRV": self._line_taxonomy,
            "REF": self._line_reference,
            "DTP": self._line_date,
            "NTE": self._line_note,
            "SVD": self._line_adjudication,
            "CAS": self._line_adjustments,
        }
