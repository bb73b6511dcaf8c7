"""The adversarial month: the plain one with every odd shape in it, each named, and all dollars in place."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import oxedi
import oxedi.pyx12
import pytest
from pyx12.params import params
from pyx12.x12n_document import x12n_document

from overturn.domain.remittance import ClaimPayment
from overturn.domain.submission import ClaimAcknowledgement, FunctionalAcknowledgement, SubmittedClaim
from overturn.synthetic.adversarial import MOST_LINES, adversarial_stories
from overturn.synthetic.month import Month, make_month
from overturn.synthetic.practice import HOSTILE_TEXTS
from overturn.synthetic.scenarios import FEWEST_CLAIMS, Shape
from overturn.x12.file import read_file
from tests.unit.synthetic.month_reading import read_all, remittances, submitted_claims

RIGHT_TO_LEFT = "\u202e"
NAMED = {
    *("assistant_reduction", "downcoded_line", "downcoded_line_inside_contractual", "foreign_claim"),
    *("hostile_text", "huge_claim", "interest", "missing_modifier", "multiple_procedure_reduction"),
    *("odd_delimiters", "rejected_by_277ca", "rejected_by_999", "resent_file", "reversal_and_correction"),
    *("line_decided_again", "recovered_and_taken_back", "split_payment"),
    *("secondary_payer", "sequestration", "take_back", "unprocessable", "zero_pay_deductible"),
}


@pytest.fixture(autouse=True)
def _quiet_pyx12() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def truth(adversarial_folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((adversarial_folder / "truth.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def answers(adversarial: Month, adversarial_folder: Path) -> dict[str, list[ClaimPayment]]:
    """Every CLP of the month by patient control number, in the order of the files."""
    found: dict[str, list[ClaimPayment]] = {}
    for remittance in remittances(adversarial, adversarial_folder):
        for claim in remittance.claims:
            found.setdefault(str(claim.patient_control_number), []).append(claim)
    return found


def only(truth: dict[str, Any], shape: str) -> dict[str, Any]:
    """The one claim of a shape."""
    (number,) = truth["shapes"][shape]["claims"]
    claim: dict[str, Any] = next(c for c in truth["claims"] if c["patient_control_number"] == number)
    return claim


def pyx12_faults(path: Path, *, without: str = "") -> list[str]:
    """The IK3 and IK4 segments of the 999 that pyx12 would answer with."""
    text, answer = path.read_text(encoding="utf-8"), io.StringIO()
    accepted = x12n_document(params(), io.StringIO(text.replace(without, "")), answer, None)
    segments = (segment.strip() for segment in answer.getvalue().split("~"))
    faults = [segment for segment in segments if segment.startswith(("IK3", "IK4"))]
    assert accepted is not bool(faults)
    return faults


@pytest.mark.parametrize(("claims", "seed"), [(FEWEST_CLAIMS, 1), (60, 7), (150, 4)])
def test_every_shape_is_in_the_truth_with_where_to_find_it(claims: int, seed: int) -> None:
    truth = make_month(claims=claims, seed=seed, adversarial=True).truth()
    assert set(truth["shapes"]) == NAMED
    numbers = {claim["patient_control_number"] for claim in truth["claims"]}
    names = {file["name"] for file in truth["files"]}
    for shape, found in truth["shapes"].items():
        assert any(found.values()), shape
        assert set(found["claims"]) <= numbers, shape
        assert set(found["files"]) <= names, shape


def test_the_plain_month_names_no_shapes_and_its_claims_are_the_same(
    month: Month, adversarial: Month
) -> None:
    plain, odd = month.truth(), adversarial.truth()
    assert "shapes" not in plain
    kept = [c for c in odd["claims"] if not c["patient_control_number"].startswith("ADV")]
    assert sorted(kept, key=str) == sorted(plain["claims"], key=str)
    assert {f["kind"] for f in odd["files"]} - {f["kind"] for f in plain["files"]} == {"999"}


def test_the_same_seed_gives_the_same_month_and_another_seed_another(adversarial: Month) -> None:
    again, other = (make_month(claims=60, seed=seed, adversarial=True) for seed in (7, 8))
    assert again.truth() == adversarial.truth()
    assert ["".join(f.text()) for f in again.files] == ["".join(f.text()) for f in adversarial.files]
    assert [s.visit for s in other.stories if s.plan.shape] != [
        s.visit for s in adversarial.stories if s.plan.shape
    ]


@pytest.mark.parametrize("first", [date(2024, 2, 1), date(2026, 9, 1), date(2026, 12, 1)])
def test_every_claim_is_paid_adjusted_or_open_to_the_cent(first: date) -> None:
    truth = make_month(claims=80, seed=2, month=first, adversarial=True).truth()
    for claim in truth["claims"]:
        parts = (Decimal(claim[part]) for part in ("paid", "adjusted", "open"))
        assert Decimal(claim["charge"]) == sum(parts), claim["patient_control_number"]
    totals = {name: Decimal(truth["totals"][name]) for name in ("billed", "paid", "adjusted", "open")}
    assert totals["billed"] == totals["paid"] + totals["adjusted"] + totals["open"]
    elsewhere = Decimal(truth["totals"]["plb_total"]) - Decimal(truth["totals"]["taken_back"])
    assert Decimal(truth["totals"]["payments_total"]) == totals["paid"] - elsewhere


def test_totals_are_those_of_the_files(
    adversarial: Month, adversarial_folder: Path, truth: dict[str, Any]
) -> None:
    found = list(remittances(adversarial, adversarial_folder))
    totals, sent = truth["totals"], submitted_claims(adversarial_folder)
    foreign = Decimal(only(truth, "foreign_claim")["charge"])
    assert totals["claims_submitted"] == len(sent)
    assert Decimal(totals["billed"]) == foreign + sum(claim.charge_amount for claim in sent.values())
    claims_paid = sum(c.paid_amount for r in found for c in r.claims)
    assert Decimal(totals["paid"]) == claims_paid - Decimal(totals["taken_back"])
    assert Decimal(totals["payments_total"]) == sum(r.payment_amount for r in found)


def test_our_reader_reads_every_file_without_a_finding(adversarial: Month, adversarial_folder: Path) -> None:
    for file in adversarial.files:
        data = (adversarial_folder / file.name).read_bytes()
        assert [str(f) for f in read_file(data).all_findings] == [], file.name


def test_oxedi_and_pyx12_find_only_the_direction_mark_wrong_in_the_remittances(
    adversarial: Month, adversarial_folder: Path
) -> None:
    faults: list[str] = []
    for file in (f for f in adversarial.files if f.kind == "835"):
        data = (adversarial_folder / file.name).read_bytes()
        found = [*oxedi.parse(data).diagnostics, *oxedi.pyx12.validate(data)]
        faults += [str(f) for f in found if "byte order mark" not in f.rule]
    assert len(faults) == 2  # the payer's name and the patient's
    assert all("invalid character" in fault and "EDIRREVO" in fault for fault in faults)


@pytest.mark.parametrize("kind", ["837P", "277CA", "999"])
def test_pyx12_refuses_of_the_odd_files_only_those_that_are_meant_to_be_wrong(
    adversarial: Month, adversarial_folder: Path, truth: dict[str, Any], kind: str
) -> None:
    refused = {*truth["shapes"]["huge_claim"]["files"], *truth["shapes"]["rejected_by_999"]["files"]}
    files = [f for f in adversarial.files if f.kind == kind and f.shapes]
    assert len(files) >= 7
    for file in files:
        faults = pyx12_faults(adversarial_folder / file.name, without=RIGHT_TO_LEFT)
        assert bool(faults) is (kind == "837P" and file.name in refused), file.name


def test_the_999_tells_the_same_fault_that_pyx12_finds(
    adversarial_folder: Path, truth: dict[str, Any]
) -> None:
    sent, answered = (adversarial_folder / name for name in truth["shapes"]["rejected_by_999"]["files"])
    assert pyx12_faults(sent) == ["IK3*N3*9**3"]
    (answer,) = read_all(answered, FunctionalAcknowledgement)
    (error,) = answer.errors
    assert (answer.status, error.segment, error.position, error.error_codes) == ("R", "N3", 9, ("3",))


def test_what_the_999_refused_is_answered_by_nobody_else(
    adversarial: Month,
    adversarial_folder: Path,
    truth: dict[str, Any],
    answers: dict[str, list[ClaimPayment]],
) -> None:
    claim = only(truth, "rejected_by_999")
    number = claim["patient_control_number"]
    assert (claim["scenario"], claim["open"], claim["charge"]) == ("rejected", claim["charge"], claim["open"])
    assert number not in answers
    acknowledged = [f for f in adversarial.files if f.kind == "277CA"]
    assert not any(number in (adversarial_folder / f.name).read_text(encoding="utf-8") for f in acknowledged)
    assert number not in truth["shapes"]["rejected_by_277ca"]["claims"]


def test_every_other_batch_is_taken_by_its_999(adversarial: Month, adversarial_folder: Path) -> None:
    files = [f for f in adversarial.files if f.kind == "999"]
    assert len(files) == sum(f.kind == "837P" for f in adversarial.files)
    paths = (adversarial_folder / file.name for file in files)
    statuses = [a.status for path in paths for a in read_all(path, FunctionalAcknowledgement)]
    assert sorted(statuses) == ["A"] * (len(files) - 1) + ["R"]


def test_a_downcoded_line_is_answered_under_another_procedure(
    truth: dict[str, Any], answers: dict[str, list[ClaimPayment]]
) -> None:
    told, unseen = only(truth, "downcoded_line"), only(truth, "downcoded_line_inside_contractual")
    for claim, procedures in ((told, ("97110", "97530")), (unseen, ("97161", "97163"))):
        (answer,) = answers[claim["patient_control_number"]]
        line = answer.service_lines[0]
        assert (line.procedure, line.submitted_procedure) == procedures
        assert line.paid_amount > 0
        (denial,) = claim["denials"]
        assert (denial["line"], denial["category"], denial["action"]) == (1, "coding", "appeal")
    assert told["open"] == told["denials"][0]["denied_amount"] == "6.31"
    assert unseen["open"] == unseen["denials"][0]["denied_amount"] == "0.00"


def test_a_denial_without_a_price_is_a_case_that_adds_nothing(truth: dict[str, Any]) -> None:
    unseen = only(truth, "downcoded_line_inside_contractual")
    denied = [claim for claim in truth["claims"] if claim["denials"]]
    assert unseen in denied
    assert unseen["open"] == "0.00"
    assert truth["totals"]["cases"] == len(denied)


def test_a_claim_of_two_payers_is_billed_once_and_paid_by_both(
    adversarial: Month,
    adversarial_folder: Path,
    truth: dict[str, Any],
    answers: dict[str, list[ClaimPayment]],
) -> None:
    claim = only(truth, "secondary_payer")
    number = claim["patient_control_number"]
    primary, secondary = answers[number]

    assert (primary.status_code, secondary.status_code) == ("19", "2")
    assert primary.crossover_carrier is not None
    assert secondary.paid_amount == primary.patient_responsibility_amount
    assert primary.charge_amount == secondary.charge_amount == Decimal(claim["charge"])
    assert {(a.group, a.reason) for a in secondary.all_adjustments()} == {("OA", "23")}
    assert Decimal(claim["paid"]) == primary.paid_amount + secondary.paid_amount
    assert (claim["patient_responsibility"], claim["open"]) == ("0.00", "0.00")
    payers = [
        r.payer.name
        for r in remittances(adversarial, adversarial_folder)
        if any(c.patient_control_number == number for c in r.claims)
    ]
    assert payers == ["MEDICARE PART B", "HARROWGATE SPECIMEN SUPPLEMENT"]


def test_the_assistants_claim_carries_its_cut_the_mppr_and_sequestration(
    truth: dict[str, Any], answers: dict[str, list[ClaimPayment]]
) -> None:
    number = next(n for n in truth["shapes"]["assistant_reduction"]["claims"] if n.startswith("ADV"))
    (answer,) = answers[number]
    assert all("CQ" in line.modifiers for line in answer.service_lines)
    assert {r.code for line in answer.service_lines for r in line.remarks} == {"N851"}
    assert {"45", "59", "253"} <= {a.reason for a in answer.all_adjustments()}
    for shape in ("sequestration", "multiple_procedure_reduction"):
        assert number in truth["shapes"][shape]["claims"]


def test_a_missing_modifier_is_unprocessable_and_missing_in_the_claim(
    adversarial_folder: Path, truth: dict[str, Any], answers: dict[str, list[ClaimPayment]]
) -> None:
    number = next(n for n in truth["shapes"]["missing_modifier"]["claims"] if n.startswith("ADV"))
    assert number in truth["shapes"]["unprocessable"]["claims"]
    assert "MA130" in {r.code for r in answers[number][0].remarks}
    assert all(line.modifiers == () for line in submitted_claims(adversarial_folder)[number].lines)


def test_the_huge_claim_has_999_lines_that_balance_and_one_denied(
    adversarial_folder: Path, truth: dict[str, Any], answers: dict[str, list[ClaimPayment]]
) -> None:
    claim = only(truth, "huge_claim")
    (answer,) = answers[claim["patient_control_number"]]
    sent = submitted_claims(adversarial_folder)[claim["patient_control_number"]]
    assert len(answer.service_lines) == len(sent.lines) == MOST_LINES == 999
    assert all(line.imbalance_amount == 0 for line in answer.service_lines)
    assert answer.imbalance_amount == 0
    assert len(claim["denials"]) == 1


def test_hostile_text_arrives_letter_by_letter_wherever_text_may_stand(
    adversarial: Month, adversarial_folder: Path, truth: dict[str, Any]
) -> None:
    numbers = truth["shapes"]["hostile_text"]["claims"]
    sent = [submitted_claims(adversarial_folder)[number] for number in numbers]
    assert {c.payer.name for c in sent} == set(HOSTILE_TEXTS)
    assert all((c.payer.name, (c.payer.name,)) == (c.subscriber.name, c.notes) for c in sent)
    paid = [r for r in remittances(adversarial, adversarial_folder) if r.payer.name in HOSTILE_TEXTS]
    assert {r.payer.name for r in paid} == set(HOSTILE_TEXTS)
    assert all(c.patient and c.patient.name == r.payer.name for r in paid for c in r.claims)
    answered = [f for f in adversarial.files if f.kind == "277CA" and Shape.HOSTILE_TEXT in f.shapes]
    acknowledged = [a for f in answered for a in read_all(adversarial_folder / f.name, ClaimAcknowledgement)]
    messages = {s.message for a in acknowledged if a.about_one_claim for s in a.statuses}
    assert messages == set(HOSTILE_TEXTS)


def test_odd_claims_are_read_back_as_sent(adversarial: Month, adversarial_folder: Path) -> None:
    sent: dict[str, SubmittedClaim] = submitted_claims(adversarial_folder)
    for story in (s for s in adversarial.stories if s.plan.shape):
        claim = sent[story.patient_control_number]
        assert [(line.procedure, line.modifiers, line.charge_amount) for line in claim.lines] == [
            (line.procedure, line.modifiers, line.charge) for line in story.visit.lines
        ]


@pytest.mark.parametrize("month", [date(2025, 3, 1), date(2026, 2, 1), date(2026, 10, 1)])
def test_every_seed_finds_a_day_for_every_claim(month: date) -> None:
    """A payer has one patient here, whose first three days may be taken before an early claim is due."""
    for seed in range(40):
        visits = [story.visit for story in adversarial_stories(seed, month)]
        seen = {(visit.patient.member_id, visit.service_on) for visit in visits}
        assert len(seen) == len(visits) > len(HOSTILE_TEXTS)
