"""What few remittances carry, each element at its place, and none of it in the way of the money."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from overturn.domain.remittance import ClaimPayment, Party, Reference, Remittance
from overturn.domain.remittance_details import (
    ClaimDetails,
    Contact,
    Counted,
    LineDetails,
    NumberedFigure,
    OutpatientAdjudication,
    ProviderSummary,
)
from overturn.x12 import Finding, Severity, read_file
from overturn.x12.shape import file_shape
from tests.unit.x12.interchanges import HEADER, PAID_CLAIM, encoded, interchange, transaction

DATA = Path(__file__).parents[2] / "data/835"
CLAIM = ("CLP*PCN1*1*100*100**MB*ICN1*11*1",)
LINE = ("SVC*HC:97110*100*100",)


def read(
    *body: str, header: tuple[str, ...] = HEADER, payment: str = "100"
) -> tuple[Remittance, list[Finding]]:
    """One 835 made of these segments after the header."""
    first = [segment.format(payment=payment) for segment in header]
    file = read_file(encoded(interchange(transaction("835", *first, *body))))
    found = file.transactions[0].remittance
    assert found is not None
    return found, list(file.all_findings)


def claim_of(*body: str) -> ClaimPayment:
    found, findings = read(*body)
    assert findings == []
    return found.claims[0]


def details_of(*segments: str) -> ClaimDetails:
    details = claim_of(*CLAIM, *segments).details
    assert details is not None
    return details


def line_details_of(line: str, *segments: str) -> LineDetails:
    details = claim_of(*CLAIM, line, *segments).service_lines[0].details
    assert details is not None
    return details


def test_payer_and_payee_have_names_addresses_numbers_and_contacts() -> None:
    header = (
        *HEADER[:2],
        "REF*EV*HOUSE1",
        *HEADER[2:4],
        "N3*1 PLAN WAY*FLOOR 3",
        "N4*COLUMBUS*OH*432150000",
        "REF*2U*P77",
        "PER*CX*HELP DESK*TE*5555550100*EX*7",
        "PER*BL*TECH*EM*EDI@PLAN.EXAMPLE",
        "N1*PE*HILLSIDE*FI*311234567",
        "N2*PHYSICAL THERAPY",
        "N3*2 HILL ST",
        "N4*DUBLIN*OH*43017",
        "REF*TJ*311234567",
        "LX*1",
    )
    found, findings = read(*PAID_CLAIM, header=header, payment="80")

    assert findings == []
    assert found.payer == Party(
        "NORTH PLAN", "60054", "XV", None, ("1 PLAN WAY", "FLOOR 3", "COLUMBUS, OH 43215-0000"), "5555550100"
    )
    assert found.payer_contacts == [
        Contact("CX", "HELP DESK", (("TE", "5555550100"), ("EX", "7"))),
        Contact("BL", "TECH", (("EM", "EDI@PLAN.EXAMPLE"),)),
    ]
    assert found.payee == Party(
        "HILLSIDE PHYSICAL THERAPY", "311234567", "FI", None, ("2 HILL ST", "DUBLIN, OH 43017")
    )
    assert found.references == [Reference("EV", "HOUSE1", 6)]
    assert found.payer_references == [Reference("2U", "P77", 11)]
    assert found.payee_references == [Reference("TJ", "311234567", 18)]


def test_the_payment_says_how_it_is_handled() -> None:
    found, _ = read(*PAID_CLAIM, payment="80")
    assert (found.handling, found.credit_or_debit, found.currency) == ("I", "C", None)


@pytest.mark.parametrize(("code", "held_back"), [("USD", False), ("CAD", True)])
def test_amounts_that_are_not_dollars_are_not_posted_as_dollars(code: str, held_back: bool) -> None:
    found, findings = read(*CLAIM, *LINE, header=(*HEADER[:2], f"CUR*PR*{code}", *HEADER[2:]))

    assert found.currency == code
    assert [(f.code, f.segment, f.element) for f in findings] == [("foreign-currency", "CUR", 2)] * held_back
    assert all(f.severity is Severity.FATAL for f in findings)


def test_the_payer_s_own_totals_are_kept_by_lx() -> None:
    found, findings = read(
        "TS3*1999999984*11*20261231*1*100********5**4*****3***2*1",
        "TS2*90*80*********7",
        *CLAIM,
        *LINE,
        "LX*2",
        "TS3*1888888887*12*20261231*0*0",
    )

    assert findings == []
    first, second = found.summaries
    assert first == ProviderSummary(
        "1", "1999999984", "11", date(2026, 12, 31), Decimal(1), Decimal(100),
        tuple(NumberedFigure(n, Decimal(v)) for n, v in ((13, 5), (15, 4), (20, 3), (23, 2), (24, 1))),
        (NumberedFigure(1, Decimal(90)), NumberedFigure(2, Decimal(80)), NumberedFigure(11, Decimal(7))),
        10,
    )  # fmt: skip
    assert (second.number, second.provider_id, second.figures) == ("2", "1888888887", ())


def test_a_ts2_without_its_ts3_is_flagged() -> None:
    _, findings = read("TS2*90", *CLAIM, *LINE)
    assert [(f.code, f.segment_index, f.segment) for f in findings] == [("misplaced-segment", 10, "TS2")]


def test_an_moa_has_its_figures_beside_the_remarks() -> None:
    claim = claim_of(*CLAIM, "MOA*.8*90.5*MA01*N115****7*6")

    assert [remark.code for remark in claim.remarks] == ["MA01", "N115"]
    assert claim.details is not None
    assert claim.details.outpatient == OutpatientAdjudication(
        Decimal(".8"), Decimal("90.5"), Decimal(7), Decimal(6)
    )


def test_an_moa_of_remarks_alone_needs_no_details() -> None:
    assert claim_of(*CLAIM, "MOA***MA01").details is None


def test_an_mia_puts_every_figure_under_its_name() -> None:
    elements = "*".join(["MA07" if n in {5, 20, 21, 22, 23} else str(n) for n in range(1, 25)])
    claim = claim_of(*CLAIM, f"MIA*{elements}")

    assert claim.details is not None
    assert claim.details.inpatient is not None
    figures = claim.details.inpatient
    assert list(figures) == [Decimal(n) for n in (1, 2, 3, 4, *range(6, 20), 24)]
    assert figures.covered_days == 1
    assert figures.cost_report_days == 15
    assert figures.nonpayable_professional_amount == 19
    assert figures.capital_exception_amount == 24
    assert [remark.element for remark in claim.remarks] == [5, 20, 21, 22, 23]


def test_a_hospital_s_claim_has_its_diagnosis_group() -> None:
    details = claim_of("CLP*PCN1*1*100*100**MA*ICN1*11*1**194*1.25*.5", "SVC*NU:0420*100*100").details

    assert details is not None
    assert (details.diagnosis_group, details.diagnosis_group_weight) == ("194", Decimal("1.25"))
    assert details.discharge_fraction == Decimal(".5")


def test_counts_contacts_and_the_end_of_coverage_belong_to_the_claim() -> None:
    details = details_of("DTM*036*20260101", "PER*CX*DESK*TE*1", "QTY*CA*3", "QTY*CD*2")

    assert details.coverage_expires_on == date(2026, 1, 1)
    assert details.contacts == [Contact("CX", "DESK", (("TE", "1"),))]
    assert details.quantities == [Counted("CA", Decimal(3)), Counted("CD", Decimal(2))]


def test_a_line_keeps_revenue_code_submitted_units_amounts_and_counts() -> None:
    details = line_details_of(
        "SVC*HC:97110*100*100*0420*2**3", "AMT*B6*90", "AMT*KH*1.50", "QTY*ZL*4", "LQ*RX*75"
    )

    assert (details.revenue_code, details.submitted_units) == ("0420", Decimal(3))
    assert details.amounts == [("KH", Decimal("1.50"))]
    assert details.quantities == [Counted("ZL", Decimal(4))]
    assert details.reject_codes == ["75"]


def test_a_plain_claim_has_no_details() -> None:
    found, _ = read(*PAID_CLAIM, payment="80")
    (claim,) = found.claims
    assert claim.details is None
    assert [line.details for line in claim.service_lines] == [None, None]


def test_the_other_subscriber_is_told_from_the_subscriber() -> None:
    claim = claim_of(*CLAIM, "NM1*GB*1*OTHER*OLA****MI*M2", "NM1*IL*1*SAMPLE*ANN****MI*M1")
    assert claim.other_subscriber == Party("OTHER", "M2", "MI", "OLA")
    assert claim.subscriber == Party("SAMPLE", "M1", "MI", "ANN")


@pytest.mark.parametrize(
    ("segment", "element"), [("AMT*AU*x", 2), ("MOA**x", 2), ("MIA*0*x", 2), ("MIA*0*1**x", 4)]
)
def test_an_unreadable_amount_that_moves_no_money_holds_nothing_back(segment: str, element: int) -> None:
    _, (finding,) = read(*CLAIM, segment)

    assert (finding.code, finding.severity) == ("invalid-amount", Severity.VALUE)
    assert (finding.segment_index, finding.segment, finding.element) == (11, segment[:3], element)
    assert finding.message.endswith("'x', not an amount; nothing is posted by it.")


@pytest.mark.parametrize(("segment", "element"), [("QTY*CA*x", 2), ("MIA*x", 1), ("MOA*x", 1)])
def test_an_unreadable_count_is_named(segment: str, element: int) -> None:
    _, (finding,) = read(*CLAIM, segment)
    assert (finding.code, finding.segment, finding.element) == ("invalid-quantity", segment[:3], element)


def test_every_rare_segment_of_a_hospital_s_remittance_is_in_the_shape() -> None:
    file = read_file((DATA / "rare_segments_of_a_hospital.edi").read_bytes())
    assert file.all_findings == []
    (found,) = file_shape(file, name="a.edi", sha256="00")["transactions"]
    (claim,) = found["claims"]
    (line,) = claim["service_lines"]

    assert found["currency"] == "USD"
    assert found["payer"]["contacts"][0]["numbers"] == [["TE", "5555550100"], ["EX", "7"]]
    assert found["payee"]["references"] == [{"qualifier": "TJ", "value": "311234567"}]
    (summary,) = found["provider_summaries"]
    assert summary["figures"] == {"TS313": "5", "TS315": "4", "TS320": "3", "TS323": "2", "TS324": "1"}
    assert summary["inpatient_figures"] == {"TS201": "90", "TS202": "80", "TS211": "7"}
    assert claim["inpatient"]["capital_exception_amount"] == "24"
    assert claim["outpatient"]["payable_amount"] == "90.5"
    assert (claim["diagnosis_group"], claim["coverage_expiration_date"]) == ("194", "2026-01-01")
    assert (line["revenue_code"], line["submitted_procedure"], line["submitted_units"]) == (
        "0420",
        "97163",
        "3",
    )
    assert line["amounts"] == [{"qualifier": "KH", "amount": "1.50"}]
    assert (line["remarks"], line["reject_codes"]) == (["N115"], ["75"])
