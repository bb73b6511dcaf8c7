"""What senders make of X12, each oddity in a file of its own: the same figures, and what is wrong said."""

import io
from decimal import Decimal

import oxedi
import pytest
from pyx12.x12file import X12Reader

from overturn.x12 import read_file
from overturn.x12.shape import Shape, file_shape
from tests.unit.x12.interchanges import (
    HEADER,
    ISA,
    PAID_CLAIM,
    encoded,
    interchange,
    remittance,
    transaction,
)

SEGMENTS = interchange(remittance(*PAID_CLAIM))
PLAIN = encoded(SEGMENTS)
TEXT = PLAIN.decode()
TWO = encoded(interchange(remittance(*PAID_CLAIM), remittance(*PAID_CLAIM, control="0002"))).decode()
GS = SEGMENTS[1] + "~"

Error = tuple[str, int | None, str | None, int | None]
Oddity = tuple[bytes, list[Error]]

LAYOUTS: dict[str, Oddity] = {
    "usual": (PLAIN, []),
    "bars and carets": (encoded(SEGMENTS, "|^!~"), []),
    "plus and greater": (encoded(SEGMENTS, "+>^'"), []),
    "control characters": (encoded(SEGMENTS, "\x1d\x1f\x1c\x1e"), []),
    "newline terminator": (encoded(SEGMENTS, "*:^\n"), []),
    "CRLF terminator": (TEXT.replace("~", "\r\n").encode(), []),
    "CR terminator": (TEXT.replace("~", "\r").encode(), []),
    "CRLF after": (encoded(SEGMENTS, newline="\r\n"), []),
    "indented": (TEXT.replace("~", "~\n\t  ").encode(), []),
    "blanks before the terminator": (TEXT.replace("~", "   ~").encode(), []),
    "lines of 80": ("\r\n".join(TEXT[at : at + 80] for at in range(0, len(TEXT), 80)).encode(), []),
    "padded elements": (TEXT.replace("*80*", "* 80 *").encode(), []),
    "leading zeros": (TEXT.replace("*150*80*20*", "*00150.00*0080.0*020*").encode(), []),
    "byte order mark": (b"\xef\xbb\xbf" + PLAIN, []),
    "UTF-16 with mark": (TEXT.encode("utf-16"), []),
    "UTF-16 without mark": (TEXT.encode("utf-16-be"), [("nul-bytes", None, None, None)]),
    "Latin-1": (TEXT.replace("SAMPLE", "SAMPL\xc9").encode("latin-1"), []),
    "NULs at the end": (PLAIN + bytes(50), [("nul-bytes", None, None, None)]),
    "ctrl-Z at the end": (PLAIN + b"\r\n\x1a", []),
    "blanks at the end": (PLAIN + b"   \r\n \r\n", []),
    "small letters": (TEXT.lower().encode(), [("lower-case", 1, "ISA", None)]),
    "small letters after the ISA": (
        (SEGMENTS[0] + TEXT[len(SEGMENTS[0]) :].lower()).encode(), [("lower-case", 1, "ISA", None)],
    ),
    "narrow ISA": (
        TEXT.replace("*00*          *00*          *", "*00**00**", 1).encode(),
        [("isa-width", 1, "ISA", None)],
    ),
    "wide ISA": (
        TEXT.replace("NORTHPLAN   ", "NORTHPLAN        ", 1).encode(),
        [("isa-width", 1, "ISA", None)],
    ),
    "version 4010": (
        TEXT.replace("*^*00501", "*U*00401").replace("005010X221A1", "004010X091A1").encode(), [],
    ),
    "guide in ST03": (TEXT.replace("ST*835*0001", "ST*835*0001*005010X221A1").encode(), []),
    "text before": (b"From: payer\n\n" + PLAIN, [("text-before-isa", None, None, None)]),
    "SE01": (TEXT.replace("SE*20*", "SE*21*").encode(), [("segment-count", 22, "SE", 1)]),
    "SE02": (TEXT.replace("SE*20*0001", "SE*20*0009").encode(), [("control-number", 22, "SE", 2)]),
    "GE": (
        TEXT.replace("GE*1*7", "GE*5*8").encode(),
        [("group-count", 23, "GE", 1), ("group-control-number", 23, "GE", 2)],
    ),
    "IEA": (
        TEXT.replace("IEA*1*000000001", "IEA*3*000000002").encode(),
        [("interchange-count", 24, "IEA", 1), ("interchange-control-number", 24, "IEA", 2)],
    ),
    "no GE, no IEA": (
        TEXT[: TEXT.index("GE*")].encode(), [("missing-ge", 22, None, None), ("missing-iea", 22, None, None)],
    ),
    "no GS": (
        TEXT.replace(GS, "").replace("GE*1*7~", "").encode(),
        [("missing-gs", 2, "ST", None), ("interchange-count", 22, "IEA", 1)],
    ),
    "TA1 before the group": (TEXT.replace(GS, "TA1*000000905*260115*1200*A*000~" + GS).encode(), []),
    "unknown segments": (
        TEXT.replace("SE*20*", "PLXX*1~LXXXX*2~SE*22*").encode(),
        [("unknown-segment", 22, "PLX", None), ("unknown-segment", 23, "LXX", None)],
    ),
    "a date of six digits": (
        TEXT.replace("*20260120~TRN", "*260120~TRN").encode(), [("invalid-date", 4, "BPR", 16)],
    ),
}  # fmt: skip


def shape_of(data: bytes) -> Shape:
    return file_shape(read_file(data), name="odd.835", sha256="00")


def errors(shape: Shape) -> list[Error]:
    return [(e["code"], e["segment_index"], e["segment"], e["element"]) for e in shape["errors"]]


def figures(transaction: Shape) -> tuple[object, ...]:
    """What a careful reader takes from the one payment."""
    (claim,) = transaction["claims"]
    adjustments = [
        (a["group"], a["reason"], a["amount"]) for s in claim["service_lines"] for a in s["adjustments"]
    ]
    amounts = [claim[name] for name in ("charge_amount", "paid_amount", "patient_responsibility_amount")]
    return (
        *(transaction["payment_amount"], transaction["trace_number"], transaction["balance"]["difference"]),
        *(claim["patient_control_number"], claim["payer_claim_control_number"], claim["status_code"]),
        *(amounts, adjustments, [line["procedure"] for line in claim["service_lines"]]),
    )


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_figures_are_the_same_however_the_file_is_written(name: str) -> None:
    data, expected = LAYOUTS[name]
    shape = shape_of(data)

    assert errors(shape) == expected
    assert shape["postable"]
    assert shape["interchanges"] == 1
    (found,) = shape["transactions"]
    assert figures(found) == (
        *("80.00", "EFT20260120", "0.00", "PCN1", "ICN1", "1"),
        ["150.00", "80.00", "20.00"],
        [("CO", "45", "30.00"), ("PR", "2", "20.00"), ("CO", "45", "20.00")],
        ["97110", "97140"],
    )


NOT_READ_BY_OXEDI = {
    "padded elements",
    *("blanks before the terminator", "lines of 80", "UTF-16 without mark", "small letters"),
    *("small letters after the ISA", "text before", "NULs at the end", "UTF-16 with mark"),
}


@pytest.mark.parametrize("name", sorted(set(LAYOUTS) - NOT_READ_BY_OXEDI))
def test_oxedi_sees_the_same_claims_and_money(name: str) -> None:
    result = oxedi.parse(LAYOUTS[name][0])
    assert (result.count_claims(), result.sum_payments()) == (1, Decimal(80))


@pytest.mark.parametrize(
    "name", ["usual", "bars and carets", "newline terminator", "CRLF after", "version 4010", "SE01"]
)
def test_pyx12_sees_the_same_segments(name: str) -> None:
    data = LAYOUTS[name][0]
    segments = [segment.get_seg_id() for segment in X12Reader(io.StringIO(data.decode()))]
    assert segments.count("CLP") == 1
    assert segments.index("CLP") + 1 == shape_of(data)["transactions"][0]["claims"][0]["segment_index"]


def test_each_of_156_interchanges_is_read() -> None:
    shape = shape_of(PLAIN * 156)
    assert (shape["interchanges"], errors(shape)) == (156, [])
    assert [t["payment_amount"] for t in shape["transactions"]] == ["80.00"] * 156


def test_files_appended_to_each_other_keep_their_own_delimiters() -> None:
    shape = shape_of(PLAIN + encoded(SEGMENTS, "|>!\n") + b"\n-----\n" + PLAIN)
    assert errors(shape) == [("unexpected-segment", 49, "---", None)]
    assert [figures(t) for t in shape["transactions"]] == [figures(shape["transactions"][0])] * 3


def test_two_groups_and_six_sets_are_six_payments() -> None:
    group = [segment for n in range(3) for segment in remittance(*PAID_CLAIM, control=f"000{n}")]
    segments = [SEGMENTS[0], *[SEGMENTS[1], *group, "GE*3*7"] * 2, "IEA*2*000000001"]
    shape = shape_of(encoded(segments))
    assert errors(shape) == []
    assert [t["control_number"] for t in shape["transactions"]] == ["0000", "0001", "0002"] * 2


def test_a_set_without_its_se_does_not_lose_the_next() -> None:
    shape = shape_of(TWO.replace("~SE*20*0001", "").encode())
    assert errors(shape) == [("missing-se", 21, "CAS", 3)]
    assert [t["postable"] for t in shape["transactions"]] == [False, True]


@pytest.mark.parametrize("kind", ["270", "271", "276", "278", "820", "834"])
def test_other_sets_are_named_and_do_not_hide_the_835(kind: str) -> None:
    other = transaction(kind, "BHT*0022*13*1*20260101*1200", "HL*1**20*1")
    shape = shape_of(encoded(interchange(other, remittance(*PAID_CLAIM, control="0002"))))
    assert errors(shape) == []
    assert [t["type"] for t in shape["transactions"]] == [kind, "835"]
    assert shape["transactions"][0]["claims"] == []
    assert figures(shape["transactions"][1])[0] == "80.00"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (TEXT[TEXT.index("GS*") :].encode(), "no-isa"),
        (TEXT[TEXT.index("ST*") :].encode(), "no-isa"),
        (TEXT[TEXT.index("ST*") :].lower().encode(), "no-isa"),
        (b"date,amount\n2026-01-01,80\n", "not-x12"),
        (b"<html><body>Session expired</body></html>", "not-x12"),
        (b"ISA*00*          *00", "unreadable-isa"),
        (SEGMENTS[0].encode() + b"~", "missing-iea"),
    ],
)
def test_what_cannot_be_read_is_held_back_with_a_reason(data: bytes, code: str) -> None:
    shape = shape_of(data)
    assert [error["code"] for error in shape["errors"]] == [code]
    assert not shape["postable"]
    assert shape["transactions"] == []


def test_a_ta1_that_refuses_our_interchange_is_said() -> None:
    refused = "TA1*000000905*260115*1200*R*006"
    shape = shape_of(encoded([ISA.format(control="000000001"), refused, "IEA*0*000000001"]))
    assert errors(shape) == [("interchange-refused", 2, "TA1", 4)]
    assert "'000000905' as a whole (TA1, segment 2, note code '006')" in shape["errors"][0]["message"]


def test_money_under_an_id_in_small_letters_is_never_posted_as_missing() -> None:
    shape = shape_of(TEXT.replace("CLP*", "clp*").encode())
    assert not shape["postable"]
    assert ("lower-case", 10, "clp", None) in errors(shape)


BALANCES = {
    "PLB alone": (["PLB*1999999984*20261231*WO:ICN1*50"], "-50", "0.00", "50.00", "0.00"),
    "PLB passed over": (["CLP*A*1*100*80", "CAS*CO*45*20"], "78.73", "80.00", "0.00", "-1.27"),
    "PLB six pairs": (
        ["CLP*A*1*80*80", "PLB*1*20261231*WO:A*1*L6:B*-2*72*3*FB:C*4*CS:D*-5*50:E*6"],
        "73", "80.00", "7.00", "0.00",
    ),
    "negative CAS": (["CLP*A*1*100*110", "CAS*CO*45*-10"], "110", "110.00", "0.00", "0.00"),
    "reversal and correction": (
        ["CLP*A*22*-100*-60**12*I", "CAS*CO*45*-40", "CLP*A*1*100*70**12*I", "CAS*CO*45*30"],
        "10", "10.00", "0.00", "0.00",
    ),
    "zero pay": (["CLP*A*1*100*0*100", "CAS*PR*1*100"], "0", "0.00", "0.00", "0.00"),
    "too much": (["CLP*A*1*80*80"], "90", "80.00", "0.00", "10.00"),
}  # fmt: skip


@pytest.mark.parametrize("name", BALANCES)
def test_the_difference_is_the_payment_less_what_claims_and_plb_explain(name: str) -> None:
    body, payment, claims, provider, difference = BALANCES[name]
    header = [segment.format(payment=payment) for segment in HEADER]
    (found,) = shape_of(encoded(interchange(transaction("835", *header, *body))))["transactions"]
    assert found["balance"] == {
        "payment_amount": f"{Decimal(payment):.2f}",
        "claims_paid": claims,
        "provider_adjustments": provider,
        "difference": difference,
        "balanced": difference == "0.00",
    }
