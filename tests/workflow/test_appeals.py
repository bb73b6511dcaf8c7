"""An appeal at a level: sent once whatever breaks, asked after, and taken to the next level."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from overturn.channels import CannotTellError, ChannelRefusedError
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, Outcome, PayerDecision, StepRefusedError
from overturn.domain.practice_day import practice_date
from tests.replay.recorded import patient_data_in, texts_in
from tests.workflow.office import Office
from tests.workflow.post import Post, nothing_happens
from workflows.denial_case.types import SendInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def working_post(office: Office) -> Iterator[Post]:
    """The channel of all tests, without what the test before put into its way."""
    yield office.post
    office.post.before = office.post.after = office.post.looking = nothing_happens
    office.post.keys.clear()


def once(error: Exception) -> Callable[[], None]:
    """Fails the first time."""
    left = [error]

    def happens() -> None:
        if left:
            raise left.pop()

    return happens


async def sent(office: Office, **opened: str) -> UUID:
    case_id = await office.open(**opened)  # type: ignore[arg-type]
    await office.approve(case_id)
    await office.send(case_id)
    await office.kinds_until(case_id, "sent")
    return case_id


async def test_an_approved_letter_goes_out_once_with_its_proof(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    assert (await office.send(case_id)).status is CaseStatus.SENDING
    await office.kinds_until(case_id, "sent")
    (sending,) = await office.record.sendings(case_id)
    assert (sending.state, sending.level, office.post.keys) == ("sent", 1, [sending.id])
    assert sending.proof
    assert (await office.record.case(case_id)).status == CaseStatus.SUBMITTED
    assert [letter.state for letter in await office.record.letters(case_id)] == ["submitted"]
    last = (await office.record.timeline(case_id))[-1].summary
    assert last.startswith("Sent (print and mail) on ")
    assert last.endswith(f", confirmation {sending.confirmation}.")
    (item,) = await office.record.open_items(case_id)
    assert item.kind == "record_answer"


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_what_breaks_around_the_channel_sends_nothing_twice_and_loses_no_proof(
    office: Office, moment: str
) -> None:
    """After: it went out, and the worker died before it could say so."""
    setattr(office.post, moment, once(ConnectionResetError()))
    case_id = await sent(office)
    (sending,) = await office.record.sendings(case_id)
    assert office.post.keys == [sending.id]
    assert (sending.state, sending.confirmation) == ("sent", str(sending.id)[:8].upper())
    assert (await office.record.kinds(case_id)).count("sent") == 1


async def test_a_channel_that_cannot_tell_leaves_the_question_to_a_person(office: Office) -> None:
    office.post.after = once(ConnectionResetError())
    office.post.looking = once(CannotTellError())
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id)
    await office.kinds_until(case_id, "not_sent")
    assert (await office.record.timeline(case_id))[-1].summary.startswith("It may have gone out")
    case = await office.record.case(case_id)
    assert case.status == CaseStatus.APPROVED
    assert (await office.submit(case_id, case.version)).status is CaseStatus.SUBMITTED
    assert len(office.post.keys) == 1


async def test_what_a_channel_refuses_can_be_sent_again(office: Office) -> None:
    office.post.before = once(ChannelRefusedError("no such number"))
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id)
    await office.kinds_until(case_id, "not_sent")
    last = (await office.record.timeline(case_id))[-1].summary
    assert "nothing went out" in last
    assert "no such number" in last
    await office.send(case_id, (await office.record.case(case_id)).version)
    await office.kinds_until(case_id, "sent")
    assert [sending.state for sending in await office.record.sendings(case_id)] == ["not_sent", "sent"]


async def test_a_double_click_sends_once(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    step = SendInput(
        step_id=uuid4(), actor_id=office.record.person_id, case_version=2, channel=ChannelName.MAIL
    )
    first = await office.take(case_id, step)
    assert await office.take_under_another_update_id(case_id, step) == first
    await office.kinds_until(case_id, "sent")
    assert len(office.post.keys) == 1


async def test_without_a_letter_there_is_nothing_to_send(office: Office) -> None:
    case_id = await office.open(action="corrected_claim", category="coding")
    await office.approve(case_id)
    with pytest.raises(StepRefusedError, match="no letter to send"):
        await office.send(case_id)


async def test_the_payer_is_asked_at_its_usual_time_and_again(office: Office) -> None:
    case_id = await sent(office)
    start = await office.today()
    await office.pass_days(59)
    assert "ask_payer" not in await office.record.kinds(case_id)
    await office.pass_days(16)
    await office.kinds_until(case_id, "ask_payer", 2)
    asked = [
        practice_date(event.happened_at) - start
        for event in await office.record.timeline(case_id)
        if event.kind == "ask_payer"
    ]
    assert asked == [timedelta(days=60), timedelta(days=74)]
    (item,) = await office.record.open_items(case_id)
    assert item.kind == "ask_status"
    assert item.priority > 0


async def test_nobody_is_asked_once_the_case_waits_no_more(office: Office) -> None:
    case_id = await sent(office)
    await office.decide(case_id, PayerDecision.OVERTURNED, 4)
    await office.appeal(case_id).result()
    await office.pass_days(100)
    assert "ask_payer" not in await office.record.kinds(case_id)


async def test_money_ends_an_appeal_that_is_with_the_payer(office: Office) -> None:
    case_id = await sent(office)
    await office.record.adjudicate(case_id, more_paid="120.00", still_denied="0")
    await office.tell(case_id)
    assert (await office.result(case_id)).outcome is Outcome.RECOVERED
    await office.appeal(case_id).result()


async def test_an_upheld_appeal_goes_to_the_next_level_with_its_own_deadline_and_letter(
    office: Office,
) -> None:
    case_id = await sent(office)
    answer = await office.decide(case_id, PayerDecision.UPHELD, 4)
    assert answer.status is CaseStatus.NEEDS_WORK
    await office.kinds_until(case_id, "letter_drafted", 2)
    case = await office.record.case(case_id)
    assert case.due_on == await office.today() + timedelta(days=185)  # 180 days and 5 for the mail
    assert case.deadline["rule"]["id"] == "medicare-appeal-2"
    written = {letter.level: letter.template for letter in await office.record.letters(case_id)}
    assert written == {1: "medical_necessity", 2: "reconsideration"}
    summary = next(e.summary for e in await office.record.timeline(case_id) if e.kind == "decide")
    assert summary.endswith(f"Next: reconsideration (QIC), due {case.due_on}.")
    await office.approve(case_id, case.version)
    await office.send(case_id, case.version + 1)
    await office.kinds_until(case_id, "sent", 2)
    assert [sending.level for sending in await office.record.sendings(case_id)] == [1, 2]
    last = await office.decide(case_id, PayerDecision.UPHELD, case.version + 3, final=True)
    assert last.outcome is Outcome.UPHELD


async def test_the_next_level_expires_by_its_own_deadline(office: Office) -> None:
    case_id = await sent(office)
    await office.decide(case_id, PayerDecision.UPHELD, 4)
    await office.kinds_until(case_id, "letter_drafted", 2)
    await office.pass_days(190)
    assert (await office.result(case_id)).outcome is Outcome.EXPIRED
    reminders = [event for event in await office.record.timeline(case_id) if event.kind == "reminder"]
    assert len(reminders) == 4


async def test_a_refused_reopening_leaves_the_first_appeal(office: Office) -> None:
    case_id = await office.open(action="reopening", category="modifier_kx")
    await office.approve(case_id)
    await office.submit(case_id)
    due_on = (await office.record.case(case_id)).due_on
    await office.decide(case_id, PayerDecision.UPHELD)
    await office.kinds_until(case_id, "letter_drafted", 2)
    case = await office.record.case(case_id)
    assert (case.action, case.appeal_level, case.due_on) == ("appeal", 1, due_on)
    assert sorted(letter.level for letter in await office.record.letters(case_id)) == [0, 1]


async def test_a_ladder_without_a_known_step_ends_upheld(office: Office) -> None:
    case_id = await sent(office, payer_key="va_ccn_triwest")
    answer = await office.decide(case_id, PayerDecision.UPHELD, 4)
    assert answer.outcome is Outcome.UPHELD
    assert "no further level is known to be open" in (await office.record.timeline(case_id))[-1].summary


async def test_an_appeals_history_holds_ids_codes_and_dates_alone(office: Office) -> None:
    case_id = await sent(office)
    await office.decide(case_id, PayerDecision.OVERTURNED, 4)
    await office.appeal(case_id).result()
    said = await texts_in(await office.appeal(case_id).fetch_history())
    assert str(case_id) in said
    assert await patient_data_in(await office.appeal(case_id).fetch_history()) == set()
