"""A claim answered in parts is settled line by line; what cannot be told apart stays an imbalance."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from overturn.domain.answers import Adjudication, LineAnswer, LineIdentity
from overturn.domain.remittance import ZERO, sum_amounts
from overturn.domain.settlement import Standing, settle, standing_after
from tests.unit.domain.claim_histories import History, histories


def line(procedure: str, charge: str, paid: str = "0", **buckets: str) -> LineAnswer:
    control_number = buckets.pop("control_number", None)
    amounts = {name: Decimal(buckets.get(name, "0")) for name in ("contractual", "patient", "denied")}
    identity = LineIdentity(procedure, frozenset({"GP"}), date(2026, 9, 1), Decimal(charge), control_number)
    return LineAnswer(
        number=None,
        identity=identity,
        charge_amount=Decimal(charge),
        paid_amount=Decimal(paid),
        contractual_amount=amounts["contractual"],
        patient_amount=amounts["patient"],
        denied_amount=amounts["denied"],
        previously_paid_amount=Decimal(buckets.get("previously_paid", "0")),
    )


def answer(day: int, *lines: LineAnswer, status: str = "1", **beyond: str) -> Adjudication:
    """A CLP of that day about these lines; `beyond` is said of the claim beyond them."""
    numbered = tuple(replace(one, number=number) for number, one in enumerate(lines, start=1))
    return Adjudication(
        payment_id=UUID(int=day),
        payment_on=date(2026, 10, day),
        status_code=status,
        payer_claim_control_number="ICN1",
        charge_amount=sum_amounts(one.charge_amount for one in lines) + Decimal(beyond.get("charge", "0")),
        paid_amount=sum_amounts(one.paid_amount for one in lines),
        contractual_amount=sum_amounts(one.contractual_amount for one in lines)
        + Decimal(beyond.get("contractual", "0")),
        patient_amount=sum_amounts(one.patient_amount for one in lines),
        denied_amount=sum_amounts(one.denied_amount for one in lines) + Decimal(beyond.get("denied", "0")),
        lines=numbered,
    )


SENT = tuple(one.identity for one in (line("97110", "60"), line("97530", "40")) if one.identity)


def buckets(*answers: Adjudication, charge: str = "100", sent: tuple[LineIdentity, ...] = SENT) -> str:
    """Paid, contractual, patient, denied, unanswered, imbalance; the same for every order of arrival."""
    found = {
        _words(settle(order, charge_amount=Decimal(charge), sent_lines=sent))
        for order in permutations(answers)
    }
    assert len(found) == 1
    return found.pop()


def _words(s: Standing) -> str:
    told = (s.paid_amount, s.contractual_amount, s.patient_amount, s.denied_amount, s.unanswered_amount)
    return " ".join(f"{amount:.0f}" for amount in (*told, s.imbalance_amount))


FIRST = answer(1, line("97110", "60", "50", contractual="10"))
SECOND = answer(8, line("97530", "40", "25", patient="5", denied="10"))


def test_a_claim_split_over_two_remittances_is_whole_with_the_second() -> None:
    assert buckets(FIRST) == "50 10 0 0 40 0"
    assert buckets(FIRST, SECOND) == "75 10 5 10 0 0"


def test_without_our_claim_the_lines_that_were_ever_answered_are_the_lines_there_are() -> None:
    assert buckets(FIRST, SECOND, sent=()) == "75 10 5 10 0 0"


def test_a_rest_that_is_no_line_of_ours_is_an_imbalance_and_not_unanswered() -> None:
    assert buckets(FIRST, charge="90") == "50 10 0 0 0 30"


BOTH = answer(1, line("97110", "60", "50", contractual="10"), line("97530", "40", denied="40"))


def test_a_line_decided_again_without_a_reversal_takes_the_place_of_its_denial() -> None:
    assert buckets(BOTH) == "50 10 0 40 0 0"
    assert buckets(BOTH, answer(8, line("97530", "40", "30", contractual="10"))) == "80 20 0 0 0 0"


def test_a_line_paid_twice_without_a_reversal_is_an_imbalance_by_what_was_paid_twice() -> None:
    assert buckets(BOTH, answer(8, line("97110", "60", "55", contractual="5"))) == "105 5 0 40 0 -50"


def test_what_the_payer_says_it_paid_before_is_not_denied_when_it_did() -> None:
    more = answer(8, line("97110", "60", "5", contractual="5", denied="50", previously_paid="50"))
    assert buckets(BOTH, more) == "55 5 0 40 0 0"
    assert buckets(more, sent=()) == "5 5 0 50 0 40"


def test_a_whole_answer_takes_the_place_of_parts() -> None:
    whole = answer(9, line("97110", "60", denied="60"), line("97530", "40", "15", contractual="25"))
    assert buckets(BOTH, answer(8, line("97530", "40", denied="40")), whole) == "65 25 0 60 0 -50"


def test_a_modifier_that_was_added_or_dropped_does_not_hide_the_line() -> None:
    again = line("97530", "40", "40")
    assert again.identity
    again = replace(again, identity=replace(again.identity, modifiers=frozenset({"GP", "KX"})))
    assert buckets(BOTH, answer(8, again)) == "90 10 0 0 0 0"


TWINS = (line("97110", "50", "40", contractual="10"), line("97110", "50", denied="50"))


def test_twins_with_different_results_are_not_guessed_at() -> None:
    sent = tuple(one.identity for one in TWINS if one.identity)
    again = answer(8, line("97110", "50", "45", contractual="5"))
    assert buckets(answer(1, *TWINS), again, sent=sent) == "85 10 0 50 0 -45"


def test_twins_are_told_apart_by_their_line_control_numbers() -> None:
    first = line("97110", "50", "40", contractual="10", control_number="A")
    second = line("97110", "50", denied="50", control_number="B")
    again = answer(8, line("97110", "50", "45", contractual="5", control_number="B"))
    assert buckets(answer(1, first, second), again, sent=()) == "85 15 0 0 0 0"


def test_twins_that_are_answered_together_are_taken_in_their_order() -> None:
    sent = (*(one.identity for one in TWINS if one.identity), SENT[1])
    other = line("97530", "40", "40")
    both = answer(8, line("97110", "50", "0", denied="50"), line("97110", "50", "50"))
    assert buckets(answer(1, *TWINS, other), both, charge="140", sent=sent) == "130 0 0 50 0 -40"


def test_a_line_answered_after_the_claim_was_denied_as_one_is_taken_out_of_that_denial() -> None:
    denied = answer(1, charge="100", denied="100")
    assert buckets(denied, answer(8, line("97110", "60", "45", contractual="15"))) == "45 15 0 40 0 0"


def test_an_answer_in_other_terms_stands_for_the_whole_claim() -> None:
    bundled = answer(8, line("97112", "90", "70", contractual="20"))
    assert buckets(
        answer(1, line("97110", "60", denied="60"), line("97530", "40", denied="40")), bundled
    ) == ("70 20 0 0 0 10")


def test_what_was_said_beyond_the_lines_goes_with_the_last_of_them() -> None:
    cut = answer(1, line("97110", "60", "45"), line("97530", "40", "35"), contractual="20")
    assert buckets(cut) == "80 20 0 0 0 0"
    again = answer(8, line("97110", "60", denied="60")), answer(9, line("97530", "40", denied="40"))
    assert buckets(cut, again[0]) == "80 20 0 60 0 -60"
    assert buckets(cut, *again) == "80 0 0 100 0 -80"


def test_the_reversal_of_one_line_leaves_it_unanswered_until_it_is_corrected() -> None:
    gone = answer(8, line("97110", "-60", "-50", contractual="-10"), status="22")
    assert buckets(BOTH, gone) == "0 0 0 40 60 0"
    assert buckets(BOTH, gone, answer(9, line("97110", "60", "60"))) == "60 0 0 40 0 0"


def test_a_reversal_of_lines_that_were_never_answered_takes_nothing_back() -> None:
    other = answer(8, line("97112", "-60", "-50", contractual="-10"), status="22")
    assert buckets(BOTH, other) == "0 10 0 40 0 50"


def test_of_two_parts_with_equal_dollars_the_reversal_takes_the_one_with_its_lines() -> None:
    parts = answer(1, line("97110", "50", "50")), answer(2, line("97530", "50", denied="0", contractual="0"))
    equal = answer(2, line("97530", "50", "50"))
    sent = tuple(a.lines[0].identity for a in parts if a.lines[0].identity)
    gone = answer(8, line("97530", "-50", "-50"), status="22")
    again = answer(9, line("97530", "50", denied="50"))
    assert buckets(parts[0], equal, gone, again, sent=sent) == "50 0 0 50 0 0"


def test_a_secondary_payer_that_answers_one_line_leaves_the_other_to_the_patient() -> None:
    primary = answer(1, line("97110", "60", "40", patient="20"), line("97530", "40", "30", patient="10"))
    one = replace(
        answer(8, line("97110", "60", "20", contractual="40"), status="2"), prior_payer_amount=Decimal(40)
    )
    assert buckets(primary, one) == "90 0 10 0 0 0"


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_every_history_in_any_order_ends_with_the_dollars_it_was_made_of(
    history: History, random: object
) -> None:
    order = list(history.answers)
    random.shuffle(order)  # type: ignore[attr-defined]
    standing = settle(
        order,
        charge_amount=history.charge_amount,
        sent_lines=history.sent_lines,
        take_backs=history.take_backs,
    )
    lines = history.in_force.values()
    taken_back = sum_amounts(t.amount for t in history.take_backs)
    assert standing.taken_back_amount == taken_back
    assert standing.paid_amount == history.received_amount - taken_back
    assert standing.contractual_amount == sum_amounts(one.contractual_amount for one in lines)
    assert standing.denied_amount == sum_amounts(one.denied_amount for one in lines)
    patient = sum_amounts(one.patient_amount for one in lines)
    assert standing.patient_amount == (
        patient if history.left_to_patient is None else history.left_to_patient
    )
    assert (standing.imbalance_amount, standing.unanswered_amount) == (ZERO, ZERO)
    assert billed(standing) == standing.charge_amount


@given(histories(), st.data())
def test_at_every_moment_each_billed_dollar_is_in_one_bucket(history: History, data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(history.answers), unique_by=lambda a: a.payment_id))
    part = settle(
        some,
        charge_amount=history.charge_amount,
        sent_lines=history.sent_lines,
        take_backs=history.take_backs,
    )
    assert billed(part) == part.charge_amount
    for one in history.answers:
        then = standing_after(one, history.answers, charge_amount=history.charge_amount)
        assert billed(then) == then.charge_amount
        until = [a for a in history.answers if a.order <= one.order]
        assert then == settle(until, charge_amount=history.charge_amount)


def billed(s: Standing) -> Decimal:
    adjusted = s.contractual_amount + s.patient_amount + s.imbalance_amount
    return s.paid_amount + s.taken_back_amount + adjusted + s.denied_amount + s.unanswered_amount
