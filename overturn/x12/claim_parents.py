"""What stands above the claims of an 837P: submitter, receiver, billing provider, subscriber and patient."""

from datetime import date
from typing import Final

from overturn.domain.remittance import Party
from overturn.x12.parties import add_street, add_town, named
from overturn.x12.values import Values

PADDING: Final = ("",) * 24  # so that elements are indexed without asking how many there are
_LEVELS: Final = {"20": 1, "22": 2, "23": 3}  # HL03: billing provider, subscriber, patient; 0 is the header
_ROLES: Final = {
    "41": "submitter",
    "40": "receiver",
    "85": "billing_provider",
    "87": "pay_to_provider",
    "IL": "subscriber",
    "PR": "payer",
    "QC": "patient",
}


class ParentLoops:
    """The loops a claim stands under, as of the segment read last. Each hierarchy level's segments are kept
    until a new HL at that level or above replaces them."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._level = 0
        self._segments: list[list[str]] = [[], [], [], []]
        self._role = ""  # of the last NM1
        self._addressed = Party()  # the party of the last NM1
        self._submitter_phone: str | None = None
        self.submitted_on: date | None = None
        self.billing_provider = self.subscriber = self.payer = Party()
        self.submitter: Party | None = None
        self.receiver: Party | None = None
        self.pay_to_provider: Party | None = None
        self.patient: Party | None = None
        self.born_on: date | None = None
        self.billing_taxonomy: str | None = None
        self.billing_references: list[tuple[str, str]] = []
        self.relationship: str | None = None
        self.coverage: list[str] = list(PADDING)  # the elements of SBR

    @property
    def segments(self) -> list[str]:
        return [segment for level in self._segments for segment in level]

    def keep(self, segment: str) -> None:
        self._segments[self._level].append(segment)

    def begin(self, e: list[str], _index: int) -> None:
        self.submitted_on = self._values.day(e[4])

    def hierarchy(self, e: list[str], _index: int) -> None:
        self._level = _LEVELS.get(e[3], self._level)
        for level in range(self._level, len(self._segments)):
            self._segments[level] = []
        if self._level <= _LEVELS["22"]:
            self.patient = self.born_on = self.relationship = None
        if self._level <= _LEVELS["20"]:
            self.pay_to_provider = self.billing_taxonomy = None
        self._role, self._addressed = "", Party()

    def subscriber_information(self, e: list[str], _index: int) -> None:
        self.coverage = e
        self.relationship = e[2] or None

    def patient_information(self, e: list[str], _index: int) -> None:
        self.relationship = e[1] or self.relationship

    def party(self, e: list[str], _index: int) -> None:
        self._role, self._addressed = e[1], named(e)
        if e[1] in _ROLES:
            setattr(self, _ROLES[e[1]], self._addressed)
        if e[1] == "85":
            self._addressed.phone = self._submitter_phone
            self.billing_references = []

    def street(self, e: list[str], _index: int) -> None:
        add_street(self._addressed, e)

    def town(self, e: list[str], _index: int) -> None:
        add_town(self._addressed, e)

    def contact(self, e: list[str], _index: int) -> None:
        """The billing provider's own telephone number; failing that the submitter's, who speaks for it."""
        numbers = dict(zip(e[3:8:2], e[4:9:2], strict=True))
        if self._role == "41":
            self._submitter_phone = numbers.get("TE")
        elif self._role == "85":
            self.billing_provider.phone = numbers.get("TE") or self._submitter_phone

    def demographics(self, e: list[str], _index: int) -> None:
        self.born_on = self._values.day(e[2])

    def taxonomy(self, e: list[str], _index: int) -> None:
        if e[1] == "BI":
            self.billing_taxonomy = e[3] or None

    def reference(self, e: list[str], _index: int) -> None:
        if self._role == "85":
            self.billing_references.append((e[1], e[2]))
