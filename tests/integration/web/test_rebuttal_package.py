"""A rebuttal goes out like an appeal: with what was paid and taken back, our claims, and documents."""

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import httpx2
import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlmodel import col

from overturn.db import tables
from overturn.db.addresses import save_contact
from overturn.db.recoupment_record import Asked
from overturn.db.session import Sessions
from overturn.domain.appeal_package import Sheet
from overturn.domain.channel_names import ChannelName
from overturn.domain.payer_contacts import PayerContact
from overturn.recoupment_letters import draft_rebuttal
from overturn.recoupment_package import rebuttal_package
from overturn.rulebook import load_rulebook
from tests.integration.web.conftest import Browser
from tests.unit.packages.samples import pdf
from tests.web_factories import NOW, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

DEMAND: Final = uuid4()
REVERSED_ON: Final = date(2026, 2, 27)
TAKEN_ON: Final = date(2026, 2, 28)


async def demand(sessions: Sessions, *, contact: bool = True, status: str = "demanded") -> str:
    """A claim that was paid, reversed, and taken back at provider level; another patient's money beside."""
    async with sessions.begin() as session:
        await add_case(session, CaseSeed("P1"))
        await add_case(session, CaseSeed("Q1", patient="Other Person"))
        claims = {
            claim.patient_control_number: claim.id for claim in await session.scalars(select(tables.Claim))
        }
        reversal, provider = (
            await another_remittance(session, REVERSED_ON),
            await another_remittance(session, TAKEN_ON),
        )
        await add_reversal(session, reversal, claims["P1"])
        for claim, reference, taken in (
            ("P1", "2026051000001", "60.00"),
            ("Q1", "NOT-OURS-TO-TELL", "11.00"),
        ):
            session.add(
                tables.ProviderAdjustment(
                    id=uuid4(),
                    remittance_id=provider,
                    claim_id=claims[claim],
                    reason="WO",
                    reference=reference,
                    amount=Decimal(taken),
                    segment_index=77,
                )
            )
        session.add(
            tables.Recoupment(
                id=DEMAND,
                payer="medicare",
                payer_key="medicare",
                payer_name="Medicare Part B",
                source="letter",
                reference="AR-1",
                demanded_amount=Decimal("60.00"),
                status=status,
                notice_on=date(2026, 3, 1),
                opened_on=date(2026, 3, 1),
            )
        )
        await session.flush()
        session.add(tables.RecoupmentClaim(recoupment_id=DEMAND, claim_id=claims["P1"]))
        session.add(
            tables.RecoupmentLetter(
                recoupment_id=DEMAND,
                template_version="1",
                title="Rebuttal of a recoupment",
                markdown="# Rebuttal\n\nEach visit is documented.",
                missing_facts=[],
                facts={"patient_name": "Pat Example", "payer_claim_control_number": "2026051000001"},
                dated_on=date(2026, 3, 2),
                updated_at=NOW,
            )
        )
        if contact:
            to = PayerContact("medicare", ChannelName.MAIL, address=("Overpayments", "P.O. Box 7"))
            await save_contact(session, to, actor_id=None, now=datetime(2026, 3, 1, tzinfo=UTC))
    return f"/recoupments/{DEMAND}/rebuttal"


async def another_remittance(session: Any, payment_on: date) -> UUID:
    first = (await session.scalars(select(tables.Remittance).limit(1))).one()
    told = first.model_dump() | {"id": uuid4(), "payment_on": payment_on, "trace_number": f"EFT-{payment_on}"}
    session.add(tables.Remittance(**told))
    await session.flush()
    found: UUID = told["id"]
    return found


async def add_reversal(session: Any, remittance_id: UUID, claim_id: UUID) -> None:
    payment = tables.ClaimPayment(
        id=uuid4(),
        remittance_id=remittance_id,
        claim_id=claim_id,
        position=1,
        status_code="22",
        charge_amount=Decimal("-200.00"),
        paid_amount=Decimal("-60.00"),
        payment_on=REVERSED_ON,
        segment_index=41,
        segments=["CLP*P1*22*-200*-60", "SVC*HC:97110*-200*-60"],
        created_at=NOW,
    )
    session.add(payment)
    await session.flush()
    session.add(
        tables.ServiceLine(
            id=uuid4(),
            claim_payment_id=payment.id,
            line_number=1,
            procedure="97110",
            modifiers=["GP"],
            charge_amount=Decimal("-200.00"),
            paid_amount=Decimal("-60.00"),
            segment_index=42,
        )
    )


async def add(
    browser: Browser, path: str, content: bytes, document: str = "treatment_notes"
) -> httpx2.Response:
    files: dict[str, Any] = {"file": ("notes.pdf", content)}
    return await browser.post(f"{path}/exhibits", {"document": document}, files=files)


def words_of(answer: httpx2.Response) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


async def test_the_package_shows_what_was_paid_and_what_was_taken_back(
    browser: Browser, sessions: Sessions
) -> None:
    path = await demand(sessions)
    await browser.sign_in("dana")
    answer = await browser.client.get(f"{path}/package")
    assert answer.headers["content-type"] == "application/pdf"
    words = words_of(answer)
    for part in (
        *("P.O. Box 7", "AR-1", "Pat Example", "Each visit is documented."),
        *(
            "Exhibit 1: Remittance advice of 2026-02-20",
            "Exhibit 2: Remittance advice of 2026-02-27, taken back",
        ),
        *("CLP*P1*22*-200*-60", "Exhibit 3: What remittances took back at provider level", "EFT-2026-02-28"),
    ):
        assert part in words, part
    assert "NOT-OURS-TO-TELL" not in words  # a remittance pays many patients
    assert "Other Person" not in words


async def test_of_the_remittances_the_take_back_is_marked_and_the_payment_is_not(sessions: Sessions) -> None:
    await demand(sessions)
    async with sessions() as session:
        row = await session.get_one(tables.Recoupment, DEMAND)
        letter = await session.get_one(tables.RecoupmentLetter, DEMAND)
        package = await rebuttal_package(session, row, letter, channel=ChannelName.MAIL)
    paid, reversed_, provider = (one for one in package.exhibits if isinstance(one, Sheet))
    assert (paid.marked, [line.number for line in paid.segments if line.marked]) == ((), [])
    assert (reversed_.marked, [line.number for line in reversed_.segments if line.marked]) == ((0,), [41])
    assert (provider.marked, provider.rows[0][4]) == ((0,), "$60.00")


async def test_a_document_is_asked_for_uploaded_and_taken_out_again(
    browser: Browser, sessions: Sessions
) -> None:
    path = await demand(sessions)
    await browser.sign_in("dana")
    page = (await browser.get(f"/recoupments/{DEMAND}")).text
    assert "missing:</strong> Treatment notes of the dates of service" in page
    for _ in range(2):
        assert (await add(browser, path, pdf("Notes", 2))).status_code == 303
    page = (await browser.get(f"/recoupments/{DEMAND}")).text
    assert "there:</span> Treatment notes of the dates of service" in page
    assert "Notes sheet 2" in words_of(await browser.client.get(f"{path}/package"))
    [remove] = re.findall(rf'action="({path}/exhibits/[^"]+/remove)"', page)
    assert (await browser.post(remove, {})).status_code == 303
    async with sessions() as session:
        assert (await session.scalars(select(col(tables.Exhibit.id)))).all() == []


async def test_what_is_no_document_is_refused_and_not_stored(browser: Browser, sessions: Sessions) -> None:
    path = await demand(sessions)
    await browser.sign_in("dana")
    answer = await add(browser, path, b"MZ")
    assert (answer.status_code, "neither a PDF nor a picture" in answer.text) == (422, True)
    async with sessions() as session:
        assert (await session.scalars(select(col(tables.Exhibit.id)))).all() == []


@pytest.mark.parametrize("status", ["sending", "disputed", "closed"])
async def test_what_is_on_its_way_keeps_its_documents(
    browser: Browser, sessions: Sessions, status: str
) -> None:
    path = await demand(sessions, status=status)
    await browser.sign_in("dana")
    answer = await add(browser, path, pdf("Notes", 1))
    assert (answer.status_code, "can no longer be changed" in answer.text) == (409, True)
    answer = await browser.post(f"{path}/exhibits/{uuid4()}/remove", {})
    assert answer.status_code == 409


async def test_where_it_goes_is_asked_before_a_package_is_made(browser: Browser, sessions: Sessions) -> None:
    path = await demand(sessions, contact=False)
    await browser.sign_in("dana")
    answer = await browser.client.get(f"{path}/package")
    assert (answer.status_code, "Addresses" in answer.text) == (409, True)


async def test_there_is_no_package_of_no_rebuttal(browser: Browser) -> None:
    await browser.sign_in("dana")
    path = f"/recoupments/{uuid4()}/rebuttal"
    assert (await browser.client.get(f"{path}/package")).status_code == 404
    assert (await add(browser, path, pdf("Notes", 1))).status_code == 404


async def test_without_a_letter_the_draft_quotes_what_the_take_back_quotes(sessions: Sessions) -> None:
    await demand(sessions)
    async with sessions.begin() as session:
        row = await session.get_one(tables.Recoupment, DEMAND)
        row.reference, row.source = None, "take_back"
    async with sessions.begin() as session:
        actor = (await session.scalars(select(col(tables.UserAccount.id)))).first() or uuid4()
        asked = Asked(DEMAND, uuid4(), 1, actor, NOW)
        await draft_rebuttal(session, asked, reason="Right.", rulebook=load_rulebook())
        letter = await session.get_one(tables.RecoupmentLetter, DEMAND, populate_existing=True)
    assert "reference 2026051000001" in letter.markdown
    assert "reference of the recoupment" not in letter.missing_facts
