"""The files on disk: repeatable, in order, balanced by our own arithmetic, sent twice where said so."""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from overturn.synthetic.month import Month, make_month, write_month
from tests.unit.synthetic.x12_text import adjusted, component, loops, segments

AFTER_CLAIMS = {"PLB", "SE"}


def remittance_paths(month: Month, folder: Path, *, with_resent: bool = True) -> list[Path]:
    return [folder / f.name for f in month.files if f.kind == "835" and (with_resent or not f.resent_of)]


def bytes_by_name(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def written(directory: Path, *, seed: int) -> dict[str, bytes]:
    list(write_month(make_month(claims=60, seed=seed), directory))
    return bytes_by_name(directory)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(folder: Path, tmp_path: Path) -> None:
    assert written(tmp_path / "again", seed=7) == bytes_by_name(folder)
    assert written(tmp_path / "other", seed=8) != bytes_by_name(folder)


def test_the_truth_names_every_file_and_names_are_in_order_of_time(folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    on_disk = {name for name in bytes_by_name(folder) if name != "truth.json"}
    assert {file["name"] for file in truth["files"]} == on_disk
    for kind in ("837P", "277CA", "835"):
        paths = sorted((folder / kind).iterdir())
        moments = [(s[9], s[10], int(s[13])) for s in (segments(path)[0] for path in paths)]
        assert sorted(moments, key=lambda m: (m[0], m[2])) == moments


def test_every_line_and_claim_balances(month: Month, folder: Path) -> None:
    seen = 0
    for path in remittance_paths(month, folder):
        for claim in loops(segments(path), "CLP", AFTER_CLAIMS):
            charge, paid = Decimal(claim[0][3]), Decimal(claim[0][4])
            assert charge - adjusted(claim) == paid, claim[0]
            for line in loops(claim, "SVC", set()):
                assert Decimal(line[0][2]) - adjusted(line) == Decimal(line[0][3]), line[0]
                seen += 1
    assert seen > 150


def test_what_the_patient_owes_is_the_sum_of_group_pr(month: Month, folder: Path) -> None:
    for path in remittance_paths(month, folder):
        for claim in loops(segments(path), "CLP", AFTER_CLAIMS):
            patient = adjusted([s for s in claim if s[:2] == ["CAS", "PR"]])
            assert Decimal(claim[0][5]) == patient


def test_every_payment_is_its_claims_less_its_provider_adjustments(month: Month, folder: Path) -> None:
    for path in remittance_paths(month, folder):
        for payment in loops(segments(path), "ST", {"GE"}):
            amount = next(Decimal(s[2]) for s in payment if s[0] == "BPR")
            claims = sum(Decimal(s[4]) for s in payment if s[0] == "CLP")
            outside = sum(Decimal(s[n]) for s in payment if s[0] == "PLB" for n in range(4, len(s), 2))
            assert amount == claims - outside >= 0


def test_the_truth_totals_are_those_of_the_files(month: Month, folder: Path) -> None:
    totals = month.truth()["totals"]
    paths = remittance_paths(month, folder, with_resent=False)
    found = [s for path in paths for s in segments(path)]
    assert Decimal(totals["payments_total"]) == sum(Decimal(s[2]) for s in found if s[0] == "BPR")
    claims_paid = sum(Decimal(s[4]) for s in found if s[0] == "CLP")
    assert Decimal(totals["paid"]) == claims_paid - Decimal(totals["recouped_amount"])
    assert totals["taken_back"] == totals["recouped_amount"]
    assert totals["remittances"] == sum(s[0] == "BPR" for s in found)
    assert totals["claims_adjudicated"] == len({s[1] for s in found if s[0] == "CLP"})
    submitted = [s for path in (folder / "837P").iterdir() for s in segments(path) if s[0] == "CLM"]
    foreign = next(s.charge for s in month.stories if s.is_foreign)
    assert Decimal(totals["billed"]) == foreign + sum(Decimal(s[2]) for s in submitted)


def test_trailers_count_what_they_close(folder: Path) -> None:
    for path in (p for p in folder.rglob("*") if p.is_file() and p.name != "truth.json"):
        found = segments(path)
        for transaction in loops(found, "ST", {"GE"}):
            assert (int(transaction[-1][1]), transaction[-1][2]) == (len(transaction), transaction[0][2])
        assert found[-2] == ["GE", str(sum(s[0] == "ST" for s in found)), found[1][6]]
        assert found[-1] == ["IEA", "1", found[0][13]]


def test_the_resent_file_differs_only_in_its_envelope(month: Month, folder: Path) -> None:
    again = next(file for file in month.files if file.resent_of)
    first, second = segments(folder / str(again.resent_of)), segments(folder / again.name)
    assert first[2:-2] == second[2:-2]
    assert any(segment[0] == "CLP" for segment in first)
    assert first[0][13] != second[0][13]
    assert first[1][6] != second[1][6]
    assert first[0][9:11] != second[0][9:11]


@pytest.mark.parametrize("claims", [40, 60, 400])
def test_every_kind_of_provider_adjustment_occurs_and_forwarded_balances_meet(claims: int) -> None:
    payments = make_month(claims=claims, seed=7).payments
    adjustments = [a for payment in payments for a in payment.provider_adjustments]
    assert {a.reason for a in adjustments} == {"WO", "L6", "FB"}
    forwarded: dict[str, Decimal] = defaultdict(Decimal)
    for adjustment in (a for a in adjustments if a.reason == "FB"):
        forwarded[adjustment.reference] += adjustment.amount
    assert all(amount == 0 for amount in forwarded.values())


def test_reversals_answer_an_earlier_payment_and_are_corrected(month: Month) -> None:
    reversed_stories = [s for s in month.stories if any(a.is_reversal for a in s.adjudications)]
    apart = [s for s in reversed_stories if s.adjudications[1].paid_on < s.adjudications[2].paid_on]
    assert apart
    for story in reversed_stories:
        first, reversal, correction = story.adjudications
        assert reversal.control_number == first.control_number == correction.replaces
        assert correction.control_number != first.control_number
        assert first.paid_on < reversal.paid_on <= correction.paid_on


def test_rejected_and_unanswered_claims_are_in_no_remittance(month: Month, folder: Path) -> None:
    answered = {s[1] for path in remittance_paths(month, folder) for s in segments(path) if s[0] == "CLP"}
    silent = {s.patient_control_number for s in month.stories if not s.adjudications}
    assert silent
    assert not silent & answered


def test_the_foreign_claim_was_never_submitted_nor_acknowledged(month: Month, folder: Path) -> None:
    foreign = next(s.patient_control_number for s in month.stories if s.is_foreign)
    holding = {
        path.parent.name for path in folder.rglob("*.*") if foreign in path.read_text(encoding="utf-8")
    }
    assert holding == {"835", folder.name}  # the folder itself holds truth.json


def test_acknowledgements_say_which_claims_were_rejected(month: Month, folder: Path) -> None:
    answers: dict[str, str] = {}
    for path in (folder / "277CA").iterdir():
        mark = component(path)
        for claim in loops(segments(path), "HL", {"SE"}):
            if claim[0][3] == "PT":
                trace = next(s[2] for s in claim if s[0] == "TRN")
                answers[trace] = next(s[1] for s in claim if s[0] == "STC").split(mark)[0]
    expected = {
        s.patient_control_number: "A3" if s.is_rejected else "A2" for s in month.stories if not s.is_foreign
    }
    assert answers == expected
    assert "A3" in answers.values()


def test_remittances_come_in_every_dialect(month: Month, folder: Path) -> None:
    starts = [path.read_bytes()[:120] for path in remittance_paths(month, folder)]
    assert any(start.startswith(b"\xef\xbb\xbf") for start in starts)
    assert any(start.startswith(b"ISA|") for start in starts)
    assert any(b"~\n" in start for start in starts)
    assert any(b"~\r\n" in start for start in starts)


@pytest.mark.parametrize("claims", [40, 150])
def test_no_patient_is_seen_twice_a_day_but_for_the_duplicates(claims: int) -> None:
    stories = [s for s in make_month(claims=claims, seed=4).stories if s.plan.cause != "duplicate_claim"]
    visits = [(s.visit.patient.member_id, s.visit.service_on) for s in stories]
    assert len(visits) == len(set(visits))


def test_a_duplicate_repeats_a_visit_that_was_paid() -> None:
    stories = make_month(claims=60, seed=4).stories
    again = next(s for s in stories if s.plan.cause == "duplicate_claim")
    first = next(s for s in stories if s.visit == again.visit and s is not again)
    assert first.plan.scenario == "paid"
    assert first.submitted_on < again.submitted_on


@pytest.mark.parametrize("first", [date(2024, 2, 1), date(2026, 1, 1), date(2026, 12, 1)])
def test_another_month_moves_every_date_and_nothing_waits_longer_than_three_months(first: date) -> None:
    month = make_month(claims=40, seed=7, month=first)
    on_time = [s for s in month.stories if s.plan.cause != "filing_limit_missed"]
    assert {(s.visit.service_on.year, s.visit.service_on.month) for s in on_time} == {
        (first.year, first.month)
    }
    assert all(0 < (payment.paid_on - first).days < 92 for payment in month.payments)
