"""The 835 that readers are timed on: balanced claims and payments, as many as asked for."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final

from overturn.synthetic.segments import PLAIN, Envelope, compact

SEED: Final = 835
PAID_ON: Final = date(2026, 10, 5)
DAYS: Final = [compact(date(2026, 9, 1) + timedelta(days=day)) for day in range(30)]
PROCEDURES: Final = ("97110", "97112", "97116", "97140", "97150", "97161", "97163", "97530", "97535", "G0283")
DENIALS: Final = (("CO", "50", "N115"), ("CO", "197", "N54"), ("CO", "16", "N290"), ("PR", "96", "N425"))
DENIED_PART: Final = 0.12
THERAPISTS: Final = (
    "RIVERA*ANA****XX*1999999901",
    "OKAFOR*JOHN****XX*1999999919",
    "LIND*EVA****XX*1999999927",
)
LAST_NAMES: Final = ("SAMPLE", "SPECIMEN", "EXAMPLE", "MODEL", "PATTERN", "DUMMY", "TESTER")
FIRST_NAMES: Final = ("ANN", "BEN", "CARA", "DAN", "EDA", "FINN", "GIA")

_ENVELOPE: Final = Envelope("HP", "005010X221A1", "NORTHPLAN", "HILLSIDEPT", 1, PAID_ON, "1200")
_HEADER: Final = (
    "ST*835*{number}~BPR*I*{paid}*C*ACH*CCP*01*999988880*DA*7999999990*1999999990**01*999977770*DA*4400100200*"
    f"{compact(PAID_ON)}~TRN*1*EFT{{number}}*1999999990~DTM*405*{compact(PAID_ON)}~N1*PR*NORTH PLAN*XV*60054~"
    "N3*900 SPECIMEN PLAZA~N4*SAMPLETON*PA*190010009~REF*2U*60054~PER*BL*PROVIDER SERVICES*TE*5550100900~"
    "N1*PE*HILLSIDE PHYSICAL THERAPY*XX*1999999984~REF*TJ*999999999~LX*1~"
)
_CLAIMS_A_PIECE: Final = 500


@dataclass(frozen=True, slots=True)
class _Claim:
    paid: int  # cents
    text: str


def write_remittance_file(claims: int, transactions: int, *, seed: int = SEED) -> Iterator[bytes]:
    """One interchange of `transactions` payments with `claims` claims between them, piece by piece.

    A payment states its total before its claims; so they are made twice from the same seed, and memory
    stays flat whatever the number."""
    yield "".join(map(PLAIN.render, _ENVELOPE.header(PLAIN))).encode()
    for number in range(1, transactions + 1):
        share = claims // transactions + (number <= claims % transactions)
        yield from _payment(share, number, seed)
    yield "".join(map(PLAIN.render, _ENVELOPE.trailer(transactions))).encode()


def _payment(claims: int, number: int, seed: int) -> Iterator[bytes]:
    paid = segments = 0
    for claim in _claims(claims, number, seed):
        paid += claim.paid
        segments += claim.text.count("~")
    header = _HEADER.format(number=f"{number:04d}", paid=_dollars(paid))
    yield header.encode()
    made = _claims(claims, number, seed)
    while some := [claim.text for claim in islice(made, _CLAIMS_A_PIECE)]:
        yield "".join(some).encode()
    yield f"SE*{segments + header.count('~') + 1}*{number:04d}~".encode()


def _claims(claims: int, transaction: int, seed: int) -> Iterator[_Claim]:
    chance = random.Random(seed * 100_003 + transaction)  # noqa: S311 - the same file every time, not a secret
    return (_claim(f"{transaction}T{number}", chance) for number in range(claims))


def _claim(identity: str, chance: random.Random) -> _Claim:
    """A claim of one to five lines, some of them denied."""
    day = chance.choice(DAYS)
    charged = paid = owed = 0
    lines = []
    for line in range(1, chance.randint(1, 5) + 1):
        charge = chance.randint(3_000, 20_000)
        allowed = 0 if chance.random() < DENIED_PART else charge * chance.randint(40, 90) // 100
        coinsurance = allowed * 20 // 100
        charged, paid, owed = charged + charge, paid + allowed - coinsurance, owed + coinsurance
        lines.append(_line(f"{identity}L{line}", day, (charge, allowed, coinsurance), chance))
    status = "4" if not paid else "1"
    text = (
        f"CLP*{identity}*{status}*{_dollars(charged)}*{_dollars(paid)}*{_dollars(owed)}*MB*ICN{identity}*11*1~"
        f"NM1*QC*1*{chance.choice(LAST_NAMES)}*{chance.choice(FIRST_NAMES)}****MI*1EG4TE5M{identity}~"
        f"NM1*82*1*{chance.choice(THERAPISTS)}~MOA***MA01~REF*EA*MR{identity}~DTM*232*{day}~DTM*233*{day}~"
        "DTM*050*20260928~"
    )
    return _Claim(paid, text + "".join(lines))


def _line(identity: str, day: str, cents: tuple[int, int, int], chance: random.Random) -> str:
    charge, allowed, coinsurance = cents
    service = (
        f"SVC*HC:{chance.choice(PROCEDURES)}:GP*{_dollars(charge)}*{_dollars(allowed - coinsurance)}**"
        f"{chance.randint(1, 4)}~DTM*472*{day}~"
    )
    if not allowed:
        group, reason, remark = chance.choice(DENIALS)
        return f"{service}CAS*{group}*{reason}*{_dollars(charge)}~REF*6R*{identity}~LQ*HE*{remark}~"
    return (
        f"{service}CAS*CO*45*{_dollars(charge - allowed)}~CAS*PR*2*{_dollars(coinsurance)}~REF*6R*{identity}~"
        f"AMT*B6*{_dollars(allowed)}~"
    )


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
