"""The 837P: ST to SE in, the submitted claims out, each with the loops it stands under."""

from collections.abc import Callable
from datetime import date
from typing import Final

from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim, SubmittedLine
from overturn.x12.envelope import TransactionSet
from overturn.x12.findings import Severity
from overturn.x12.values import Values

_PADDING: Final = ("",) * 20
_MODIFIERS: Final = slice(2, 6)
_DIAGNOSIS_QUALIFIERS: Final = frozenset({"ABK", "ABF", "BK", "BF"})
_CLAIM_REFERENCES: Final = {
    "F8": "payer_claim_control_number",
    "G1": "prior_authorization",
    "D9": "claim_identifier",
}
_LONG_POSTAL_CODE: Final = 9
_LEVELS: Final = {"20": 1, "22": 2, "23": 3}  # HL03: billing provider, subscriber, patient; 0 is the header

_Handler = Callable[[list[str], int], None]


def read_claims(transaction: TransactionSet, values: Values) -> list[SubmittedClaim]:
    """Read one 837P and add its findings to the transaction set's."""
    return _ClaimReader(transaction, values).read()


class _ClaimReader:
    """One pass over the segments. `_parents` holds each hierarchy level's segments until a new HL at that
    level or above replaces them; `_other_payer` is true from the first SBR inside a claim (loop 2320) to
    the first LX, where parties and references are another payer's."""

    def __init__(self, transaction: TransactionSet, values: Values) -> None:
        self._transaction = transaction
        self._values = values
        self._claims: list[SubmittedClaim] = []
        self._claim: SubmittedClaim | None = None
        self._line: SubmittedLine | None = None
        self._other_payer = False
        self._level = 0
        self._parents: list[list[str]] = [[], [], [], []]
        self._submitted_on: date | None = None
        self._billing_provider = self._subscriber = self._payer = Party()
        self._role = ""  # of the last NM1 above the claims
        self._submitter_phone: str | None = None
        self._billing_taxonomy: str | None = None
        self._patient: Party | None = None
        self._born_on: date | None = None
        self._subscriber_information: list[str] = list(_PADDING)

    def read(self) -> list[SubmittedClaim]:
        transaction, values = self._transaction, self._values
        handlers = self._handlers()
        index = transaction.segment_index - 1
        for segment, canonical in zip(transaction.segments, transaction.canonical, strict=False):
            index += 1
            elements = segment.split(transaction.element)
            handler = handlers.get(elements[0])
            if handler is not None:
                elements += _PADDING
                handler(elements, index)
                if values.unread:
                    values.report(transaction.findings, elements, index, self._whose())
            if self._claim is None and elements[0] not in {"ST", "SE"}:
                self._parents[self._level].append(canonical)
        self._close_claim(index if transaction.segments[-1][:2] == "SE" else index + 1)
        return self._claims

    def _handlers(self) -> dict[str, _Handler]:
        return {
            "BHT": self._begin,
            "HL": self._hierarchy,
            "SBR": self._subscriber_or_other,
            "NM1": self._party,
            "PRV": self._provider_information,
            "N3": self._street,
            "N4": self._city,
            "PER": self._contact,
            "DMG": self._demographics,
            "CLM": self._claim_information,
            "REF": self._reference,
            "HI": self._diagnoses,
            "NTE": self._note,
            "LX": self._service_line_number,
            "SV1": self._service_line,
            "DTP": self._date,
        }

    # What stands above the claims

    def _begin(self, e: list[str], _index: int) -> None:
        self._submitted_on = self._values.day(e[4])

    def _hierarchy(self, e: list[str], index: int) -> None:
        self._close_claim(index)
        self._level = _LEVELS.get(e[3], self._level)
        for level in range(self._level, len(self._parents)):
            self._parents[level] = []
        if self._level <= _LEVELS["22"]:
            self._patient = self._born_on = None
        if self._level <= _LEVELS["20"]:
            self._billing_taxonomy = None

    def _subscriber_or_other(self, e: list[str], _index: int) -> None:
        if self._claim is None:
            self._subscriber_information = e
        else:
            self._other_payer = True

    def _party(self, e: list[str], _index: int) -> None:
        party = Party(e[3] or None, e[9] or None, e[8] or None, e[4] or None)
        self._role = e[1] if self._claim is None else ""
        if self._claim is None:
            self._parent_party(e[1], party)
        elif self._line is not None:
            if e[1] == "82":
                self._line.rendering_npi = party.identifier
        elif not self._other_payer:
            if e[1] == "82":
                self._claim.rendering_provider = party
            elif e[1] == "DN":
                self._claim.referring_provider = party

    def _parent_party(self, role: str, party: Party) -> None:
        if role == "85":
            self._billing_provider = party
            party.phone = self._submitter_phone
        elif role == "IL":
            self._subscriber = party
        elif role == "PR":
            self._payer = party
        elif role == "QC":
            self._patient = party

    def _provider_information(self, e: list[str], _index: int) -> None:
        if self._claim is None:
            if e[1] == "BI":
                self._billing_taxonomy = e[3] or None
        elif e[1] == "PE" and self._line is None and not self._other_payer:
            self._claim.provider_taxonomy = e[3] or self._claim.provider_taxonomy

    def _street(self, e: list[str], _index: int) -> None:
        if self._role == "85":
            self._billing_provider.address = tuple(filter(None, e[1:3]))

    def _city(self, e: list[str], _index: int) -> None:
        if self._role == "85":
            postal_code = f"{e[3][:5]}-{e[3][5:]}" if len(e[3]) == _LONG_POSTAL_CODE else e[3]
            town = f"{e[1]}, {e[2]} {postal_code}".rstrip()
            self._billing_provider.address += (town.strip(", "),)

    def _contact(self, e: list[str], _index: int) -> None:
        """The billing provider's own telephone number; failing that the submitter's, who speaks for it."""
        numbers = dict(zip(e[3:8:2], e[4:9:2], strict=True))
        if self._role == "41":
            self._submitter_phone = numbers.get("TE")
        elif self._role == "85":
            self._billing_provider.phone = numbers.get("TE") or self._submitter_phone

    def _demographics(self, e: list[str], _index: int) -> None:
        if self._claim is None:
            self._born_on = self._values.day(e[2])

    # The claim (loop 2300)

    def _claim_information(self, e: list[str], index: int) -> None:
        self._close_claim(index)
        facility = [*e[5].split(self._transaction.component), "", "", ""]
        self._claim = SubmittedClaim(
            patient_control_number=e[1],
            charge_amount=self._values.amounts[e[2]],
            place_of_service=facility[0] or None,
            frequency_code=facility[2] or None,
            billing_provider=self._billing_provider,
            subscriber=self._subscriber,
            payer=self._payer,
            segment_index=index,
            patient=self._patient,
            patient_born_on=self._born_on,
            provider_taxonomy=self._billing_taxonomy,
            filing_indicator=self._subscriber_information[9] or None,
            payer_responsibility=self._subscriber_information[1] or None,
            submitted_on=self._submitted_on,
            parent_segments=[segment for level in self._parents for segment in level],
        )
        self._claims.append(self._claim)

    def _reference(self, e: list[str], _index: int) -> None:
        if self._claim is None or self._other_payer:
            return
        if self._line is not None:
            if e[1] == "6R":
                self._line.control_number = e[2] or None
        elif e[1] in _CLAIM_REFERENCES:
            setattr(self._claim, _CLAIM_REFERENCES[e[1]], e[2] or None)

    def _diagnoses(self, e: list[str], _index: int) -> None:
        if self._claim is None:
            return
        composites = (value.split(self._transaction.component) for value in e[1:])
        codes = (parts[1] for parts in composites if parts[0] in _DIAGNOSIS_QUALIFIERS and len(parts) > 1)
        self._claim.diagnoses += tuple(filter(None, codes))

    def _note(self, e: list[str], _index: int) -> None:
        if self._claim is not None and self._line is None and e[2]:
            self._claim.notes += (e[2],)

    # The service line (loop 2400)

    def _service_line_number(self, _e: list[str], _index: int) -> None:
        self._line = None
        self._other_payer = False

    def _service_line(self, e: list[str], index: int) -> None:
        if self._claim is None:
            message = f"SV1 (segment {index}) stands outside any claim and was not used."
            self._transaction.findings.add(
                "misplaced-segment", Severity.VALUE, message, at=index, segment="SV1"
            )
            return
        separator = self._transaction.component
        procedure = [*e[1].split(separator), ""]
        self._line = SubmittedLine(
            line_number=len(self._claim.lines) + 1,
            procedure=procedure[1],
            modifiers=tuple(filter(None, procedure[_MODIFIERS])),
            charge_amount=self._values.amounts[e[2]],
            units=self._values.quantities[e[4]] if e[4] else None,
            service_on=None,
            segment_index=index,
            diagnosis_pointers=tuple(filter(None, e[7].split(separator))),
        )
        self._claim.lines.append(self._line)

    def _date(self, e: list[str], _index: int) -> None:
        if self._line is not None and e[1] == "472":
            self._line.service_on, self._line.service_to = self._values.periods[e[3]]

    def _close_claim(self, end: int) -> None:
        """The claim's loop ends before segment `end`."""
        claim = self._claim
        if claim is not None:
            first = self._transaction.segment_index
            claim.segment_count = end - claim.segment_index
            claim.segments = self._transaction.canonical[claim.segment_index - first : end - first]
        self._claim = self._line = None
        self._other_payer = False

    def _whose(self) -> str:
        return "" if self._claim is None else f"claim {self._claim.patient_control_number}"
