"""Small remittances and claims as X12 text, for tests that need to see each segment."""

from collections.abc import Sequence
from decimal import Decimal

NPI = "1234567893"
PAYER = "MEDICARE TEST MAC"
PAYER_ID = "12345"


def clp(
    number: str, *, charge: str = "100.00", paid: str = "0.00", status: str = "1", icn: str = "ICN1"
) -> str:
    return f"CLP*{number}*{status}*{charge}*{paid}**MB*{icn}*11*1"


def service(procedure: str = "97110", *, charge: str = "100.00", paid: str = "0.00") -> str:
    return f"SVC*HC:{procedure}:GP*{charge}*{paid}**2"


def denied_claim(number: str, *, charge: str = "100.00", icn: str = "ICN1") -> list[str]:
    """CO-252 with N706: records asked for."""
    patient = "NM1*QC*1*TESTER*PAT****MI*M0001"
    return [
        clp(number, charge=charge, icn=icn),
        patient,
        service(charge=charge),
        "DTM*472*20260901",
        f"CAS*CO*252*{charge}",
        "LQ*HE*N706",
    ]


def paid_claim(number: str, *, charge: str = "100.00", paid: str = "70.00", icn: str = "ICN2") -> list[str]:
    """The rest is contractual."""
    rest = Decimal(charge) - Decimal(paid)
    return [
        clp(number, charge=charge, paid=paid, icn=icn),
        "NM1*QC*1*TESTER*PAT****MI*M0001",
        service(charge=charge, paid=paid),
        "DTM*472*20260901",
        f"CAS*CO*45*{rest}",
    ]


def remittance(
    *claims: Sequence[str],
    trace: str = "TRACE1",
    payment: str | None = None,
    paid_on: str = "20260915",
    control: str = "1",
    plb: Sequence[tuple[str, str, str]] = (),
) -> bytes:
    """An 835 with one transaction set that balances unless `payment` says otherwise; each of `plb` is a
    reason, a reference and an amount."""
    paid = sum((Decimal(s.split("*")[4]) for c in claims for s in c if s.startswith("CLP")), Decimal("0.00"))
    paid -= sum((Decimal(amount) for _, _, amount in plb), Decimal("0.00"))
    body = [
        f"ST*835*{control.zfill(4)}",
        f"BPR*I*{payment or paid}*C*ACH*CCP*01*011900445*DA*1*1512345678**01*011900445*DA*2*{paid_on}",
        f"TRN*1*{trace}*1512345678",
        "DTM*405*20260914",
        f"N1*PR*{PAYER}*XV*{PAYER_ID}",
        "PER*BL*SUPPORT*TE*8005550100",
        f"N1*PE*TEST THERAPY*XX*{NPI}",
        "LX*1",
        *(segment for claim in claims for segment in claim),
        *(f"PLB*{NPI}*20261231*{reason}:{reference}*{amount}" for reason, reference, amount in plb),
    ]
    return interchange(body, functional="HP", version="005010X221A1", control=control)


def submission(*numbers: str, charge: str = "100.00", control: str = "1") -> bytes:
    """An 837P with a claim per number."""
    body = [
        f"ST*837*{control.zfill(4)}*005010X222A1",
        f"BHT*0019*00*{control}*20260902*1200*CH",
        "NM1*41*2*TEST THERAPY*****46*SENDER",
        "PER*IC*BILLING*TE*8005550101",
        "NM1*40*2*CLEARINGHOUSE*****46*RECEIVER",
        "HL*1**20*1",
        f"NM1*85*2*TEST THERAPY*****XX*{NPI}",
        "N3*1 TEST WAY",
        "N4*COLUMBUS*OH*432150000",
        "REF*EI*311234567",
    ]
    for place, number in enumerate(numbers, start=2):
        body += [
            f"HL*{place}*1*22*0",
            "SBR*P*18*******MB",
            "NM1*IL*1*TESTER*PAT****MI*M0001",
            "N3*2 TEST WAY",
            "N4*COLUMBUS*OH*432150000",
            "DMG*D8*19600101*F",
            f"NM1*PR*2*{PAYER}*****PI*{PAYER_ID}",
            f"CLM*{number}*{charge}***11:B:1*Y*A*Y*Y",
            "HI*ABK:M545",
            "LX*1",
            f"SV1*HC:97110:GP*{charge}*UN*2***1",
            "DTP*472*D8*20260901",
        ]
    return interchange(body, functional="HC", version="005010X222A1", control=control)


def interchange(body: Sequence[str], *, functional: str, version: str, control: str) -> bytes:
    """Wrap a transaction set (without its SE) in its envelopes."""
    transaction = body[0].split("*")[2]
    isa = (
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
        f"*260915*1200*^*00501*{control.zfill(9)}*0*T*:"
    )
    segments = [
        isa,
        f"GS*{functional}*SENDER*RECEIVER*20260915*1200*{control}*X*{version}",
        *body,
        f"SE*{len(body) + 1}*{transaction}",
        f"GE*1*{control}",
        f"IEA*1*{control.zfill(9)}",
    ]
    return ("~".join(segments) + "~").encode()


def reversal(claim: Sequence[str]) -> list[str]:
    """The claim taken back: status 22 and every amount with its sign turned."""
    turned = []
    for segment in claim:
        parts = segment.split("*")
        match parts[0]:
            case "CLP":
                parts[2], parts[3], parts[4] = "22", _negative(parts[3]), _negative(parts[4])
            case "SVC":
                parts[2], parts[3] = _negative(parts[2]), _negative(parts[3])
            case "CAS":
                parts[3] = _negative(parts[3])
        turned.append("*".join(parts))
    return turned


def _negative(amount: str) -> str:
    return str(-Decimal(amount))


def adjudicated_claim(
    number: str, *lines: tuple[str, Sequence[str]], icn: str = "ICN1", status: str = "1"
) -> list[str]:
    """A claim with a line of 100.00 for each `(paid, adjustments)`; an adjustment reads "CO*45*30.00"."""
    paid = sum((Decimal(line[0]) for line in lines), Decimal("0.00"))
    segments = [
        clp(number, charge=f"{100 * len(lines)}.00", paid=str(paid), status=status, icn=icn),
        "NM1*QC*1*TESTER*PAT****MI*M0001",
    ]
    for line_paid, adjustments in lines:
        segments += [service(paid=line_paid), "DTM*472*20260901", *(f"CAS*{a}" for a in adjustments)]
    return segments


def acknowledgement(*answers: tuple[str, str], received_on: str = "20260903", control: str = "1") -> bytes:
    """A 277CA with an answer per `(number, category)`: A2 accepted, A3 rejected, A1 only received."""
    body = [
        f"ST*277*{control.zfill(4)}*005010X214",
        f"BHT*0085*08*{control}*{received_on}*0610*TH",
        "HL*1**20*1",
        f"NM1*PR*2*{PAYER}*****PI*{PAYER_ID}",
        f"TRN*1*BATCH{control}",
        f"DTP*050*D8*{received_on}",
        f"DTP*009*D8*{received_on}",
        "HL*2*1*21*1",
        "NM1*41*2*TEST THERAPY*****46*SENDER",
        "TRN*2*BATCH",
        f"STC*A1:19:PR*{received_on}*WQ*100.00",
        "HL*3*2*19*1",
        f"NM1*85*2*TEST THERAPY*****XX*{NPI}",
        "TRN*1*0",
        "STC*A1:19:PR**WQ*100.00",
    ]
    for place, (number, category) in enumerate(answers, start=4):
        body += [
            f"HL*{place}*3*PT",
            "NM1*QC*1*TESTER*PAT****MI*M0001",
            f"TRN*2*{number}",
            f"STC*{category}:20:PR*{received_on}*{'WQ' if category in {'A1', 'A2'} else 'U'}*100.00",
            "DTP*472*D8*20260901",
        ]
    return interchange(body, functional="HN", version="005010X214", control=control)


def functional_acknowledgement(
    *answers: str, group: str = "1", control: str = "9", sent_on: str = "20260903"
) -> bytes:
    """A 999 to our group; each answer is a segment such as "AK2*837*0001" or "IK5*R*5"."""
    body = [f"ST*999*{control.zfill(4)}*005010X231A1", f"AK1*HC*{group}*005010X222A1", *answers]
    content = interchange(body, functional="FA", version="005010X231A1", control=control)
    return content.replace(
        b"*20260915*1200*" + control.encode() + b"*X", f"*{sent_on}*1200*{control}*X".encode()
    )
