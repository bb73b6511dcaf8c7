"""A case's package in the browser: what it needs, what is added, what is refused, and what comes out."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from overturn.db.session import Sessions
from overturn.db.tables import Exhibit, Letter, PayerContact
from overturn.domain.appeal_package import ChannelLimits
from overturn.domain.channel_names import ChannelName
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.rulebook.appeals import Limits
from tests.integration.web.conftest import Browser
from tests.unit.packages.samples import pdf, picture
from tests.web_factories import NOW, CaseSeed, add_case

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]
RULEBOOK = load_rulebook()


async def letter_path(browser: Browser, sessions: Sessions, *, contact: bool = True) -> str:
    async with sessions.begin() as session:
        case_id = await add_case(session, CaseSeed("A1"))
        if contact:
            session.add(
                PayerContact(
                    payer="Medicare Part B", channel="mail", address=["Appeals", "P.O. Box 7"], updated_at=NOW
                )
            )
    await browser.sign_in("dana")
    await browser.get(f"/cases/{case_id}")
    async with sessions() as session:
        letter = (await session.scalars(select(Letter))).one()
    return f"/cases/{case_id}/letters/{letter.id}"


async def add(
    browser: Browser, path: str, content: bytes, *, name: str = "notes.pdf", document: str = "treatment_notes"
) -> httpx2.Response:
    files: dict[str, Any] = {"file": (name, content)}
    return await browser.post(f"{path}/exhibits", {"document": document}, files=files)


async def exhibits(sessions: Sessions) -> list[Exhibit]:
    async with sessions() as session:
        return list(await session.scalars(select(Exhibit)))


async def test_the_case_says_what_the_package_needs_and_who_brings_it(
    browser: Browser, sessions: Sessions
) -> None:
    path = await letter_path(browser, sessions)
    shown = (await browser.get(path.split("/letters")[0])).text
    assert "missing:</strong> Plan of care with its certification" in shown
    assert "from therapist; the reviewer looks for: signed and dated" in shown
    assert "there:</span> Remittance advice with the denied lines marked" in shown


async def test_an_uploaded_document_stands_in_the_package(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    assert (await add(browser, path, pdf("Notes", 2))).status_code == 303
    shown = (await browser.get(path.split("/letters")[0])).text
    assert "there:</span> Treatment notes of the dates of service" in shown
    answer = await browser.client.get(f"{path}/package")
    assert answer.headers["content-type"] == "application/pdf"
    assert "A1" not in answer.headers["content-disposition"]
    words = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    for part in ("P.O. Box 7", "Request for redetermination", "CMS-20027", "CLP", "Notes sheet 2"):
        assert part in words
    assert "[Beneficiary's name]" not in words
    assert "[Telephone number]" in words  # nobody has entered one
    assert "Exhibit 2: Treatment notes of the dates of service" in words


async def test_a_picture_is_told_by_its_content_and_not_by_its_name(
    browser: Browser, sessions: Sessions
) -> None:
    path = await letter_path(browser, sessions)
    assert (await add(browser, path, picture(40, 40), name="scan.pdf", document="other")).status_code == 303
    (row,) = await exhibits(sessions)
    assert (row.title, row.document, row.pages) == ("scan", "other", 1)
    assert row.content.startswith(b"%PDF")


async def test_the_same_file_is_kept_once(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    await add(browser, path, pdf("Notes", 1))
    await add(browser, path, pdf("Notes", 1), document="evaluation")
    assert [row.document for row in await exhibits(sessions)] == ["evaluation"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"MZ", "neither a PDF nor a picture"), (b"%PDF-1.7 x", "The PDF is broken"), (b"", "is empty")],
)
async def test_what_cannot_be_taken_is_refused_and_not_stored(
    browser: Browser, sessions: Sessions, content: bytes, problem: str
) -> None:
    path = await letter_path(browser, sessions)
    answer = await add(browser, path, content)
    assert answer.status_code == 422
    assert problem in answer.text
    assert await exhibits(sessions) == []


async def test_a_locked_pdf_is_refused_with_the_way_out(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    writer, file = PdfWriter(clone_from=io.BytesIO(pdf("Notes", 1))), io.BytesIO()
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(file)
    assert "locked with a password" in (await add(browser, path, file.getvalue())).text


async def test_a_document_can_be_taken_out(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    await add(browser, path, pdf("Notes", 1))
    (row,) = await exhibits(sessions)
    assert (await browser.post(f"{path}/exhibits/{row.id}/remove", {})).status_code == 303
    assert await exhibits(sessions) == []


async def test_an_approved_letters_package_stays_as_it_is(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    async with sessions.begin() as session:
        (await session.scalars(select(Letter))).one().state = "approved"
    answer = await add(browser, path, pdf("Notes", 1))
    assert answer.status_code == 409
    assert "can no longer be changed" in answer.text


async def test_without_an_address_there_is_no_package(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions, contact=False)
    answer = await browser.get(f"{path}/package?channel=fax")
    assert answer.status_code == 409
    assert "Where appeals to Medicare Part B go by fax is not known" in answer.text


async def test_a_package_in_parts_comes_as_a_zip(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    await add(browser, path, pdf("Notes", 12))
    state = browser.client._transport.app.state  # type: ignore[attr-defined]
    limits: Limits = {(ChannelName.MAIL, None): ChannelLimits(9, 10**7, 8)}
    state.web = replace(state.web, rules=RulesInForce(replace(RULEBOOK, channel_limits=limits)))
    answer = await browser.client.get(f"{path}/package")
    assert answer.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert names[0].startswith("appeal-part-1-of-")


async def test_the_letter_of_another_case_has_no_package_here(browser: Browser, sessions: Sessions) -> None:
    path = await letter_path(browser, sessions)
    other = path.replace(path.split("/")[2], "00000000-0000-0000-0000-000000000000")
    assert (await browser.get(f"{other}/package")).status_code == 404
