"""A request for records, from the letter to every end it can come to, in skipped time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlmodel import col
from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment

from overturn.channels import CannotTellError, ChannelRefusedError
from overturn.db.session import Sessions
from overturn.db.tables import (
    Claim,
    Exhibit,
    PracticeProfile,
    RecordsRequest,
    RecordsRequestEvent,
    Sending,
)
from overturn.domain import workflow_ids as ids
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, PayerDecision, StepRefusedError
from overturn.domain.records_request import Notice, Requester, RequestStep
from overturn.records.deadline import move_request_deadlines
from overturn.records.opening import NewRequest, open_request
from overturn.records.steps import RequestOrder, take_request_step
from overturn.reporting.stuck import stuck_requests
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook, load_rulebook
from tests.replay.recorded import CODE, texts_in
from tests.unit.packages.samples import document
from tests.workflow.office import WAITING, Office
from tests.workflow.post import nothing_happens
from tests.workflow.test_histories import keep
from workflows.denial_case.types import UndoInput
from workflows.records_request.activities import RecordsRequestActivities
from workflows.records_request.starting import follow_requests
from workflows.records_request.types import ReviewRequestInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]

RULEBOOK = load_rulebook()
PDF = document("Treatment notes").pdf


@dataclass
class Desk:
    """One request, and what a test does about it."""

    office: Office
    request_id: UUID = field(default_factory=uuid4)
    case_id: UUID | None = None

    @property
    def sessions(self) -> Sessions:
        return self.office.record.sessions

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.office.environment.client.get_workflow_handle(ids.records_request(self.request_id))

    async def asked(self, *, days_ago: int = 5, follow: bool = True, **known: Any) -> "Desk":
        """A letter of the payer about a claim whose denial asks for records."""
        self.case_id = await self.office.open(
            action="send_records", category="documentation", payer_key=known.pop("payer_key", "medicare")
        )
        today = await self.office.today()
        new: dict[str, Any] = {
            "step_id": uuid4(),
            "actor_id": self.office.record.person_id,
            "requester": Requester.MAC,
            "notice": Notice.LETTER,
            "requested_on": today - timedelta(days=days_ago),
            "reference": f"ADR-{uuid4().hex[:8]}",
            "documents": ("treatment_notes",),
            "case_id": self.case_id,
        }
        self.request_id = await self.open(NewRequest(**{**new, **known}))
        if follow:
            await self.follow()
        return self

    async def open(self, new: NewRequest) -> UUID:
        at = await self.office.environment.get_current_time()
        async with self.sessions.begin() as session:
            return await open_request(session, new, rulebook=RULEBOOK, at=at)

    async def follow(self) -> list[UUID]:
        """What the worker does every quarter of a minute; then the workflow has looked."""
        now = await self.office.environment.get_current_time()
        news = await follow_requests(self.office.environment.client, self.sessions, now=now)

        async def has_looked() -> bool:
            row = await self.row()
            return row.seen_version == row.version

        await self.office.until(has_looked)
        return news

    async def waits(self) -> bool:
        """Its workflow has taken in all that was done for it."""
        return (await self.handle.fetch_history()).events[-1].event_type in WAITING

    async def take(self, step: RequestStep, **known: Any) -> None:
        version = known.pop("version", None) or (await self.row()).version
        order = RequestOrder(
            step=step,
            step_id=known.pop("step_id", None) or uuid4(),
            actor_id=self.office.record.person_id,
            version=version,
            **known,
        )
        at = await self.office.environment.get_current_time()
        async with self.sessions.begin() as session:
            await take_request_step(session, self.request_id, order, rulebook=RULEBOOK, at=at)

    async def upload(self, document_key: str = "treatment_notes") -> None:
        async with self.sessions.begin() as session:
            session.add(
                Exhibit(
                    id=uuid4(),
                    request_id=self.request_id,
                    level=0,
                    document=document_key,
                    title="Treatment notes",
                    file_name="notes.pdf",
                    original_sha256=sha256(PDF).hexdigest(),
                    content=PDF,
                    pages=1,
                    uploaded_by=self.office.record.person_id,
                )
            )

    async def gathered(self) -> None:
        await self.upload()
        await self.take(RequestStep.GATHERED)

    async def sent(self) -> None:
        await self.gathered()
        await self.take(RequestStep.SEND, channel=ChannelName.MAIL)
        await self.follow()
        await self.until_status("sent")

    async def row(self) -> RecordsRequest:
        async with self.sessions() as session:
            return await session.get_one(RecordsRequest, self.request_id)

    async def until_status(self, status: str) -> None:
        async def stands() -> bool:
            return (await self.row()).status == status

        await self.office.until(stands)

    async def events(self) -> list[RecordsRequestEvent]:
        async with self.sessions() as session:
            found = await session.scalars(
                select(RecordsRequestEvent)
                .where(col(RecordsRequestEvent.request_id) == self.request_id)
                .order_by(col(RecordsRequestEvent.sequence))
            )
            return list(found)

    async def kinds(self) -> list[str]:
        return [event.kind for event in await self.events()]

    async def until_kind(self, kind: str, times: int = 1) -> None:
        async def has() -> bool:
            return (await self.kinds()).count(kind) >= times

        await self.office.until(has)

    async def sendings(self) -> list[Sending]:
        async with self.sessions() as session:
            found = await session.scalars(select(Sending).where(col(Sending.request_id) == self.request_id))
            return list(found)

    async def answered(self, *, more_paid: str, still_denied: str) -> None:
        assert self.case_id is not None
        await self.office.record.adjudicate(self.case_id, more_paid=more_paid, still_denied=still_denied)
        await self.follow()
        await self.handle.result()


@pytest_asyncio.fixture
async def desk(office: Office) -> Desk:
    """The practice has said who signs."""
    async with office.record.sessions.begin() as session:
        await session.merge(
            PracticeProfile(
                id=1,
                address=["12 Harbor Street", "Erie, PA 16501"],
                phone="(814) 555-0100",
                signer_name="Dana Example",
                signer_title="Billing lead",
            )
        )
    return Desk(office)


async def test_records_go_out_once_and_a_later_remittance_ends_it_as_paid(desk: Desk) -> None:
    await desk.asked()
    row = await desk.row()
    assert (row.status, row.amount, row.due_on) == (
        "gathering",
        Decimal("120.00"),
        row.requested_on + timedelta(days=45),
    )
    await desk.sent()
    (sending,) = await desk.sendings()
    assert sending.state == "sent"
    assert sending.proof["files"]
    assert desk.office.post.keys.count(sending.id) == 1
    (file,) = await desk.office.record.sent_files(sending.id)
    assert file.pages >= 3  # cover, letter, the notes
    await desk.answered(more_paid="120.00", still_denied="0.00")
    row = await desk.row()
    assert (row.status, row.outcome) == ("closed", "paid")
    assert await desk.kinds() == ["opened", "gathered", "send", "sent", "remittance"]
    await keep("records_request_paid", await desk.handle.fetch_history())


@pytest.mark.parametrize(
    ("more_paid", "still_denied", "outcome"),
    [("50.00", "70.00", "partly_paid"), ("0.00", "120.00", "upheld"), ("-30.00", "150.00", "upheld")],
)
async def test_a_remittance_that_pays_less_ends_it_as_it_says(
    desk: Desk, more_paid: str, still_denied: str, outcome: str
) -> None:
    await desk.asked()
    await desk.sent()
    await desk.answered(more_paid=more_paid, still_denied=still_denied)
    assert (await desk.row()).outcome == outcome


async def test_nothing_sent_is_missed_with_its_dollars_after_every_reminder(desk: Desk) -> None:
    await desk.asked()
    await desk.office.pass_days(45)
    await desk.handle.result()
    row = await desk.row()
    assert (row.status, row.outcome, row.missed_cause) == ("missed", "missed", "not_done")
    assert await desk.kinds() == ["opened", *["reminder"] * 4, "expire"]
    said = [event.summary for event in await desk.events()]
    assert said[1].startswith("14 days left")
    assert "the lead is told" in said[2]
    assert "$120.00" in said[-1]
    assert row.escalated_at is not None
    assert desk.case_id is not None
    assert (await desk.office.record.case(desk.case_id)).status == CaseStatus.NEEDS_WORK
    assert "records_request" in await desk.office.record.kinds(desk.case_id)
    await keep("records_request_missed", await desk.handle.fetch_history())


async def test_a_request_that_came_too_late_is_missed_at_once_and_says_so(desk: Desk) -> None:
    await desk.asked(days_ago=60)
    await desk.handle.result()
    row = await desk.row()
    assert (row.status, row.missed_cause) == ("missed", "arrived_late")


async def test_a_payer_that_gives_more_time_opens_a_missed_request_again(desk: Desk) -> None:
    await desk.asked(days_ago=60)
    await desk.handle.result()
    later = await desk.office.today() + timedelta(days=20)
    with pytest.raises(StepRefusedError, match="Say where the last day comes from"):
        await desk.take(RequestStep.SET_DEADLINE, on=later)
    await desk.take(RequestStep.SET_DEADLINE, on=later, words="Good cause, granted by phone.")
    await desk.follow()
    row = await desk.row()
    assert (row.status, row.outcome, row.due_on, row.missed_cause) == ("gathering", None, later, None)
    await desk.office.pass_days(22)
    await desk.handle.result()
    assert (await desk.kinds()).count("reminder") == 4
    assert (await desk.kinds()).count("expire") == 2


async def test_an_unknown_last_day_is_asked_for_every_week(desk: Desk) -> None:
    await desk.asked(payer_key="aetna", requester=Requester.PAYER)
    row = await desk.row()
    assert row.due_on is None
    assert "set the window" in row.deadline["unknown"]
    await desk.office.pass_days(15)
    await desk.until_kind("unknown_deadline", 2)
    await desk.take(RequestStep.SET_DEADLINE, on=await desk.office.today(), words="Portal.")
    await desk.follow()
    await desk.office.pass_days(2)
    await desk.until_status("missed")


def with_days(days: int) -> Rulebook:
    """The rules with another time for Medicare's records."""
    known = RULEBOOK.filing_windows
    windows = tuple(replace(w, amount=days) if w.id == "medicare-records" else w for w in known.windows)
    return replace(RULEBOOK, filing_windows=replace(known, windows=windows))


async def move(desk: Desk, rulebook: Rulebook) -> None:
    at = await desk.office.environment.get_current_time()
    async with desk.sessions.begin() as session:
        await move_request_deadlines(session, rulebook, at=at)


async def test_another_window_moves_its_day_and_its_timer(desk: Desk) -> None:
    await desk.asked(days_ago=5)
    before, requested_on = (await desk.row()).due_on, (await desk.row()).requested_on
    for _ in range(2):
        await move(desk, with_days(20))
    row, due_on = await desk.row(), requested_on + timedelta(days=20)
    assert (row.due_on, row.deadline["due_on"]) == (due_on, str(due_on))
    (said,) = [event.summary for event in await desk.events() if event.kind == "deadline_moved"]
    assert said.startswith(f"Deadline moved: due {due_on}, safe by ")
    assert f"before due {before}" in said
    await desk.follow()
    await desk.office.pass_days(20)
    await desk.until_status("missed")


async def test_a_day_that_a_person_set_or_the_letter_prints_earlier_stays(desk: Desk) -> None:
    await desk.asked(days_ago=5)
    stated = await desk.office.today() + timedelta(days=3)
    await desk.take(RequestStep.SET_DEADLINE, on=stated, words="By phone.")
    await move(desk, with_days(20))
    assert (await desk.row()).due_on == stated
    printed_on = await desk.office.today() + timedelta(days=6)
    printed = await Desk(desk.office).asked(days_ago=5, printed_due_on=printed_on)
    await move(printed, with_days(20))
    assert (await printed.row()).due_on == printed_on
    assert "deadline_moved" not in await printed.kinds()


async def test_a_request_whose_new_day_is_over_waits_for_a_person(desk: Desk) -> None:
    await desk.asked(days_ago=30)
    for _ in range(2):
        await move(desk, with_days(20))
    row = await desk.row()
    assert (row.status, row.due_on) == ("gathering", None)
    assert "is over" in row.deadline["unknown"]
    assert (await desk.kinds()).count("deadline_moved") == 1
    await desk.take(RequestStep.WITHDRAW, words="Answered by phone.")
    await desk.follow()


async def test_the_payer_is_asked_at_its_usual_time_and_again(desk: Desk) -> None:
    await desk.asked()
    await desk.sent()
    await desk.office.pass_days(62)
    await desk.until_kind("ask_payer", 2)
    row = await desk.row()
    assert (row.status, row.asked) == ("sent", 2)
    await desk.take(RequestStep.DECIDE, accepted=True)
    await desk.follow()
    await desk.handle.result()
    assert (await desk.row()).outcome == "accepted"
    await keep("records_request_asked_after", await desk.handle.fetch_history())


async def test_the_case_that_asked_for_records_waits_for_the_payer_once_they_are_out(desk: Desk) -> None:
    await desk.asked()
    await desk.sent()
    case_id = desk.case_id
    assert case_id is not None
    kinds = await desk.office.kinds_until(case_id, "sent")
    assert kinds.count("sent") == 1
    case = await desk.office.record.case(case_id)
    assert case.status == CaseStatus.SUBMITTED
    with pytest.raises(StepRefusedError, match="cannot be called back"):
        await desk.office.step(case_id, UndoInput, case.version)
    await desk.office.decide(case_id, PayerDecision.UPHELD, case.version)
    case = await desk.office.record.case(case_id)
    assert (case.status, case.action, case.appeal_level) == (CaseStatus.NEEDS_WORK, "appeal", 1)


async def test_what_was_sent_by_hand_is_watched_all_the_same(desk: Desk) -> None:
    await desk.asked()
    await desk.gathered()
    tomorrow = await desk.office.today() + timedelta(days=1)
    with pytest.raises(StepRefusedError, match="not a day between the request and today"):
        await desk.take(RequestStep.MARK_SENT, on=tomorrow)
    await desk.take(RequestStep.MARK_SENT, on=await desk.office.today(), channel=ChannelName.FAX, words="F1")
    await desk.follow()
    assert (await desk.row()).status == "sent"
    await desk.office.pass_days(31)
    await desk.until_kind("ask_payer")
    assert await desk.sendings() == []


def refuse() -> None:
    raise ChannelRefusedError("The tray is empty for good.")


def cannot_tell() -> None:
    raise CannotTellError("Nobody can tell.")


@pytest.mark.parametrize(
    ("moment", "breaks", "words"),
    [("before", refuse, "nothing went out"), ("after", cannot_tell, "It may have gone out")],
)
async def test_what_could_not_be_sent_is_a_persons_again_with_the_reason(
    desk: Desk, moment: str, breaks: Callable[[], None], words: str
) -> None:
    await desk.asked()
    await desk.gathered()
    setattr(desk.office.post, moment, breaks)
    try:
        await desk.take(RequestStep.SEND, channel=ChannelName.MAIL)
        await desk.follow()
        await desk.until_kind("not_sent")
    finally:
        setattr(desk.office.post, moment, nothing_happens)
    assert (await desk.row()).status == "ready"
    assert words in (await desk.events())[-1].summary
    assert [sending.state for sending in await desk.sendings()] == ["not_sent"]
    await desk.follow()
    await desk.take(RequestStep.SEND, channel=ChannelName.MAIL)  # and it can be sent again
    await desk.follow()
    await desk.until_status("sent")
    await keep(f"records_request_not_sent_{moment}", await desk.handle.fetch_history())


async def test_killed_after_the_channel_it_is_not_sent_twice(desk: Desk) -> None:
    await desk.asked()
    await desk.gathered()

    def dies_once() -> None:
        desk.office.post.after = nothing_happens
        raise ConnectionError("gone")

    desk.office.post.after = dies_once
    await desk.take(RequestStep.SEND, channel=ChannelName.MAIL)
    await desk.follow()
    await desk.until_status("sent")
    (sending,) = await desk.sendings()
    assert desk.office.post.keys.count(sending.id) == 1
    assert (await desk.kinds()).count("sent") == 1


async def test_a_withdrawn_request_ends_and_reminds_of_nothing(desk: Desk) -> None:
    await desk.asked()
    with pytest.raises(StepRefusedError, match="Say why"):
        await desk.take(RequestStep.WITHDRAW)
    await desk.take(RequestStep.WITHDRAW, words="Sent to us by mistake, says the payer.")
    await desk.follow()
    await desk.handle.result()
    await desk.office.pass_days(60)
    assert await desk.kinds() == ["opened", "withdraw"]


async def test_entered_twice_it_is_there_once(desk: Desk) -> None:
    await desk.asked(follow=False)
    row = await desk.row()
    same = NewRequest(
        step_id=uuid4(),
        actor_id=desk.office.record.person_id,
        requester=Requester.MAC,
        notice=Notice.LETTER,
        requested_on=row.requested_on,
        reference=row.reference.lower(),
        documents=("evaluation",),
        case_id=desk.case_id,
    )
    with pytest.raises(StepRefusedError, match="on record already"):
        await desk.open(same)
    await asyncio.gather(desk.follow(), desk.follow())
    assert desk.request_id not in await desk.follow()
    assert await desk.kinds() == ["opened"]


async def test_the_same_form_twice_is_one_step_and_an_old_one_is_refused(desk: Desk) -> None:
    await desk.asked()
    await desk.upload()
    step_id = uuid4()
    for _ in range(2):
        await desk.take(RequestStep.GATHERED, step_id=step_id, version=1)
    assert (await desk.row()).version == 2
    with pytest.raises(StepRefusedError, match="has changed since"):
        await desk.take(RequestStep.UNDO, version=1)


async def test_a_document_that_is_left_out_needs_a_reason(desk: Desk) -> None:
    await desk.asked(documents=("treatment_notes", "plan_of_care"))
    with pytest.raises(StepRefusedError, match="nothing to send"):
        await desk.take(RequestStep.GATHERED)
    await desk.upload()
    with pytest.raises(StepRefusedError, match="Still missing: Plan of care"):
        await desk.take(RequestStep.GATHERED)
    await desk.take(RequestStep.GATHERED, words="Direct access: there is none.")
    assert "Left out: Plan of care" in (await desk.events())[-1].summary


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"requested_on": date(2999, 1, 1)}, "lies in the future"),
        ({"printed_due_on": date(2000, 1, 1)}, "before the request itself"),
        ({"requester": Requester.UPIC}, "contractor's name"),
        ({"documents": ()}, "which documents"),
        ({"case_id": None, "claim_number": "NO SUCH"}, "NO SUCH is not known"),
    ],
)
async def test_what_does_not_fit_is_refused_with_what_to_do(
    desk: Desk, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(StepRefusedError, match=said):
        await desk.asked(follow=False, **wrong)


async def test_without_a_signer_nothing_goes_out_and_a_person_reads_why(desk: Desk) -> None:
    await desk.asked()
    await desk.gathered()
    async with desk.sessions.begin() as session:
        (await session.get_one(PracticeProfile, 1)).signer_name = ""
    await desk.take(RequestStep.SEND, channel=ChannelName.MAIL)
    await desk.follow()
    await desk.until_kind("not_sent")
    assert "who signs" in (await desk.events())[-1].summary


async def test_a_claim_that_nobody_answered_yet_can_be_asked_about(desk: Desk) -> None:
    """No denial, no case: what is at stake is the charge, and the payment ends it."""
    async with desk.sessions.begin() as session:
        claim = Claim(
            id=uuid4(),
            patient_control_number=f"PCN{uuid4().hex[:8]}",
            payer_name="MEDICARE PART B",
            charge_amount=Decimal("210.00"),
            paid_amount=Decimal(0),
            contractual_amount=Decimal(0),
            patient_amount=Decimal(0),
            denied_amount=Decimal(0),
            imbalance_amount=Decimal(0),
            submitted=True,
        )
        session.add(claim)
    desk.request_id = await desk.open(
        NewRequest(
            step_id=uuid4(),
            actor_id=desk.office.record.person_id,
            requester=Requester.MAC,
            notice=Notice.LETTER,
            requested_on=await desk.office.today(),
            other_documents="The order of the physician",
            claim_number=claim.patient_control_number,
        )
    )
    await desk.follow()
    row = await desk.row()
    assert (row.amount, row.case_id) == (Decimal("210.00"), None)
    async with desk.sessions.begin() as session:
        paid = await session.get_one(Claim, claim.id)
        paid.current_payment_id, paid.paid_amount, paid.adjudicated = uuid4(), Decimal("150.00"), True
    await desk.follow()
    await desk.handle.result()
    assert (await desk.row()).outcome == "paid"


async def test_a_review_that_runs_twice_changes_nothing_more(desk: Desk) -> None:
    await desk.asked()
    await desk.office.pass_days(32)
    await desk.until_kind("reminder")
    before, kinds = (await desk.row()).model_dump(), await desk.kinds()
    activities = RecordsRequestActivities(
        desk.sessions, RulesInForce(RULEBOOK), reminder_days=(14, 7, 1, 0), escalation_days=7
    )
    request = ReviewRequestInput(
        request_id=desk.request_id, at=await desk.office.environment.get_current_time()
    )
    first = await ActivityEnvironment().run(activities.review_request, request)
    assert await ActivityEnvironment().run(activities.review_request, request) == first
    assert ((await desk.row()).model_dump(), await desk.kinds()) == (before, kinds)


async def test_its_history_holds_ids_codes_and_dates_alone(desk: Desk) -> None:
    await desk.asked(reference="Typed by a person")
    await desk.sent()
    await desk.answered(more_paid="120.00", still_denied="0.00")
    said = await texts_in(await desk.handle.fetch_history())
    assert str(desk.request_id) in said
    assert [text for text in said if not CODE.fullmatch(text)] == []


async def test_a_request_that_nobody_looks_at_is_stuck_until_it_is_followed(desk: Desk) -> None:
    await desk.asked(follow=False)

    async def stuck(later: timedelta) -> list[UUID]:
        now = await desk.office.environment.get_current_time() + later
        async with desk.sessions() as session:
            return [found.request_id for found in await stuck_requests(session, now=now)]

    assert desk.request_id not in await stuck(timedelta(minutes=1))
    assert desk.request_id in await stuck(timedelta(minutes=10))
    await desk.follow()
    assert desk.request_id not in await stuck(timedelta(minutes=10))
    await desk.office.until(desk.waits)  # one that dies at work would stop the server's clock for good
    await desk.handle.terminate("lost")
    await desk.office.pass_days(32)
    assert desk.request_id in await stuck(timedelta())
    await desk.follow()  # it starts anew, and rings what is due
    await desk.until_kind("reminder")
    assert desk.request_id not in await stuck(timedelta())


def shuffled() -> list[Callable[[Desk], Awaitable[object]]]:
    """Every thing that can be heard, in no order that matters."""
    return [Desk.follow, Desk.follow, lambda desk: desk.handle.signal("look")]


async def test_signals_in_any_number_leave_one_result(desk: Desk) -> None:
    await desk.asked()
    for hear in shuffled() * 3:
        await hear(desk)
    await desk.sent()
    for hear in shuffled():
        await hear(desk)
    assert await desk.kinds() == ["opened", "gathered", "send", "sent"]
