"""What a replay tells is what the classifier makes of the same record under both rules: no more, no less."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from overturn.db import tables
from overturn.db.adjudications import decide_all
from overturn.db.authorizations import save_authorizations
from overturn.db.session import Sessions
from overturn.demo.month import month_files
from overturn.domain.authorizations import Authorization
from overturn.domain.causes.tables import Enrolment
from overturn.domain.codes import Action
from overturn.reference.causes import with_cause_tables
from overturn.replay import Outcome, replay
from overturn.rulebook import Rulebook, load_rulebook
from overturn.synthetic.month import make_month, write_month
from tests.integration.records import post
from tests.x12_files import acknowledgement, adjudicated_claim, remittance, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

Told = tuple[str, str, str, Decimal, str] | None
THERAPIST = "1999999984"


def enrolled() -> Rulebook:
    """The shipped rules, with a therapist whom Medicare lists."""
    listed = Enrolment(THERAPIST, "medicare", date(2020, 1, 1), None, "letter of 2020-01-01")
    return with_cause_tables(replace(load_rulebook(), enrolments=(listed,)))


BEFORE = enrolled()


def every_row_calls() -> Rulebook:
    rules = tuple(replace(rule, action=Action.CALL_PAYER) for rule in BEFORE.denials.rules)
    return replace(BEFORE, denials=replace(BEFORE.denials, rules=rules))


def on(claim: list[str], day: str) -> list[str]:
    return [segment.replace("20260901", day) for segment in claim]


def proved_by_the_record() -> Iterator[bytes]:
    """A file or two for each family of proofs that needs more than codes."""
    before = [
        [*on(adjudicated_claim(f"K{n}", ("80.00", ["CO*45*20.00"])), f"2026020{n}"), "AMT*B6*900.00"]
        for n in (1, 2, 3)
    ]
    yield remittance(*before, paid_on="20260301", trace="K")
    above = adjudicated_claim("K9", ("0.00", ["PR*119*100.00"]))
    late = [adjudicated_claim(f"L{n}", ("0.00", ["CO*29*100.00"])) for n in (1, 2)]
    received = [late[1][0], late[1][1], "DTM*050*20260903", *late[1][2:]]
    yield submission("L1")
    yield acknowledgement(("L1", "A2"))
    paid = on(adjudicated_claim("D1", ("80.00", ["CO*45*20.00"])), "20260904")
    again = on(adjudicated_claim("D2", ("0.00", ["OA*18*100.00"])), "20260904")
    yield submission("D1", "D2", control="2").replace(b"20260901", b"20260904")
    bundled = on(adjudicated_claim("B2", ("0.00", ["CO*236*100.00"])), "20260905")
    group = [
        s.replace("97110", "97150")
        for s in on(adjudicated_claim("B1", ("80.00", ["CO*45*20.00"])), "20260905")
    ]
    held = on(adjudicated_claim("A1", ("0.00", ["CO*197*100.00"])), "20260906")
    carried = on(adjudicated_claim("A2", ("0.00", ["CO*197*100.00"])), "20260907")
    numbered = submission("A2", control="3").replace(b"HI*ABK", b"REF*G1*AUTH7~HI*ABK")
    yield numbered.replace(b"SE*23", b"SE*24").replace(b"20260901", b"20260907")
    unlisted = on(adjudicated_claim("E1", ("0.00", ["CO*16*100.00"])), "20260908")
    by = [*unlisted[:2], f"NM1*82*1*THERAPIST*TERRY****XX*{THERAPIST}", *unlisted[2:], "LQ*HE*N290"]
    units = adjudicated_claim("U1", ("30.00", ["CO*45*70.00"]))
    partly = [s.replace("**2", "**1**2") for s in on(units, "20260909")]
    many = [above, late[0], received, paid, again, bundled, group, held, carried, by, partly]
    yield remittance(*many, trace="T")


async def store(sessions: Sessions, folder: Path) -> None:
    for _ in write_month(make_month(claims=60, seed=5), folder):
        pass
    for path in month_files(folder):
        await post(sessions, path.read_bytes(), path.name)
    for content in proved_by_the_record():
        assert not (await post(sessions, content)).findings
    one = Authorization(
        "medicare", "A1", "AUTH1", date(2026, 8, 1), date(2026, 12, 31), visits=9, reference="a letter"
    )
    async with sessions.begin() as session:
        await save_authorizations(session, [one], by=None, at=datetime(2026, 8, 1, tzinfo=UTC))


async def decided(sessions: Sessions, rules: Rulebook) -> dict[tuple[str, int | None], Told]:
    """By adjudication and line, as the classifier decides."""
    async with sessions() as session:
        claim_ids = (await session.scalars(select(col(tables.Claim.id)))).all()
        answers = await decide_all(session, claim_ids, payers=rules.payers, denials=rules.denials)
    return {
        (str(found.adjudication.payment_id), denial.line): (
            denial.category,
            denial.cause,
            denial.action,
            denial.denied_amount,
            denial.rule.id,
        )
        for claim in answers.values()
        for found in claim.decided
        for denial in found.decision.denials
    }


def told(outcome: Outcome | None) -> Told:
    if outcome is None:
        return None
    return outcome.category, outcome.cause, outcome.action, outcome.denied_amount, outcome.rule_id


async def test_a_replay_tells_what_the_classifier_then_decides(sessions: Sessions, tmp_path: Path) -> None:
    await store(sessions, tmp_path / "month")
    after = every_row_calls()
    old, new = await decided(sessions, BEFORE), await decided(sessions, after)
    async with sessions() as session:
        found = await replay(session, before=BEFORE, after=after)
    expected = Counter(
        (key[1], old.get(key), new.get(key))
        for key in old.keys() | new.keys()
        if (old.get(key) or ())[:4] != (new.get(key) or ())[:4]
    )
    assert (
        Counter((change.line, told(change.before), told(change.after)) for change in found.changes)
        == expected
    )
    proved = {decision[1] for decision in old.values() if decision}
    assert proved >= {
        *("missing_kx", "filed_in_time", "duplicate_of_paid", "ncci_modifier_missing", "partial_units"),
        *("authorization_in_force", "authorization_number_was_there", "rendering_npi_enrolled"),
    }
