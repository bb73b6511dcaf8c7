"""Generated histories of a claim, posted as files in any order and with repetition, end with one ledger."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.domain.answers import Adjudication, LineAnswer
from overturn.domain.remittance import ZERO, sum_amounts
from overturn.reporting.ledger import ledger
from tests.integration.records import adjudications, classify, only, post
from tests.integration.test_classifying import forget
from tests.integration.test_reconciling import prove
from tests.unit.domain.claim_histories import History, histories
from tests.x12_files import clp, interchange, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

NUMBER, ICN = "P1", "2026244000100"


def submitted(history: History) -> bytes:
    """Our own claim with its lines."""
    frame = submission(NUMBER, charge=str(history.charge_amount)).decode().split("~")
    first, last = next(n for n, s in enumerate(frame) if s == "LX*1"), len(frame) - 4
    body = frame[2:first]
    for number, line in enumerate(history.sent_lines, start=1):
        body += [f"LX*{number}", f"SV1*HC:{line.procedure}:GP*{line.charge_amount}*UN*1***1"]
        body += ["DTP*472*D8*20260901", *([f"REF*6R*{line.control_number}"] if line.control_number else [])]
    assert frame[last].startswith("SE*")
    return interchange(body, functional="HC", version="005010X222A1", control="1")


def answered(answer: Adjudication) -> bytes:
    """One answer as an 835 of its own."""
    header = clp(
        NUMBER,
        charge=str(answer.charge_amount),
        paid=str(answer.paid_amount),
        status=answer.status_code,
        icn=ICN,
    )
    lines = [segment for line in answer.lines for segment in _line(line, secondary=answer.status_code == "2")]
    day = f"{answer.payment_on:%Y%m%d}"
    return remittance([header, "NM1*QC*1*TESTER*PAT****MI*M0001", *lines], trace=f"T{day}", paid_on=day)


def _line(line: LineAnswer, *, secondary: bool) -> list[str]:
    assert line.identity
    adjustments = {
        "OA*23" if secondary else "CO*45": line.contractual_amount,
        "PR*2": line.patient_amount,
        "CO*50": line.denied_amount,
    }
    return [
        f"SVC*HC:{line.identity.procedure}:GP*{line.charge_amount}*{line.paid_amount}**1",
        "DTM*472*20260901",
        *(f"CAS*{reason}*{amount}" for reason, amount in adjustments.items() if amount),
        *([f"REF*6R*{line.identity.control_number}"] if line.identity.control_number else []),
    ]


def taken_back(history: History) -> list[bytes]:
    return [
        remittance(trace=f"W{t.day:%Y%m%d}", paid_on=f"{t.day:%Y%m%d}", plb=[(t.reason, ICN, str(t.amount))])
        for t in history.take_backs
    ]


def resent(content: bytes, number: int) -> bytes:
    """The same file under other interchange and group control numbers."""
    return content.replace(b"*000000001*", b"*%09d*" % number).replace(
        b"IEA*1*000000001", b"IEA*1*%09d" % number
    )


async def deliver(sessions: Sessions, files: Sequence[bytes], random: Random) -> None:
    """In any order, some twice, classified now and then, some events for the second time."""
    numbers = count(500)
    order = [*files, *(resent(content, next(numbers)) for content in random.sample(files, len(files) // 2))]
    random.shuffle(order)
    for content in order:
        await post(sessions, content)
        if random.random() < 0.4:
            await classify(sessions, await adjudications(sessions))
    await classify(sessions, await adjudications(sessions))


@given(history=histories(), random=st.randoms(use_true_random=False))
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_of_arrival_ends_with_one_ledger(
    sessions: Sessions, history: History, random: Random
) -> None:
    await forget(sessions)
    files = [submitted(history), *(answered(a) for a in history.answers), *taken_back(history)]
    await deliver(sessions, files, random)
    claim = await only(sessions, tables.Claim, col(tables.Claim.submitted))
    taken = sum_amounts(t.amount for t in history.take_backs)
    assert (claim.paid_amount, claim.taken_back_amount) == (history.received_amount - taken, taken)
    assert claim.denied_amount == sum_amounts(one.denied_amount for one in history.in_force.values())
    assert (claim.imbalance_amount, claim.unanswered_amount) == (ZERO, ZERO)
    found = await prove(sessions)
    assert found.problems == []
    assert (found.payments.difference, found.payments.unexplained) == (ZERO, ZERO)
    async with sessions() as session:
        money = await ledger(session)
    assert (money.billed, money.difference) == (history.charge_amount, Decimal(0))
