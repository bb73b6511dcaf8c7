"""What goes out is the whole package; until it does it can be called back, and nothing goes nowhere."""

from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import update
from sqlmodel import col

from overturn.db.tables import Sending
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus, StepRefusedError
from tests.workflow.office import Office
from tests.workflow.test_appeals import sent
from workflows.denial_case.types import UndoInput

pytestmark = [pytest.mark.asyncio, pytest.mark.timeskip, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def empty_post(office: Office) -> Iterator[None]:
    yield
    office.post.keys.clear()


@pytest.fixture
def long_wait(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing goes out while the test looks."""
    monkeypatch.setattr(office.activities, "_recall_seconds", 600)


@pytest.mark.usefixtures("long_wait")
async def test_what_waits_to_go_out_is_called_back_and_stays_here(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id)
    answer = await office.step(case_id, UndoInput, 3)
    assert answer.status is CaseStatus.APPROVED
    await office.appeal(case_id).result()
    assert office.post.keys == []
    assert (await office.record.timeline(case_id))[-1].summary == "Called back before it went out."
    (item,) = await office.record.open_items(case_id)
    assert item.kind == "send"
    assert [sending.state for sending in await office.record.sendings(case_id)] == ["not_sent"]


@pytest.mark.usefixtures("long_wait")
async def test_what_was_called_back_can_be_sent_later(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id)
    await office.step(case_id, UndoInput, 3)
    monkeypatch.setattr(office.activities, "_recall_seconds", 0)
    await office.send(case_id, 4)
    await office.kinds_until(case_id, "sent")
    assert [sending.state for sending in await office.record.sendings(case_id)] == ["not_sent", "sent"]
    assert len(office.post.keys) == 1


@pytest.mark.usefixtures("long_wait")
async def test_what_a_channel_has_been_handed_cannot_be_called_back(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id)
    async with office.record.sessions.begin() as session:
        await session.execute(update(Sending).where(col(Sending.case_id) == case_id).values(state="begun"))
    with pytest.raises(StepRefusedError, match="going out already"):
        await office.step(case_id, UndoInput, 3)


async def test_nothing_is_sent_to_an_address_that_nobody_gave(office: Office) -> None:
    case_id = await office.open()
    await office.approve(case_id)
    with pytest.raises(StepRefusedError, match="by email to fax is not known"):
        await office.send(case_id, channel=ChannelName.EMAIL_TO_FAX)
    assert await office.record.sendings(case_id) == []
    assert (await office.record.case(case_id)).status == CaseStatus.APPROVED


async def test_a_channel_that_is_not_set_up_any_more_gives_the_letter_back(office: Office) -> None:
    await office.record.add_contact(ChannelName.SFTP, "sftp://payer.test/in")
    case_id = await office.open()
    await office.approve(case_id)
    await office.send(case_id, channel=ChannelName.SFTP)
    await office.kinds_until(case_id, "not_sent")
    last = (await office.record.timeline(case_id))[-1].summary
    assert "nothing went out. This way of sending is not set up any more" in last


async def test_what_goes_out_is_the_whole_package_kept_as_it_went(office: Office) -> None:
    case_id = await sent(office)
    (sending,) = await office.record.sendings(case_id)
    (kept,) = await office.record.sent_files(sending.id)
    pages = [page.extract_text() for page in PdfReader(BytesIO(kept.content)).pages]
    assert "1 Generated Street" in pages[0]
    assert "Remittance advice" in "\n".join(pages)
    assert sending.proof["files"] == {kept.name: sha256(kept.content).hexdigest()}
    assert sending.content_sha256
