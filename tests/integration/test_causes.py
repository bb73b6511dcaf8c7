"""What the record proves about a denial: acceptance, threshold and other claims, stored with the case."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import col

from overturn.case_facts import gather_facts
from overturn.db import tables
from overturn.db.authorizations import save_authorizations, stored_authorizations
from overturn.db.claim_records import claim_records
from overturn.db.session import Sessions
from overturn.domain.authorizations import Authorization
from overturn.domain.contracts import ContractPrice
from overturn.domain.therapy_threshold import Bucket
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from services.classifier.claim_classifier import ClaimClassifier
from tests.integration.records import adjudications, only, post, rows
from tests.x12_files import acknowledgement, adjudicated_claim, remittance, reversal, submission

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]

CLASSIFIER = ClaimClassifier(RulesInForce(load_rulebook()))


def dated(claim: list[str], day: str) -> list[str]:
    return [segment.replace("20260901", day) for segment in claim]


def allowed(claim: list[str], amount: str) -> list[str]:
    """With the allowed amount that the threshold counts."""
    return [*claim, f"AMT*B6*{amount}"]


async def take_in(sessions: Sessions, *files: bytes) -> None:
    for content in files:
        await post(sessions, content)
    async with sessions.begin() as session:
        await CLASSIFIER(session, await adjudications(sessions))


async def record_of(sessions: Sessions, number: str) -> tuple[tables.Claim, dict[Bucket, Decimal]]:
    claim = await only(sessions, tables.Claim, col(tables.Claim.patient_control_number) == number)
    async with sessions() as session:
        found = await claim_records(session, [claim.id])
    return claim, dict(found[claim.id].allowed_before)


OVER = adjudicated_claim("P9", ("0.00", ["PR*119*100.00"]))


async def test_the_accumulator_of_the_record_proves_a_missing_kx(sessions: Sessions) -> None:
    before = [
        allowed(dated(adjudicated_claim(f"P{n}", ("80.00", ["CO*45*20.00"])), f"2026020{n}"), "900.00")
        for n in (1, 2, 3)
    ]
    await take_in(sessions, remittance(*before, paid_on="20260301", trace="T1"), remittance(OVER, trace="T2"))
    assert (await record_of(sessions, "P9"))[1] == {Bucket.PT_SLP: Decimal("2700.00")}
    denial = await only(sessions, tables.Denial)
    assert (denial.cause, denial.action) == ("missing_kx", "reopening")
    assert "$2,700.00 of PT and SLP allowed in 2026" in denial.explanation
    assert denial.reasoning["proof"]["stand"] == "confirmed"


async def test_the_threshold_counts_a_line_once_and_a_reversed_one_not_at_all(sessions: Sessions) -> None:
    first = allowed(dated(adjudicated_claim("P1", ("80.00", ["CO*45*20.00"])), "20260201"), "900.00")
    last_year = allowed(dated(adjudicated_claim("P2", ("80.00", ["CO*45*20.00"])), "20251201"), "900.00")
    taken = allowed(dated(adjudicated_claim("P3", ("80.00", ["CO*45*20.00"])), "20260203"), "900.00")
    await take_in(
        sessions,
        remittance(first, last_year, taken, paid_on="20260301", trace="T1"),
        remittance(reversal(first), first, reversal(taken), paid_on="20260310", trace="T2"),
        remittance(OVER, trace="T3"),
    )
    assert (await record_of(sessions, "P9"))[1] == {Bucket.PT_SLP: Decimal("900.00")}


LATE = adjudicated_claim("P1", ("0.00", ["CO*29*100.00"]))


async def test_an_accepted_277ca_is_proof_against_late_filing(sessions: Sessions) -> None:
    accepted = acknowledgement(("P1", "A2"))
    await take_in(sessions, submission("P1"), accepted, remittance(LATE))
    denial = await only(sessions, tables.Denial)
    assert (denial.cause, denial.action, denial.appealable) == ("filed_in_time", "call_payer", "no")
    (place,) = denial.reasoning["proof"]["places"]
    assert (place["document"], denial.reasoning["proof"]["stand"]) == ("277CA", "refuted")


async def test_a_duplicate_names_the_claim_that_was_paid(sessions: Sessions) -> None:
    paid = adjudicated_claim("P1", ("80.00", ["CO*45*20.00"]))
    again = adjudicated_claim("P2", ("0.00", ["OA*18*100.00"]))
    files = (submission("P1", "P2"), remittance(paid, trace="T1"), remittance(again, trace="T2"))
    await take_in(sessions, *files)
    denial = await only(sessions, tables.Denial)
    assert (denial.cause, denial.action) == ("duplicate_of_paid", "none")
    assert "settled under claim P1, $80.00" in denial.explanation


async def test_units_left_out_open_a_case_with_their_dollars(sessions: Sessions) -> None:
    claim = [s.replace("**2", "**1**2") for s in adjudicated_claim("P1", ("30.00", ["CO*45*70.00"]))]
    await take_in(sessions, remittance(claim))
    case = await only(sessions, tables.DenialCase)
    assert (case.cause, case.denied_amount) == ("partial_units", Decimal("30.00"))
    standing = await only(sessions, tables.Claim)
    assert (standing.contractual_amount, standing.denied_amount) == (Decimal("40.00"), Decimal("30.00"))


async def test_a_cut_below_the_contract_opens_a_case_over_the_difference(sessions: Sessions) -> None:
    """No code refuses anything: 50.00 of 100.00 are written off, and 40.00 a unit are agreed for two."""
    price = ContractPrice("medicare", "97110", Decimal("40.00"), None, None, None, "contract of 2025, page 4")
    classifier = ClaimClassifier(RulesInForce(replace(load_rulebook(), contracts=(price,))))
    await post(sessions, remittance(adjudicated_claim("P1", ("50.00", ["CO*45*50.00"]))))
    async with sessions.begin() as session:
        await classifier(session, await adjudications(sessions))
    case, denial = await only(sessions, tables.DenialCase), await only(sessions, tables.Denial)
    assert (case.cause, case.denied_amount, denial.carc) == ("below_contract", Decimal("30.00"), "45")
    assert "$80.00 is agreed for 2 x 97110" in denial.explanation
    claim = await only(sessions, tables.Claim)
    assert (claim.contractual_amount, claim.denied_amount) == (Decimal("20.00"), Decimal("30.00"))


async def test_deciding_again_gives_the_same_rows(sessions: Sessions) -> None:
    await take_in(sessions, submission("P1"), acknowledgement(("P1", "A2")), remittance(LATE))
    first = [row.model_dump() for row in await rows(sessions, tables.Denial)]
    await take_in(sessions)
    assert [row.model_dump() for row in await rows(sessions, tables.Denial)] == first


def of_procedure(claim: list[str], procedure: str) -> list[str]:
    return [segment.replace("97110", procedure) for segment in claim]


GROUP_THERAPY = of_procedure(adjudicated_claim("P1", ("80.00", ["CO*45*20.00"]), icn="ICN7"), "97150")
BUNDLED = adjudicated_claim("P2", ("0.00", ["CO*236*100.00"]))


@pytest.mark.parametrize(
    "remittances",
    [
        (remittance(GROUP_THERAPY, trace="T1"), remittance(BUNDLED, trace="T2")),
        (remittance(BUNDLED, GROUP_THERAPY),),
    ],
    ids=["answered before", "answered together"],
)
async def test_the_partner_of_a_pair_is_found_on_another_claim_of_the_day(
    sessions: Sessions, remittances: tuple[bytes, ...]
) -> None:
    await take_in(sessions, *remittances)
    denial = await only(sessions, tables.Denial)
    assert (denial.cause, denial.action) == ("ncci_modifier_missing", "reopening")
    other = denial.reasoning["proof"]["places"][1]
    assert (other["claim"], other["value"]) == ("P1", "97150")


@pytest.mark.parametrize(
    ("changed", "to"),
    [("20260901", "20260902"), ("TESTER*PAT", "TESTER*KIM"), ("M0001", "M0002")],
    ids=["another day", "another of the family", "another member"],
)
async def test_another_day_or_patient_is_not_beside_the_claim(
    sessions: Sessions, changed: str, to: str
) -> None:
    other = [segment.replace(changed, to) for segment in GROUP_THERAPY]
    await take_in(sessions, remittance(other, trace="T1"), remittance(BUNDLED, trace="T2"))
    assert (await only(sessions, tables.Denial)).cause == "ncci_pair"


async def test_the_same_visit_billed_again_and_not_answered_yet_is_not_beside_it(sessions: Sessions) -> None:
    """Three claims we sent, of the same charge; two of them nobody answered."""
    await take_in(sessions, submission("P2", "P3", "P4"), remittance(BUNDLED))
    assert (await only(sessions, tables.Denial)).cause == "ncci_pair"


def visit(number: str, day: str, *, denied: str = "") -> list[str]:
    amounts = ("0.00", [denied]) if denied else ("80.00", ["CO*45*20.00"])
    return dated(adjudicated_claim(number, amounts), day)


async def hold(sessions: Sessions, visits: int, *, account: str, number: str | None = "A1") -> None:
    one = Authorization(
        *("medicare", account, number, date(2026, 8, 1), date(2026, 12, 31)),
        visits=visits if number else None,
        reference="letter of 2026-07-20",
    )
    async with sessions.begin() as session:
        await save_authorizations(session, [one], by=None, at=datetime(2026, 8, 1, tzinfo=UTC))


async def member_of(sessions: Sessions, number: str) -> str:
    claim = await only(sessions, tables.Claim, col(tables.Claim.patient_control_number) == number)
    assert claim.member_identifier
    return str(claim.member_identifier)


async def test_visits_of_other_claims_use_an_authorization_up(sessions: Sessions) -> None:
    before = [visit(f"P{n}", f"2026080{n}") for n in (3, 4)]
    taken_back = visit("P5", "20260805")
    denied = visit("P6", "20260806", denied="CO*50*100.00")
    await take_in(sessions, remittance(*before, taken_back, denied, paid_on="20260820", trace="T1"))
    await take_in(sessions, remittance(reversal(taken_back), paid_on="20260821", trace="T2"))
    await hold(sessions, 2, account=await member_of(sessions, "P3"))
    last = visit("P9", "20260901", denied="CO*198*100.00")
    await take_in(sessions, remittance(last, trace="T3"))
    claim, _ = await record_of(sessions, "P9")
    denial = await only(
        sessions, tables.Denial, col(tables.Denial.claim_payment_id) == claim.current_payment_id
    )
    assert denial.cause == "authorization_used_up"
    assert "2 of 2 visits" in denial.explanation
    async with sessions() as session:
        (held,) = await stored_authorizations(session, not_over_on=date(2026, 9, 2))
        assert await stored_authorizations(session, not_over_on=date(2027, 1, 1)) == []
    assert held.use.visits_left(date(2026, 9, 2)) == 0


async def test_a_visit_that_no_payer_has_answered_counts_as_used(sessions: Sessions) -> None:
    await take_in(sessions, submission("P1"), remittance(visit("P9", "20260902", denied="CO*197*100.00")))
    await hold(sessions, 1, account=await member_of(sessions, "P1"))
    async with sessions() as session:
        (held,) = await stored_authorizations(session)
    assert held.use.visits_used(until=date(2026, 9, 1)) == 1


async def test_the_letter_states_the_authorization_and_what_was_used_of_it(sessions: Sessions) -> None:
    await hold(sessions, 10, account="P9")
    await take_in(sessions, remittance(visit("P9", "20260901", denied="CO*197*100.00")))
    denial = await only(sessions, tables.Denial)
    assert (denial.cause, denial.action) == ("authorization_in_force", "appeal")
    case = await only(sessions, tables.DenialCase)
    async with sessions() as session:
        facts = await gather_facts(session, case, rulebook=load_rulebook(), letter_on=date(2026, 9, 9))
    assert (facts.authorization_number, facts.authorized_from) == ("A1", date(2026, 8, 1))
    assert facts.authorization_reason == (
        "The visit of 2026-09-01 falls within it: 0 of 10 visits were used before that day."
    )
    assert facts.sources["authorization_number"] == "the practice's authorizations"


async def test_the_letter_states_that_none_was_required(sessions: Sessions) -> None:
    await hold(sessions, 0, account="P9", number=None)
    await take_in(sessions, remittance(visit("P9", "20260901", denied="CO*197*100.00")))
    case = await only(sessions, tables.DenialCase)
    assert case.cause == "authorization_not_required"
    async with sessions() as session:
        facts = await gather_facts(session, case, rulebook=load_rulebook(), letter_on=date(2026, 9, 9))
    assert facts.authorization_not_required
    assert "letter of 2026-07-20" in facts.authorization_not_required
    assert facts.authorization_number is None


async def test_storing_the_same_again_changes_nothing(sessions: Sessions) -> None:
    one = Authorization("aetna", "M1", "A1", date(2026, 1, 1), None, 10, Decimal("4.50"), ("97110",))
    more = Authorization("aetna", "M1", "A1", date(2026, 1, 1), None, 12, Decimal("4.50"), ("97110",))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for given, counted in ((one, (1, 0)), (one, (0, 0)), (more, (0, 1))):
        async with sessions.begin() as session:
            assert await save_authorizations(session, [given], by=None, at=at) == counted
    async with sessions() as session:
        assert [held.use.authorization for held in await stored_authorizations(session)] == [more]
