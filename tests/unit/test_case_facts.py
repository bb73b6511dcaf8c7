"""What a letter may state of a case: every fact with the place it stands in, and nothing the record lacks."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from overturn.case_facts import CaseFile, letter_facts
from overturn.db import tables
from overturn.domain.appeals import GIVEN, LetterFacts
from overturn.domain.causes.tables import Enrolment
from overturn.domain.remittance import Party
from overturn.domain.submission import SubmittedClaim, SubmittedLine
from overturn.rulebook import load_rulebook

LETTER_ON = date(2026, 3, 16)
RULEBOOK = load_rulebook()
CLAIM, PAYMENT, REMITTANCE, CASE = (uuid4() for _ in range(4))


def row(table: Any, **values: Any) -> Any:
    """A row with the columns the test is about."""
    return table(**values)


def file(**changes: Any) -> CaseFile:
    """A Medicare claim with one line denied, as it stands in the record without our own 837P."""
    return replace(
        CaseFile(
            case=row(
                tables.DenialCase,
                id=CASE,
                claim_id=CLAIM,
                round_number=1,
                claim_payment_id=PAYMENT,
                payer_name="MEDICARE PART B",
                line_of_business="Medicare FFS",
                category="bundling",
                cause="ncci_pair",
                action="appeal",
                denied_amount=Decimal("65.00"),
                status="opened",
                due_on=date(2026, 6, 20),
                deadline={
                    "level_name": "redetermination",
                    "rule": {"id": "medicare-appeal-1", "source": "42 CFR 405.942"},
                },
            ),
            claim=row(
                tables.Claim,
                id=CLAIM,
                patient_control_number="PCN1",
                patient_name="OURS",
                member_identifier="M1",
            ),
            payment=row(
                tables.ClaimPayment,
                id=PAYMENT,
                remittance_id=REMITTANCE,
                claim_id=CLAIM,
                position=1,
                status_code="1",
                patient_name="THEIRS",
                payer_claim_control_number="ICN1",
                segment_index=14,
            ),
            remittance=row(
                tables.Remittance,
                id=REMITTANCE,
                payer_name="MEDICARE PART B",
                payee_name="PRACTICE",
                payment_on=date(2026, 2, 10),
                trace_number="EFT1",
                segment_index=3,
            ),
            denials=[
                row(
                    tables.Denial,
                    line_number=1,
                    group_code="CO",
                    carc="236",
                    rarcs=[],
                    denied_amount=Decimal("65.00"),
                )
            ],
            lines={
                1: row(
                    tables.ServiceLine,
                    line_number=1,
                    procedure="97140",
                    modifiers=["GP", "59"],
                    submitted_procedure="97140",
                    charge_amount=Decimal("65.00"),
                    paid_amount=Decimal("0.00"),
                )
            },
            submitted=None,
            acceptance=None,
        ),
        **changes,
    )


def submitted() -> SubmittedClaim:
    return SubmittedClaim(
        patient_control_number="PCN1",
        charge_amount=Decimal("65.00"),
        place_of_service="11",
        frequency_code="1",
        billing_provider=Party("PRACTICE", address=("Old Street 1",), phone="5550100142"),
        subscriber=Party("THEIRS"),
        payer=Party("MEDICARE PART B"),
        segment_index=21,
        submitted_on=date(2026, 1, 20),
        lines=[
            SubmittedLine(
                1, "97140", ("GP", "59"), Decimal("65.00"), Decimal(1), date(2026, 1, 12), segment_index=40
            )
        ],
    )


def facts(**changes: Any) -> LetterFacts:
    return letter_facts(file(**changes), rulebook=RULEBOOK, letter_on=LETTER_ON)


def test_every_known_fact_has_its_place_in_the_record() -> None:
    found = facts(submitted=submitted())
    known = {name for name in LetterFacts.model_fields if getattr(found, name) not in (None, (), "")}
    assert known - GIVEN <= found.sources.keys()
    assert found.sources["patient_name"] == "835 of 2026-02-10, segment 14"
    assert found.sources["trace_number"] == "835 of 2026-02-10, segment 3"
    assert found.sources["due_on"] == "filing_windows.csv, row medicare-appeal-1"
    assert found.sources["separate_service_lines"] == "837P of 2026-01-20, segment 21"


def test_the_remittance_speaks_before_our_own_entry() -> None:
    found = facts()
    assert (found.patient_name, found.member_id) == ("THEIRS", "M1")
    assert found.sources["member_id"] == "our entry of the claim"


def test_what_the_record_lacks_stays_unknown() -> None:
    found = facts()
    assert found.accepted_on is None
    assert found.practice_address == ()
    assert "accepted_on" not in found.sources


def test_a_modifier_for_a_separate_service_is_told_from_our_claim() -> None:
    assert facts(submitted=submitted()).separate_service_lines == ("line 1, 97140, with modifier 59",)
    assert facts().separate_service_lines == ()


def test_the_entered_address_goes_before_the_one_a_claim_once_carried() -> None:
    entered = {"practice_address": (("New Street 2", "Erie"), "practice profile of 2026-03-01")}
    found = facts(submitted=submitted(), addresses=entered)
    assert found.practice_address == ("New Street 2", "Erie")
    assert found.practice_phone == "(555) 010-0142"
    assert found.sources["practice_address"] == "practice profile of 2026-03-01"


def test_a_signer_is_one_line_and_an_address_several() -> None:
    entered = {"signer_name": (("Robin Vale",), "p"), "payer_address": (("Appeals", "Box 7"), "p")}
    found = facts(addresses=entered)
    assert (found.signer_name, found.payer_address) == ("Robin Vale", ("Appeals", "Box 7"))


def test_another_payers_decision_is_told_with_its_amount() -> None:
    other = (
        row(tables.ClaimPayment, paid_amount=Decimal("40.00"), segment_index=9),
        row(tables.Remittance, payer_name="EMPLOYER PLAN", payment_on=date(2026, 1, 30)),
    )
    found = facts(other_payer=other)
    assert (found.other_payer_name, found.other_payer_paid_amount) == ("EMPLOYER PLAN", Decimal("40.00"))


@pytest.mark.parametrize(("paid", "shown"), [("97140", None), ("97124", "97124"), (None, None)])
def test_a_line_paid_as_another_code_says_which(paid: str | None, shown: str | None) -> None:
    line = file().lines[1]
    line.procedure = paid
    assert facts(lines={1: line}).lines[0].paid_procedure == shown


def proven(cause: str, *, confidence: str = "high", **proof: Any) -> list[Any]:
    """A denial of the line as the classifier stores it, with what it proved."""
    told = {
        "cause": cause,
        "confidence": confidence,
        "finding": "No NCCI edit was in force",
        "tables": [],
        **proof,
    }
    return [
        row(
            tables.Denial,
            line_number=1,
            group_code="CO",
            carc="236",
            rarcs=[],
            denied_amount=Decimal("65.00"),
            reasoning={"proof": told},
        )
    ]


TABLE = {"name": "CMS practitioner PTP edits", "quarter": "2024Q3", "stale": False}


@pytest.mark.parametrize(
    ("cause", "fact"),
    [
        ("ncci_no_edit", "edit_finding"),
        ("mue_within_limit", "unit_finding"),
        ("missing_kx", "threshold_finding"),
    ],
)
def test_what_is_proved_for_sure_becomes_the_argument_with_its_table(cause: str, fact: str) -> None:
    found = facts(denials=proven(cause, tables=[TABLE]))
    assert getattr(found, fact) == "No NCCI edit was in force (CMS table of 2024Q3)."
    assert found.sources[fact] == "CMS practitioner PTP edits, 2024Q3"


def test_a_letter_does_not_state_what_a_stale_or_foreign_table_says() -> None:
    assert facts(denials=proven("ncci_no_edit", confidence="medium")).edit_finding is None


def test_a_modifier_that_was_ignored_is_no_missing_edit() -> None:
    assert facts(denials=proven("ncci_modifier_ignored")).edit_finding is None


def test_the_enrolment_of_the_day_is_stated_with_the_payer_s_letter() -> None:
    listed = Enrolment("1999999984", "aetna", date(2026, 1, 1), None, "letter of 2025-12-01")
    rulebook = replace(RULEBOOK, enrolments=(listed,))
    one = file()
    one.case.payer_key, one.payment.rendering_npi = "aetna", "1999999984"
    one.payment.service_from = date(2026, 1, 1)
    found = letter_facts(one, rulebook=rulebook, letter_on=LETTER_ON)
    assert (found.enrolment_effective_on, found.enrolment_reference) == (
        date(2026, 1, 1),
        "letter of 2025-12-01",
    )
    one.payment.service_from = date(2025, 12, 31)
    before = letter_facts(one, rulebook=rulebook, letter_on=LETTER_ON)
    assert before.enrolment_effective_on is None
