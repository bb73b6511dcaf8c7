"""What is proved about a denial: a finer cause or a refutation of the payer, with the evidence for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from overturn.domain.codes import Action, Answer, Category, Confidence


class Stand(StrEnum):
    """Whether the proof bears the payer out, or shows that the payer is wrong."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"


@dataclass(frozen=True, slots=True)
class ProofPlace:
    """One fact: in which file it stands (835, 837P or 277CA), segment index of that file from 1, element.
    `claim` is the patient control number of another claim of ours, where it stands in that one's file."""

    document: str
    segment_index: int
    segment: str
    element: int
    value: str
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class ProofTable:
    """One table that was asked: its name, its quarter, and whether the date lies after that quarter."""

    name: str
    quarter: str
    stale: bool

    @property
    def words(self) -> str:
        """The quarter, whether it is over, and where the table came from."""
        return f"{self.quarter}{', the newest at hand' if self.stale else ''}: {self.name}"


@dataclass(frozen=True, slots=True)
class Proven:
    """A proof. `finding` is said to the biller and, where it refutes the payer, in the letter; `advice` goes
    with the next step. What is None stays as the deciding row has it; `action` and `appealable` still yield
    to guardrails."""

    cause: str
    stand: Stand
    finding: str
    advice: str
    confidence: Confidence
    why: str  # of the confidence
    category: Category | None = None
    action: Action | None = None
    appealable: Answer | None = None
    guardrail: str | None = None
    playbook: str | None = None
    places: tuple[ProofPlace, ...] = ()
    tables: tuple[ProofTable, ...] = ()

    @property
    def refutes(self) -> bool:
        return self.stand is Stand.REFUTED

    @property
    def sourced(self) -> str:
        """The finding as a sentence, with the tables it rests on."""
        named = "; ".join(table.words for table in self.tables)
        return f"{self.finding.rstrip('.')}{f' (table of {named})' if named else ''}."


SURE = "our claim and the tables prove it"
STALE = "the newest table at hand is older than the service"
OTHER_PAYER = "the table is Medicare's, and this payer may use its own"


def trust(*, stale: bool, own: bool) -> tuple[Confidence, str]:
    """How far a table's answer holds: fully for its own payer and time, hardly where neither is given."""
    doubts = [text for doubt, text in ((stale, STALE), (not own, OTHER_PAYER)) if doubt]
    return (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)[len(doubts)], "; ".join(doubts) or SURE


def at_least_medium(trusted: tuple[Confidence, str]) -> tuple[Confidence, str]:
    """The same where payer and table agree: two witnesses are no guess."""
    confidence, why = trusted
    return (Confidence.MEDIUM if confidence is Confidence.LOW else confidence), why


def each_once(tables: Iterable[ProofTable]) -> tuple[ProofTable, ...]:
    """The tables in their order, none twice."""
    return tuple(dict.fromkeys(tables))
