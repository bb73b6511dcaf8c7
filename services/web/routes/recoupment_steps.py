"""`/recoupments/{id}`: one demand of a payer for money back, and the steps a person takes on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from overturn.db import recoupments as record
from overturn.db.exhibits import supplied_exhibits
from overturn.db.recoupment_record import Asked
from overturn.db.tables import RecoupmentLetter
from overturn.domain.channel_names import APPEAL_CHANNELS, ChannelName
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.denial_case import CaseStatus
from overturn.domain.recoupment import (
    FIRST_LEVEL,
    ClockState,
    Decision,
    Dispute,
    RecoupmentOutcome,
    RecoupmentRefusedError,
    RecoupmentStep,
)
from overturn.recoupment_package import rebuttal_documents
from overturn.reporting.people import colleagues
from overturn.reporting.recoupments import ClockFacts, one_recoupment
from services.web import presenters
from services.web.context import Now, Today, Transaction, web_of
from services.web.forms import NO_NUL, Assignee, Confirmation, OptionalDate, blank_is_none
from services.web.guard import Person
from services.web.pages import page, problem

router = APIRouter(prefix="/recoupments/{recoupment_id}")

CLOCKS: Final = {
    "recoupment_rebuttal": "Rebut",
    "recoupment_stop": "Appeal, so that nothing is withheld",
    "repayment": "Repay without interest",
    "appeal": "Appeal",
}
CLOCK_STATES: Final = {
    ClockState.RUNNING: "Running",
    ClockState.MET: "Done in time",
    ClockState.MISSED: "Missed",
    ClockState.MOOT: "Not needed any more",
}
OUTCOMES: Final = {
    RecoupmentOutcome.REPAID: "repaid",
    RecoupmentOutcome.WITHDRAWN: "decided for us",
    RecoupmentOutcome.ACCEPTED: "accepted",
    RecoupmentOutcome.EXPIRED: "appeal missed",
}
DONE: Final = {
    "step": "Recorded. The last days follow within a minute.",
    "exhibit": "The document is checked and stands in the package.",
    "removed": "The document is taken out of the package.",
}
UNDONE: Final = {
    RecoupmentStep.SUBMIT: "the sending",
    RecoupmentStep.DECIDE: "the payer's decision",
    RecoupmentStep.REPAY: "the repayment",
    RecoupmentStep.ACCEPT: "the acceptance",
}
STATUSES: Final = {
    "demanded": "we have the next step",
    "sending": "being sent",
    "disputed": "with the payer",
    "closed": "closed",
}


Dollars = Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=2)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=NO_NUL)]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=NO_NUL)
]
Number = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50, pattern=NO_NUL)]


class StepForm(BaseModel):
    """Every step form: made once (`step_id`) from one version of the recoupment."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    step_id: UUID
    version: int


class AssignForm(StepForm):
    assignee_id: Assignee


class NoticeForm(StepForm):
    notice_on: date
    received_on: OptionalDate = None
    reference: Number = ""
    amount: Dollars


class ClockForm(StepForm):
    kind: DeadlineKind
    due_on: date
    reason: Reason


class SubmitForm(StepForm):
    dispute: Dispute
    submitted_on: date
    confirmation: Confirmation = ""


class DecideForm(StepForm):
    decision: Decision
    decided_on: date
    amount: Annotated[Dollars | None, BeforeValidator(blank_is_none)] = None


class RepayForm(StepForm):
    amount: Dollars
    paid_on: date
    how: Words = ""


class ReasonForm(StepForm):
    reason: Reason


@dataclass(frozen=True, slots=True)
class OnRecoupment:
    """What every step on a recoupment has at hand."""

    request: Request
    recoupment_id: UUID
    session: AsyncSession
    person: Person
    now: datetime
    today: date

    async def take(self, form: StepForm, take: Callable[..., Awaitable[None]], **given: Any) -> Response:
        """The record decides; its refusal comes back as a sentence over the recoupment as it now stands."""
        asked = Asked(self.recoupment_id, form.step_id, form.version, self.person.user_id, self.now)
        try:
            async with self.session.begin_nested():
                await take(self.session, asked, **given)
        except RecoupmentRefusedError as error:
            return await self.shown(refusal=str(error), status=HTTPStatus.CONFLICT)
        return self.done("step")

    def done(self, what: str) -> Response:
        return RedirectResponse(f"/recoupments/{self.recoupment_id}?done={what}", HTTPStatus.SEE_OTHER)

    def _channels(self) -> dict[str, str]:
        """By which the system sends; through a portal a person sends, and records it."""
        open_channels = web_of(self.request).channels.items()
        return {name: label for name, label in open_channels if name is not ChannelName.PORTAL}

    async def shown(
        self, *, done: str = "", refusal: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        found = await one_recoupment(self.session, self.recoupment_id)
        if found is None:
            return problem(self.request, HTTPStatus.NOT_FOUND, "There is no such recoupment.")
        supplied = await supplied_exhibits(self.session, recoupment_id=self.recoupment_id)
        rules = await web_of(self.request).rules.current(self.session)
        return page(
            self.request,
            "recoupment.html",
            status=status,
            one=found,
            chip=lambda clock: clock_chip(clock, self.today),
            clocks=CLOCKS,
            states=CLOCK_STATES,
            outcomes=OUTCOMES,
            undone=UNDONE,
            statuses=STATUSES,
            people=await colleagues(self.session),
            letter=await self.session.get(RecoupmentLetter, self.recoupment_id, populate_existing=True),
            channels=self._channels(),
            exhibits=supplied,
            asked=rebuttal_documents(rules, found.payer_key, {each.document for each in supplied}),
            appeal_channels=list(APPEAL_CHANNELS),
            can_rebut=found.rebutted_on is None and found.level == FIRST_LEVEL,
            step_id=uuid4,
            today=self.today,
            done=DONE.get(done, ""),
            refusal=refusal,
        )


def _on_recoupment(
    *, request: Request, recoupment_id: UUID, session: Transaction, person: Person, now: Now, today: Today
) -> OnRecoupment:
    return OnRecoupment(request, recoupment_id, session, person, now, today)


On = Annotated[OnRecoupment, Depends(_on_recoupment)]


def clock_chip(clock: ClockFacts, today: date) -> presenters.Chip:
    """A clock that runs counts days as a case that needs work does."""
    return presenters.deadline_chip(clock.due_on, clock.unknown, today, CaseStatus.NEEDS_WORK)


@router.get("")
async def show_recoupment(on: On, done: str = "") -> Response:
    return await on.shown(done=done)


@router.post("/assign")
async def assign(on: On, form: Annotated[AssignForm, Form()]) -> Response:
    names = {person.id: person.display_name for person in await colleagues(on.session)}
    if form.assignee_id and form.assignee_id not in names:
        refusal = "This person can no longer be given work. Choose another."
        return await on.shown(refusal=refusal, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    name = names[form.assignee_id] if form.assignee_id else ""
    return await on.take(form, record.assign, to=form.assignee_id, name=name)


@router.post("/notice")
async def notice(on: On, form: Annotated[NoticeForm, Form()]) -> Response:
    given = form.model_dump(include={"notice_on", "received_on", "reference", "amount"})
    return await on.take(form, record.record_notice, **given)


@router.post("/clock")
async def clock(on: On, form: Annotated[ClockForm, Form()]) -> Response:
    return await on.take(form, record.set_clock, kind=form.kind, due_on=form.due_on, reason=form.reason)


@router.post("/submit")
async def submit(on: On, form: Annotated[SubmitForm, Form()]) -> Response:
    given = form.model_dump(include={"dispute", "submitted_on", "confirmation"})
    return await on.take(form, record.submit, **given)


@router.post("/decide")
async def decide(on: On, form: Annotated[DecideForm, Form()]) -> Response:
    given = form.model_dump(include={"decision", "decided_on", "amount"})
    return await on.take(form, record.decide, **given)


@router.post("/repay")
async def repay(on: On, form: Annotated[RepayForm, Form()]) -> Response:
    return await on.take(form, record.repay, amount=form.amount, paid_on=form.paid_on, how=form.how)


@router.post("/accept")
async def accept(on: On, form: Annotated[ReasonForm, Form()]) -> Response:
    return await on.take(form, record.accept, reason=form.reason)


@router.post("/undo")
async def undo(on: On, form: Annotated[ReasonForm, Form()]) -> Response:
    return await on.take(form, record.undo, reason=form.reason)
