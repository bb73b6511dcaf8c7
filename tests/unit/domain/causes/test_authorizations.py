"""A denial over authorization, held against what the practice has and what its claims have used."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from overturn.domain.authorizations import (
    Authorization,
    AuthorizationUse,
    Discipline,
    RetroactiveAuthorization,
    UsedLine,
)
from overturn.domain.causes.proven import Stand
from overturn.domain.causes.tables import ClaimRecord
from overturn.domain.classification import Denial
from overturn.domain.codes import Action, Answer, Confidence
from overturn.domain.payers import PayerContext
from overturn.domain.submission import SubmittedClaim
from overturn.reference.causes import with_cause_tables
from overturn.rulebook import Rulebook, load_rulebook
from tests.unit.domain.causes.proofs import (
    DAY,
    answer,
    on_line,
    only_denial,
    refutation,
    sent_claim,
    sent_line,
)

MISSING, EXCEEDED = ("CO-197 100.00", ""), ("CO-198 100.00", "")


def held(
    number: str | None = "A1",
    *,
    visits: int | None = 10,
    used: int = 0,
    to: date | None = DAY + timedelta(days=30),
    procedures: tuple[str, ...] = (),
    discipline: Discipline | None = None,
    payer: str = "aetna",
) -> AuthorizationUse:
    first = DAY - timedelta(days=60)
    known = Authorization(
        payer, "SPECIMEN-ID", number, first, to, visits, None, procedures, discipline, "letter of 2024-05-30"
    )
    lines = [
        UsedLine(DAY - timedelta(days=n), "97110", frozenset({"GP"}), Decimal(1)) for n in range(1, used + 1)
    ]
    return AuthorizationUse(known, tuple(lines))


def carrying(number: str | None) -> SubmittedClaim:
    segments = ("CLM*SPECIMEN1*100", *((f"REF*G1*{number}",) if number else ()))
    return sent_claim(sent_line(1, "97110"), segments=segments, prior_authorization=number)


def judged(
    rulebook: Rulebook,
    payer: PayerContext,
    *uses: AuthorizationUse,
    sent: SubmittedClaim | None,
    code: tuple[str, str] = MISSING,
) -> Denial:
    claim = answer(on_line(code[0], "97110", rarcs=code[1]))
    return only_denial(rulebook, payer, claim, sent=sent, record=ClaimRecord(authorizations=uses))


@pytest.mark.parametrize("code", [MISSING, EXCEEDED, ("CO-198 100.00", "N351"), ("CO-16 100.00", "M62")])
def test_an_authorization_with_room_that_our_claim_carries_refutes_the_payer(
    proving: Rulebook, commercial: PayerContext, code: tuple[str, str]
) -> None:
    denial = judged(proving, commercial, held(used=9), sent=carrying("A1"), code=code)
    assert (denial.cause, denial.action, denial.appealable) == (
        "authorization_in_force",
        Action.APPEAL,
        Answer.YES,
    )
    proven = refutation(denial)
    assert "9 of 10 visits used before" in proven.finding
    assert proven.confidence is Confidence.HIGH
    assert proven.places[0].value == "A1"


def test_without_our_claim_the_refutation_is_for_a_person_to_check(
    proving: Rulebook, commercial: PayerContext
) -> None:
    proven = refutation(judged(proving, commercial, held(), sent=None))
    assert (proven.confidence, proven.places) == (Confidence.MEDIUM, ())


@pytest.mark.parametrize(
    ("number", "cause"), [("A7", "authorization_wrong_number"), (None, "authorization_number_left_out")]
)
def test_a_wrong_or_left_out_number_is_ours_to_correct(
    proving: Rulebook, commercial: PayerContext, number: str | None, cause: str
) -> None:
    denial = judged(proving, commercial, held(), sent=carrying(number))
    assert (denial.cause, denial.action) == (cause, Action.CORRECTED_CLAIM)
    assert denial.proven
    assert denial.proven.stand is Stand.CONFIRMED
    assert "corrected claim with A1 in REF*G1" in denial.explanation


def test_used_up_before_the_visit_bears_the_payer_out(proving: Rulebook, commercial: PayerContext) -> None:
    denial = judged(proving, commercial, held(used=10), sent=carrying("A1"), code=EXCEEDED)
    assert denial.cause == "authorization_used_up"
    assert denial.proven
    assert denial.proven.stand is Stand.CONFIRMED
    assert "10 of 10 visits" in denial.explanation


def test_a_second_authorization_with_room_counts_before_one_that_is_used_up(
    proving: Rulebook, commercial: PayerContext
) -> None:
    denial = judged(proving, commercial, held(used=10), held("A2"), sent=carrying("A1"))
    assert denial.cause == "authorization_wrong_number"
    assert "A2" in denial.explanation


@pytest.mark.parametrize(
    ("to", "cause"),
    [(DAY, "authorization_in_force"), (DAY - timedelta(days=1), "authorization_expired")],
)
def test_the_last_day_is_covered_and_the_next_is_not(
    proving: Rulebook, commercial: PayerContext, to: date, cause: str
) -> None:
    assert judged(proving, commercial, held(to=to), sent=carrying("A1")).cause == cause


def test_an_authorization_that_begins_later_is_told_as_other_dates(
    proving: Rulebook, commercial: PayerContext
) -> None:
    later = replace(held().authorization, effective_from=DAY + timedelta(days=1))
    denial = judged(proving, commercial, AuthorizationUse(later), sent=carrying("A1"))
    assert denial.cause == "authorization_dates"
    assert "A1 holds from 2024-08-02" in denial.explanation


def test_an_authorization_of_other_services_is_named(proving: Rulebook, commercial: PayerContext) -> None:
    denial = judged(proving, commercial, held(procedures=("97530",)), sent=carrying("A1"))
    assert denial.cause == "authorization_other_services"
    assert "is for 97530, and not for 97110 GP" in denial.explanation
    other = judged(proving, commercial, held(discipline=Discipline.OT), sent=carrying("A1"))
    assert other.cause == "authorization_other_services"


def test_the_payers_word_that_none_is_required_refutes_it(
    proving: Rulebook, commercial: PayerContext
) -> None:
    denial = judged(proving, commercial, held(None, visits=None, to=None), sent=carrying(None))
    assert (denial.cause, denial.action) == ("authorization_not_required", Action.APPEAL)
    assert "letter of 2024-05-30" in refutation(denial).finding


def test_another_payers_authorization_says_nothing(proving: Rulebook, commercial: PayerContext) -> None:
    denial = judged(proving, commercial, held(payer="cigna"), sent=carrying(None))
    assert (denial.cause, denial.proven) == ("authorization_missing", None)


def retroactive() -> Rulebook:
    row = RetroactiveAuthorization("aetna", 14, None, None, "provider manual 2024, page 9")
    return with_cause_tables(replace(load_rulebook(), retroactive_authorizations=(row,)))


def test_where_none_is_held_the_payers_time_to_ask_afterwards_is_told(commercial: PayerContext) -> None:
    denial = judged(retroactive(), commercial, sent=carrying(None))
    assert denial.cause == "authorization_retroactive"
    assert "ask for a retroactive authorization by 2024-08-15" in denial.explanation
    used_up = judged(retroactive(), commercial, held(used=10), sent=carrying("A1"))
    assert "retroactive extension by 2024-08-15" in used_up.explanation


def test_a_denial_for_another_reason_is_left_alone(proving: Rulebook, commercial: PayerContext) -> None:
    denial = judged(proving, commercial, held(), sent=carrying(None), code=("CO-50 100.00", ""))
    assert denial.proven is None
