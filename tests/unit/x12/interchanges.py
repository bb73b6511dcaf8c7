"""X12 texts for the tests, made of segments written with the usual delimiters; counts are worked out."""

from collections.abc import Iterable

ISA = (
    "ISA*00*          *00*          *ZZ*NORTHPLAN      *ZZ*HILLSIDEPT     "
    "*260115*1200*^*00501*{control}*0*P*:"
)

HEADER = (
    "BPR*I*{payment}*C*ACH*CCP*01*111000025*DA*33*1512345678**01*111000038*DA*22*20260120",
    "TRN*1*EFT20260120*1512345678",
    "DTM*405*20260119",
    "N1*PR*NORTH PLAN*XV*60054",
    "N1*PE*HILLSIDE PHYSICAL THERAPY*XX*1999999984",
    "LX*1",
)

PAID_CLAIM = (
    "CLP*PCN1*1*150*80*20*MB*ICN1*11*1",
    "NM1*QC*1*SAMPLE*ANN****MI*1EG4TE5MK73",
    "DTM*232*20260105",
    "SVC*HC:97110:GP*100*50**2",
    "DTM*472*20260105",
    "CAS*CO*45*30",
    "CAS*PR*2*20",
    "REF*6R*L1",
    "AMT*B6*70",
    "SVC*HC:97140:GP:59*50*30**1",
    "DTM*472*20260105",
    "CAS*CO*45*20",
)


def transaction(kind: str, *body: str, control: str = "0001", version: str = "") -> list[str]:
    """ST, the body, and an SE that counts right."""
    st = f"ST*{kind}*{control}" + (f"*{version}" if version else "")
    return [st, *body, f"SE*{len(body) + 2}*{control}"]


def remittance(*body: str, payment: str = "80", control: str = "0001") -> list[str]:
    """An 835 transaction set; `body` begins with the first CLP."""
    header = [segment.format(payment=payment) for segment in HEADER]
    return transaction("835", *header, *body, control=control)


def interchange(*sets: Iterable[str], control: str = "000000001", version: str = "005010X221A1") -> list[str]:
    """ISA to IEA around whole transaction sets."""
    inner = [list(transaction_set) for transaction_set in sets]
    return [
        ISA.format(control=control),
        f"GS*HP*NORTHPLAN*HILLSIDEPT*20260115*1200*7*X*{version}",
        *(segment for transaction_set in inner for segment in transaction_set),
        f"GE*{len(inner)}*7",
        f"IEA*1*{control}",
    ]


def encoded(segments: Iterable[str], delimiters: str = "*:^~", newline: str = "") -> bytes:
    """The segments as bytes with the given element, component, repetition and segment delimiters."""
    table = str.maketrans("*:^", delimiters[:3])
    ends = delimiters[3] + newline
    return "".join(segment.translate(table) + ends for segment in segments).encode()
