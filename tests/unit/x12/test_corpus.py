"""The public corpus beside the project, where it is present: our figures against the recorded ones."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from overturn.domain.remittance import ClaimPayment
from overturn.domain.submission import ClaimAcknowledgement, FunctionalAcknowledgement, SubmittedClaim
from overturn.x12 import Severity, X12File, read_file

CORPUS = Path(__file__).parents[3].parent / "shared/corpus"


def recorded(name: str) -> list[Any]:
    """(file, figures) of one expectation file; empty, and the test skipped, without the corpus."""
    path = CORPUS / name
    files: dict[str, Any] = json.loads(path.read_text())["files"] if path.exists() else {}
    return [pytest.param(file, figures, id=file) for file, figures in sorted(files.items())]


def read(name: str) -> X12File:
    return read_file((CORPUS / name).read_bytes())


def severities(file: X12File) -> set[Severity]:
    return {finding.severity for finding in file.all_findings}


def same(ours: Decimal | None, theirs: str | None) -> bool:
    return (ours or 0) == Decimal(theirs or 0)


def compact(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def claim_agrees(claim: ClaimPayment, figures: dict[str, Any]) -> bool:
    """Identity, status, amounts, CAS sums by group and reason, and balance."""
    sums: dict[str, Decimal] = {}
    for level, adjustments in (
        ("claim", claim.adjustments),
        ("service", [a for line in claim.service_lines for a in line.adjustments]),
    ):
        for adjustment in adjustments:
            key = f"{level}|{adjustment.group}|{adjustment.reason}"
            sums[key] = sums.get(key, Decimal(0)) + adjustment.amount
    wanted = {key: Decimal(value) for key, value in figures["cas_by_level_group_reason"].items()}
    return (
        claim.patient_control_number == (figures["clp01"] or None)
        and claim.payer_claim_control_number == (figures["clp07_payer_control"] or None)
        and claim.status_code == figures["clp02_status"]
        and same(claim.charge_amount, figures["clp03_charge"])
        and same(claim.paid_amount, figures["clp04_paid"])
        and same(claim.patient_responsibility_amount, figures["clp05_patient_resp"])
        and (claim.filing_indicator or "") == (figures["clp06_filing"] or "")
        and (claim.frequency_code or "") == (figures["clp09_frequency"] or "")
        and [r.code for line in claim.service_lines for r in line.remarks] == figures["lq"]
        and [r.code for r in claim.remarks] == figures["remark"]
        and len(claim.service_lines) == figures["n_services"]
        and {k: v for k, v in sums.items() if v} == {k: v for k, v in wanted.items() if v}
        and (claim.imbalance_amount == 0) == figures["balances"]
        and all(line.imbalance_amount == 0 for line in claim.service_lines) == figures["services_balance"]
    )


@pytest.mark.parametrize(("name", "figures"), recorded("expected.json"))
def test_835_figures_agree_by_tier(name: str, figures: dict[str, Any]) -> None:
    file = read(name)
    if "no ISA" in figures["oddities"]:
        assert not file.postable
        assert file.transactions == []
        return
    assert file.postable
    assert (Severity.ENVELOPE in severities(file)) == bool(figures["envelope_problems"])
    found = [t.remittance for t in file.transactions if t.remittance]
    assert len(found) == len(figures["transactions"])
    balanced = True
    for remittance, wanted in zip(found, figures["transactions"], strict=True):
        assert remittance.control_number == wanted["st02"]
        assert remittance.interchange_control_number == wanted["isa13"]
        assert same(remittance.payment_amount, wanted["bpr02_amount"])
        assert (remittance.handling, remittance.credit_or_debit, remittance.payment_method) == (
            wanted["bpr01"], wanted["bpr03_credit_debit"], wanted["bpr04_method"],
        )  # fmt: skip
        assert compact(remittance.payment_on) == wanted["bpr16_date"]
        assert (remittance.payer.name, remittance.payee.identifier) == (
            wanted["payer_name"],
            wanted["payee_id"],
        )
        assert [
            (p.provider_id, compact(p.fiscal_on), p.reason, p.reference or "", p.amount)
            for p in remittance.provider_adjustments
        ] == [(p["provider"], p["date"], p["reason"], p["ref"], Decimal(p["amount"])) for p in wanted["plb"]]
        assert same(remittance.balance.difference, wanted["balance_difference"])
        assert remittance.trace_number == wanted["check_or_eft_number"]
        assert same(remittance.balance.provider_adjustments, wanted["sum_plb"])
        assert remittance.balance.balanced == wanted["balances"]
        balanced &= bool(wanted["balances"] and wanted["all_claims_balance"])
        for claim, expected in zip(remittance.claims, wanted["claims"], strict=True):
            assert claim_agrees(claim, expected), claim.patient_control_number
    assert (Severity.MONEY not in severities(file)) == balanced


@pytest.mark.parametrize(("name", "figures"), recorded("expected_837p.json"))
def test_837p_figures_agree(name: str, figures: dict[str, Any]) -> None:
    file = read(name)
    if "no ISA segment" in figures["envelope_problems"]:
        assert not file.postable
        return
    claims = [
        claim
        for t in file.transactions
        if isinstance(t.content, list)
        for claim in t.content
        if isinstance(claim, SubmittedClaim)
    ]
    assert bool(figures["envelope_problems"]) == (Severity.ENVELOPE in severities(file))
    assert len(claims) == figures["n_claims"]
    assert sum(len(claim.lines) for claim in claims) == figures["n_lines"]
    recorded_claims = [claim for claim in figures["claims"] if "clm01" in claim]  # a long file ends in "..."
    for claim, wanted in zip(claims, recorded_claims, strict=False):
        assert claim.patient_control_number == wanted["clm01"]
        assert same(claim.charge_amount, wanted["charge"])
        assert (claim.place_of_service or "") == wanted["place"]
        assert (claim.frequency_code or "") == wanted["frequency"]
        assert claim.payer_claim_control_number == wanted["ref_f8"]
        assert claim.claim_identifier == wanted["ref_d9"]
        assert len(claim.lines) == wanted["n_lines"]
        assert same(sum((line.charge_amount for line in claim.lines), Decimal(0)), wanted["sum_sv102"])
        assert list(claim.diagnoses) == wanted["dx"]
    off = sum(not claim["lines_equal_charge"] for claim in recorded_claims)
    told = sum(finding.code == "charge-out-of-balance" for finding in file.all_findings)
    assert told == off or len(claims) > len(recorded_claims)


@pytest.mark.parametrize(("name", "figures"), recorded("expected_acks.json"))
def test_acknowledgement_figures_agree(name: str, figures: dict[str, Any]) -> None:
    file = read(name)
    (transaction,) = file.transactions
    assert (transaction.type, transaction.version) == (figures["type"], figures["version"])
    assert bool(figures["envelope_problems"]) == (Severity.ENVELOPE in severities(file))
    content = transaction.content or []
    assert isinstance(content, list)
    if figures["type"] == "277":
        assert statuses(content) == [
            (
                *(e["level"], e["trace"], [(*s, None, None)[:3] for s in e["status"]]),
                *(e["date"], e["action"], *(Decimal(e[a]) if e[a] else None for a in ("amount", "paid"))),
            )
            for e in figures["events"]
        ]
        cited = [sorted(map(tuple, e["refs"])) for e in figures["events"] if "refs" in e]
        assert [found for a in content if (found := sorted(references(a)))] == cited
    elif figures["type"] == "999":
        answers = [a for a in content if isinstance(a, FunctionalAcknowledgement)]
        sets = [event[1:3] for event in figures["events"] if event[0] == "AK2"]
        codes = [event[1] for event in figures["events"] if event[0] == "IK5"]
        assert [[a.transaction_type, a.control_number] for a in answers] == sets
        assert [a.status for a in answers] == codes
        groups = [event[2] for event in figures["events"] if event[0] == "AK1"]
        assert {a.group_control_number for a in answers} == set(groups)
    else:
        assert transaction.content is None


def references(answer: Any) -> list[tuple[str, str]]:
    """Every REF of a claim's answer, those with a field of their own too."""
    assert isinstance(answer, ClaimAcknowledgement)
    own = {"1K": answer.payer_claim_control_number, "D9": answer.clearinghouse_trace_number}
    if answer.patient_control_number != answer.trace_number:
        own["EJ"] = answer.patient_control_number
    return [*answer.references, *((name, value) for name, value in own.items() if value)]


def statuses(content: list[Any]) -> list[tuple[Any, ...]]:
    """Each STC as (level, trace, composites, date, action, amount, paid amount)."""
    found: list[tuple[Any, ...]] = []
    for acknowledgement in content:
        assert isinstance(acknowledgement, ClaimAcknowledgement)
        for status in acknowledgement.statuses:
            composite = [(status.category, status.status, status.entity)]
            found.append(
                (
                    *(acknowledgement.level, acknowledgement.trace_number, composite),
                    *(compact(status.effective_on), status.action or ""),
                    *(status.charge_amount, status.paid_amount),
                )
            )
    return found
