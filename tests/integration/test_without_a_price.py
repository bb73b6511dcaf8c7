"""Denials with and without a price, in any order of arrival: one case, one ledger, nothing unproved."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from overturn.db import tables
from overturn.db.session import Sessions
from overturn.reporting.ledger import ledger
from tests.integration.records import picture, rows
from tests.integration.test_classifying import forget
from tests.integration.test_money_in_any_order import deliver
from tests.integration.test_reconciling import prove
from tests.x12_files import clp, remittance, reversal

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

ANSWERS = {
    "downcoded": ("40.00", ["SVC*HC:97161:GP*100.00*40.00**1*HC:97163:GP", "CAS*CO*45*60.00"]),
    "refused": ("40.00", ["SVC*HC:97163:GP*100.00*40.00**1", "CAS*CO*50*60.00"]),
    "paid": ("85.00", ["SVC*HC:97163:GP*100.00*85.00**1", "CAS*CO*45*15.00"]),
    "written off": ("40.00", ["SVC*HC:97163:GP*100.00*40.00**1", "CAS*CO*45*60.00"]),
}
"""Of one line of 100.00: what was paid, and the segments that say so."""


Lines = tuple[str, str]


def claim(lines: Lines) -> list[str]:
    """Two lines, told apart by their control numbers."""
    paid = sum(Decimal(ANSWERS[line][0]) for line in lines)
    segments = [clp("P1", charge="200.00", paid=str(paid)), "NM1*QC*1*TESTER*PAT****MI*M0001"]
    for number, line in enumerate(lines, start=1):
        service, adjustment = ANSWERS[line][1]
        segments += [service, "DTM*472*20260901", adjustment, f"REF*6R*LINE{number}"]
    return segments


def answered(history: Sequence[Lines]) -> list[bytes]:
    """A remittance for each answer; each takes back the one before."""
    before: list[list[str]] = []
    files = []
    for day, lines in enumerate(history, start=1):
        files.append(remittance(*before, claim(lines), trace=f"T{day}", paid_on=f"202610{day:02}"))
        before = [reversal(claim(lines))]
    return files


HISTORIES = st.lists(st.tuples(*[st.sampled_from(sorted(ANSWERS))] * 2), min_size=1, max_size=3)


@given(history=HISTORIES, random=st.randoms(use_true_random=False))
@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_order_of_arrival_ends_with_one_case_and_one_ledger(
    sessions: Sessions, history: list[Lines], random: Random
) -> None:
    files = answered(history)
    pictures = []
    for _ in range(2):
        await forget(sessions)
        await deliver(sessions, files, random)
        seen = await picture(sessions)
        pictures.append((seen.claims, seen.cases, seen.denials))
        [row] = await rows(sessions, tables.Claim)
        assert row.denied_amount == 60 * history[-1].count("refused")
        assert row.unpriced_amount == 60 * history[-1].count("downcoded")
        found = await prove(sessions)
        assert found.problems == []
        async with sessions() as session:
            assert (await ledger(session)).difference == 0
    assert pictures[0] == pictures[1]
