"""Generated histories of one claim, as payers tell them, with the dollars that must come out."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st

from overturn.domain.answers import Adjudication, LineAnswer, LineIdentity
from overturn.domain.remittance import ZERO, sum_amounts
from overturn.domain.take_backs import TakeBack

FIRST_DAY = date(2026, 9, 1)
PROCEDURES = ("97110", "97140", "97530", "97112")


@dataclass
class History:
    """A claim's lines as billed, its answers in the order of their dates, and the standing they must give."""

    sent_lines: tuple[LineIdentity, ...]
    answers: list[Adjudication] = field(default_factory=list)
    take_backs: list[TakeBack] = field(default_factory=list)
    in_force: dict[int, LineAnswer] = field(default_factory=dict)  # by place in `sent_lines`
    left_to_patient: Decimal | None = None  # by a secondary payer that paid the rest

    @property
    def charge_amount(self) -> Decimal:
        return sum_amounts(line.charge_amount for line in self.sent_lines)

    @property
    def next_day(self) -> date:
        return FIRST_DAY + timedelta(days=len(self.answers) + len(self.take_backs))

    @property
    def received_amount(self) -> Decimal:
        return sum_amounts(a.paid_amount for a in self.answers)

    def answer(
        self, lines: dict[int, LineAnswer], *, status: str = "1", prior: Decimal = ZERO
    ) -> Adjudication:
        """One more CLP, which is about these lines and balances."""
        numbered = [
            replace(lines[place], number=number) for number, place in enumerate(sorted(lines), start=1)
        ]
        made = Adjudication(
            payment_id=UUID(int=len(self.answers) + 1),
            payment_on=self.next_day,
            status_code=status,
            payer_claim_control_number="ICN1",
            charge_amount=sum_amounts(line.charge_amount for line in numbered),
            paid_amount=sum_amounts(line.paid_amount for line in numbered),
            contractual_amount=sum_amounts(line.contractual_amount for line in numbered),
            patient_amount=sum_amounts(line.patient_amount for line in numbered),
            denied_amount=sum_amounts(line.denied_amount for line in numbered),
            prior_payer_amount=prior,
            lines=tuple(numbered),
        )
        self.answers.append(made)
        return made


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Originals, splits, single lines decided again, reversals with corrections, a secondary payer, and
    take-backs; each payer's figures balance, and no line is paid twice without a reversal."""
    history = History(draw(_billed()))
    _original(draw, history)
    for _ in range(draw(st.integers(0, 3))):
        draw(st.sampled_from([_decide_line_again, _reverse_and_correct, _take_back]))(draw, history)
    if draw(st.booleans()):
        _secondary(history)
    return history


@st.composite
def _billed(draw: st.DrawFn) -> tuple[LineIdentity, ...]:
    numbered = draw(st.booleans())
    charges = draw(st.lists(st.integers(1, 40_000), min_size=1, max_size=4))
    return tuple(
        LineIdentity(
            procedure=PROCEDURES[place],
            modifiers=frozenset({"GP"}),
            service_on=FIRST_DAY,
            charge_amount=Decimal(cents) / 100,
            control_number=f"L{place}" if numbered else None,
        )
        for place, cents in enumerate(charges)
    )


def _result(draw: st.DrawFn, identity: LineIdentity, *, denied: bool) -> LineAnswer:
    """Denied as a whole, or paid with a write-off and a part of the patient's."""
    charge = identity.charge_amount
    if denied:
        return LineAnswer(None, identity, charge, ZERO, denied_amount=charge)
    cents = int(charge * 100)
    contractual = draw(st.integers(0, cents))
    patient = draw(st.integers(0, cents - contractual))
    return LineAnswer(
        number=None,
        identity=identity,
        charge_amount=charge,
        paid_amount=charge - Decimal(contractual + patient) / 100,
        contractual_amount=Decimal(contractual) / 100,
        patient_amount=Decimal(patient) / 100,
    )


def _original(draw: st.DrawFn, history: History) -> None:
    """All lines at once, or some in one remittance and the rest in the next."""
    lines = {
        place: _result(draw, identity, denied=draw(st.booleans()))
        for place, identity in enumerate(history.sent_lines)
    }
    cut = draw(st.integers(1, len(lines)))
    for places in (range(cut), range(cut, len(lines))):
        if places:
            history.answer({place: lines[place] for place in places})
    history.in_force = lines


def _decide_line_again(draw: st.DrawFn, history: History) -> None:
    """A denied line is paid in a CLP of its own, without a reversal."""
    denied = [place for place, line in history.in_force.items() if line.denied_amount]
    if denied:
        place = draw(st.sampled_from(denied))
        again = _result(draw, history.sent_lines[place], denied=draw(st.booleans()))
        history.answer({place: again})
        history.in_force[place] = again


def _reverse_and_correct(draw: st.DrawFn, history: History) -> None:
    """All that stands is taken back, and answered anew the day after."""
    history.answer({place: _negative(line) for place, line in history.in_force.items()}, status="22")
    corrected = {
        place: _result(draw, identity, denied=draw(st.booleans()))
        for place, identity in enumerate(history.sent_lines)
    }
    history.answer(corrected)
    history.in_force = corrected


def _negative(line: LineAnswer) -> LineAnswer:
    assert line.identity
    return replace(
        line,
        identity=line.identity.negative,
        charge_amount=-line.charge_amount,
        paid_amount=-line.paid_amount,
        contractual_amount=-line.contractual_amount,
        patient_amount=-line.patient_amount,
        denied_amount=-line.denied_amount,
    )


def _take_back(draw: st.DrawFn, history: History) -> None:
    amount = Decimal(draw(st.integers(-5_000, 20_000))) / 100
    number = UUID(int=1_000 + len(history.take_backs))
    history.take_backs.append(TakeBack(number, history.next_day, "WO", amount, 9))


def _secondary(history: History) -> None:
    """The next payer pays what the first left to the patient, and repeats the rest with CARC 23."""
    left = {place: line.patient_amount for place, line in history.in_force.items()}
    lines = {
        place: LineAnswer(
            number=None,
            identity=history.sent_lines[place],
            charge_amount=line.charge_amount,
            paid_amount=left[place],
            contractual_amount=line.charge_amount - left[place],
        )
        for place, line in history.in_force.items()
    }
    prior = sum_amounts(line.contractual_amount for line in lines.values())
    history.answer(lines, status="2", prior=prior)
    history.left_to_patient = ZERO
