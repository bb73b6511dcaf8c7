"""What the rules make of a new case."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from uuid import uuid4

import pytest

from overturn.db.letter_choice import chosen_letter, letter_level
from overturn.db.tables import Claim, Denial, DenialCase
from overturn.domain.deadlines import Deadline, UnknownDeadline
from overturn.paths import RULES
from overturn.rulebook import Rulebook, load_rulebook
from workflows.denial_case.planning import (
    CasePlan,
    find_deadline,
    plan_case,
)

DENIED_ON, SERVED_ON = date(2026, 2, 2), date(2026, 1, 12)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


def case(
    *,
    action: str,
    category: str = "medical_necessity",
    payer_key: str | None = "medicare",
    line_of_business: str | None = "Medicare FFS",
    cause: str = "not_medically_necessary",
) -> DenialCase:
    return DenialCase(
        id=uuid4(),
        claim_id=uuid4(),
        round_number=1,
        claim_payment_id=uuid4(),
        payer_key=payer_key,
        line_of_business=line_of_business,
        category=category,
        cause=cause,
        action=action,
        denied_amount=Decimal("120.00"),
        recovered_amount=Decimal(0),
        status="opened",
        denied_on=DENIED_ON,
    )


def claim() -> Claim:
    return Claim(
        id=uuid4(),
        patient_control_number="GENERATED",
        charge_amount=Decimal("150.00"),
        service_from=SERVED_ON,
    )


def denial(carc: str | None = "50", rarcs: tuple[str, ...] = ("N115",)) -> Denial:
    return Denial(
        id=uuid4(),
        case_id=uuid4(),
        claim_payment_id=uuid4(),
        line_number=1,
        category="medical_necessity",
        cause="not_medically_necessary",
        action="appeal",
        appealable="yes",
        preventable="no",
        group_code="CO" if carc else None,
        carc=carc,
        rarcs=list(rarcs),
        denied_amount=Decimal("120.00"),
        rule_id="r",
        rule_version="v",
        rule_source="s",
        explanation="",
    )


def plan(of: DenialCase, rulebook: Rulebook, *denials: Denial) -> CasePlan:
    return plan_case(of, claim(), denials or (denial(),), rulebook=rulebook, today=date(2026, 2, 10))


@pytest.mark.parametrize("action", ["appeal", "send_records", "reopening", "call_payer"])
def test_what_is_asked_of_a_payer_is_watched_by_the_appeal_window(action: str, rulebook: Rulebook) -> None:
    found = find_deadline(case(action=action), claim(), rulebook=rulebook)
    assert isinstance(found, Deadline)
    assert (found.due_on, found.rule.id) == (date(2026, 6, 7), "medicare-appeal-1")


@pytest.mark.parametrize(
    "action", ["corrected_claim", "new_claim", "bill_other_payer", "enrol_then_resubmit"]
)
def test_a_claim_is_due_by_its_date_of_service(action: str, rulebook: Rulebook) -> None:
    found = find_deadline(case(action=action), claim(), rulebook=rulebook)
    assert isinstance(found, Deadline)
    assert found.due_on == date(2027, 1, 12)


def test_without_a_window_for_corrections_the_one_for_claims_holds(rulebook: Rulebook) -> None:
    aetna = case(action="corrected_claim", payer_key="aetna", line_of_business="Commercial")
    found = find_deadline(aetna, claim(), rulebook=rulebook)
    assert isinstance(found, Deadline)
    assert found.rule.id == "aetna-claim"


def test_an_unknown_payer_has_no_deadline_and_the_document_says_why(rulebook: Rulebook) -> None:
    unknown = case(action="appeal", payer_key=None, line_of_business=None)
    assert isinstance(find_deadline(unknown, claim(), rulebook=rulebook), UnknownDeadline)
    planned = plan(unknown, rulebook)
    assert planned.due_on is None
    assert "set the window" in planned.deadline["unknown"]
    assert planned.priority.deadline_unknown


def test_what_needs_no_payer_has_no_deadline_and_no_urgency(rulebook: Rulebook) -> None:
    planned = plan(case(action="write_off", category="timely_filing"), rulebook)
    assert planned.deadline.keys() == {"none"}
    assert "no deadline" in planned.priority.arithmetic
    assert not planned.priority.deadline_unknown


def test_a_plan_names_queue_work_and_codes(rulebook: Rulebook) -> None:
    planned = plan(case(action="appeal"), rulebook)
    assert (planned.queue, planned.work_kind) == ("clinical_appeals", "write_appeal")
    assert planned.work_title.startswith("Appeal: ")
    assert planned.work_title.endswith("(CO-50 N115)")
    assert planned.priority.expected_recovery_amount > 0


def test_codes_are_named_once_and_a_line_without_any_is_not(rulebook: Rulebook) -> None:
    planned = plan(case(action="appeal"), rulebook, denial(), denial(), denial(None, ()))
    assert planned.work_title.count("CO-50 N115") == 1
    bare = plan(case(action="appeal"), rulebook, denial(None, ()))
    assert "(" not in bare.work_title.removeprefix("Appeal: ")


def test_the_stored_deadline_is_plain_and_complete(rulebook: Rulebook) -> None:
    planned = plan(case(action="appeal"), rulebook)
    assert planned.deadline["due_on"] == "2026-06-07"
    assert planned.deadline["rule"]["confidence"]
    assert planned.deadline["derivation"][0]["date"] == "2026-02-02"
    assert planned.safe_on is not None
    assert planned.safe_on <= date(2026, 6, 7)


def test_a_reopening_is_outside_the_levels_of_appeal() -> None:
    reopening = case(action="reopening", category="modifier_kx", cause="missing_kx")
    assert (letter_level(reopening), chosen_letter(reopening)) == (0, "kx_reopening")
    appeal = case(action="appeal")
    assert (letter_level(appeal), chosen_letter(appeal)) == (1, "medical_necessity")


def test_late_filing_under_medicare_gets_no_letter() -> None:
    assert chosen_letter(case(action="appeal", category="timely_filing")) is None
    assert chosen_letter(case(action="corrected_claim")) is None


def test_payer_amount_and_the_days_a_case_begins_with_choose_its_queue(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    copytree(RULES, folder)
    table = folder / "queues.csv"
    head, rest = table.read_text(encoding="utf-8").split("\n", 1)
    short = ",,,medicare,>=120,<=120,,rush,Short fuse,appeals"
    table.write_text(f"{head}\n{short}\n{rest}", encoding="utf-8")
    rulebook = load_rulebook(folder)

    def queue(opened_on: date, denied: str = "120.00") -> str:
        row = case(action="appeal")
        row.opened_at = datetime.combine(opened_on, time(12), UTC)
        row.denied_amount = Decimal(denied)
        return plan_case(row, claim(), [denial()], rulebook=rulebook, today=DENIED_ON).queue

    due_on = DENIED_ON + timedelta(days=125)
    in_time, late = due_on - timedelta(days=121), due_on - timedelta(days=120)
    assert (queue(in_time), queue(late)) == ("clinical_appeals", "rush")
    assert queue(late, denied="119.99") == "clinical_appeals"
