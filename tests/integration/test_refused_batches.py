"""A 277CA that refuses a batch, or one provider's part of it: each claim in it is listed as rejected."""

from itertools import permutations

import pytest
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from tests.integration.records import count, post, rows
from tests.x12_files import NPI, PAYER, PAYER_ID, acknowledgement, interchange, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

SENT = submission("P1", "P2", "P3", control="1")
OTHER_BATCH = submission("P8", control="2")
TAKEN_IN = acknowledgement(("P1", "A2"), received_on="20260910", control="5")


def refusing(
    *claims: tuple[str, str],
    reference: str = "1",
    receiver: str = "A3:24",
    provider: str = "",
    npi: str = NPI,
    control: str = "3",
) -> bytes:
    """A 277CA with the given statuses for the receiver's batch and a provider in it."""
    body = [
        f"ST*277*{control.zfill(4)}*005010X214",
        f"BHT*0085*08*{control}*20260903*0610*TH",
        "HL*1**20*1",
        f"NM1*PR*2*{PAYER}*****PI*{PAYER_ID}",
        "TRN*1*RECEIPT1",
        "HL*2*1*21*1",
        "NM1*41*2*TEST THERAPY*****46*SENDER",
        f"TRN*2*{reference}",
        f"STC*{receiver}*20260903*U*300",
        "QTY*AA*3",
        "AMT*YY*300",
        "HL*3*2*19*1",
        f"NM1*85*2*TEST THERAPY*****XX*{npi}",
        "TRN*1*0",
        *([f"STC*{provider}*20260903*U*300"] if provider else []),
    ]
    for place, (number, category) in enumerate(claims, start=4):
        body += [
            f"HL*{place}*3*PT",
            "NM1*QC*1*TESTER*PAT****MI*M0001",
            f"TRN*2*{number}",
            f"STC*{category}:20:PR*20260903*U*100.00",
        ]
    return interchange(body, functional="HN", version="005010X214", control=control)


async def rejected(sessions: Sessions) -> dict[str, tuple[list[str], str]]:
    """Codes and state of each rejection by its claim's number."""
    claims = {c.id: c.patient_control_number for c in await rows(sessions, tables.Claim)}
    return {claims[r.claim_id]: (r.codes, r.state) for r in await rows(sessions, tables.Rejection)}


@pytest.mark.parametrize("order", list(permutations([SENT, refusing(), OTHER_BATCH])))
async def test_every_claim_of_a_refused_batch_is_rejected_in_whatever_order_the_files_come(
    sessions: Sessions, order: tuple[bytes, ...]
) -> None:
    for content in order:
        assert (await post(sessions, content)).state == "posted"
    assert await rejected(sessions) == dict.fromkeys(("P1", "P2", "P3"), (["A3:24"], "open"))
    claims = await rows(sessions, tables.Claim)
    states = {c.patient_control_number: c.acknowledgement for c in claims}
    assert states == {"P1": "rejected", "P2": "rejected", "P3": "rejected", "P8": None}


async def test_the_receipt_names_the_batch_and_what_became_of_it(sessions: Sessions) -> None:
    await post(sessions, SENT, "monday.837")
    message = (await post(sessions, refusing())).message
    assert "refuses a whole batch or provider (from segment 10)" in message
    assert "those of monday.837 with reference 1 are listed as rejected" in message


async def test_a_refusal_without_its_batch_says_what_to_hand_in(sessions: Sessions) -> None:
    assert "hand in its 837P" in (await post(sessions, refusing(reference="77"))).message
    assert "names no batch of ours" in (await post(sessions, refusing(reference="", control="4"))).message
    assert await count(sessions, tables.Rejection) == 0


async def test_a_provider_s_refusal_means_its_claims_alone(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(sessions, refusing(receiver="A1:19", provider="A8:85", npi="1999999984"))
    assert await rejected(sessions) == {}
    await post(sessions, refusing(receiver="A1:19", provider="A8:85", control="4"))
    assert set(await rejected(sessions)) == {"P1", "P2", "P3"}


async def test_a_batch_refused_with_its_provider_is_rejected_once(sessions: Sessions) -> None:
    await post(sessions, SENT)
    await post(sessions, refusing(provider="A8:85"))
    assert await rejected(sessions) == dict.fromkeys(("P1", "P2", "P3"), (["A3:24"], "open"))


@pytest.mark.parametrize("first", [0, 1])
async def test_a_claim_answered_by_itself_keeps_that_answer(sessions: Sessions, first: int) -> None:
    files = [SENT, refusing(("P1", "A2"), ("P2", "A7"))]
    for content in (files[first], files[1 - first]):
        await post(sessions, content)
    assert await rejected(sessions) == {"P2": (["A7:20:PR"], "open"), "P3": (["A3:24"], "open")}


async def test_a_claim_taken_in_later_is_done(sessions: Sessions) -> None:
    for content in (SENT, refusing(), TAKEN_IN):
        await post(sessions, content)
    assert {number: state for number, (_, state) in (await rejected(sessions)).items()} == {
        "P1": "done",
        "P2": "open",
        "P3": "open",
    }


async def test_a_batch_sent_after_the_refusal_or_refused_once_is_not_meant(sessions: Sessions) -> None:
    later = submission("P6", control="1").replace(b"*20260902*1200*CH", b"*20260904*1200*CH")
    again = submission("P7", control="1")
    await post(sessions, later)
    await post(sessions, refusing())
    assert await rejected(sessions) == {}
    await post(sessions, SENT)
    await post(sessions, again)
    assert set(await rejected(sessions)) == {"P1", "P2", "P3"}


async def test_of_two_batches_with_one_reference_the_newest_is_taken_and_it_is_said(
    sessions: Sessions,
) -> None:
    older = submission("P5", control="1").replace(b"*20260902*1200*CH", b"*20260801*1200*CH")
    await post(sessions, older)
    await post(sessions, SENT)
    assert "look whether the newest is meant" in (await post(sessions, refusing())).message
    assert set(await rejected(sessions)) == {"P1", "P2", "P3"}


async def test_a_batch_that_was_only_received_refuses_nothing(sessions: Sessions) -> None:
    await post(sessions, SENT)
    receipt = await post(sessions, refusing(receiver="A1:19"))
    assert "refuses" not in receipt.message
    assert (
        await rows(
            sessions, tables.ClaimAcknowledgement, col(tables.ClaimAcknowledgement.claim_id).is_not(None)
        )
        == []
    )
