"""An independent reader, oxedi, must see the same claims, lines and adjustments in a generated 835."""

import random
from decimal import Decimal

import oxedi

from overturn.x12 import read_file
from tests.unit.x12.interchanges import encoded, interchange, remittance

CODES = ("97110", "97112", "97140", "97161", "97530")


def dollars(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def generated_claim(number: int, chance: random.Random) -> tuple[list[str], int]:
    """One balancing claim of one to four lines, as segments, and what it paid in cents."""
    lines: list[str] = []
    total = paid_total = 0
    for _ in range(chance.randint(1, 4)):
        charge = chance.randint(3_000, 20_000)
        contractual, coinsurance = chance.randint(0, charge // 2), chance.randint(0, charge // 3)
        paid = charge - contractual - coinsurance
        lines += [
            f"SVC*HC:{chance.choice(CODES)}:GP*{dollars(charge)}*{dollars(paid)}**{chance.randint(1, 4)}",
            "DTM*472*20260105",
            f"CAS*CO*45*{dollars(contractual - 1)}**253*0.01",
            f"CAS*PR*2*{dollars(coinsurance)}",
        ]
        total, paid_total = total + charge, paid_total + paid
    claim = f"CLP*PCN{number}*1*{dollars(total)}*{dollars(paid_total)}**MB*ICN{number}*11*1"
    return [claim, "NM1*QC*1*SAMPLE*ANN****MI*1EG4TE5MK73", *lines], paid_total


def generated_file(seed: int) -> bytes:
    """Three payments of forty claims each."""
    chance = random.Random(seed)  # noqa: S311  # reproducible data, not a secret
    sets = []
    for control in ("0001", "0002", "0003"):
        claims = [generated_claim(number, chance) for number in range(40)]
        body = [segment for segments, _ in claims for segment in segments]
        sets.append(remittance(*body, payment=dollars(sum(paid for _, paid in claims)), control=control))
    return encoded(interchange(*sets))


def rows(result: oxedi.Result, table: str, *columns: str) -> list[tuple[str, ...]]:
    """The named columns of one of oxedi's tables, from its text rendering."""
    _, header, *lines = result.tables[table].render().strip().splitlines()
    names = [column.split(":")[0] for column in header.split(" | ")]
    wanted = [names.index(column) for column in columns]
    return [tuple(line.split(" | ")[at].strip() for at in wanted) for line in lines]


def test_claims_lines_and_adjustments_agree_with_oxedi() -> None:
    data = generated_file(seed=835)
    theirs, file = oxedi.parse(data), read_file(data)
    assert file.all_findings == []
    claims = [c for t in file.transactions if t.remittance for c in t.remittance.claims]

    assert theirs.count_claims() == len(claims) == 120
    assert theirs.sum_payments() == sum(
        t.remittance.payment_amount for t in file.transactions if t.remittance
    )
    assert rows(theirs, "claims", "segment", "claim_id", "claim_status", "charge_amount") == [
        (str(c.segment_index - 1), c.patient_control_number, c.status_code, f"{c.charge_amount:.2f}")
        for c in claims
    ]
    assert rows(theirs, "adjustments", "segment", "group_code", "reason_code", "amount") == [
        (str(a.segment_index - 1), a.group, a.reason, f"{a.amount:.2f}")
        for c in claims
        for a in c.all_adjustments()
    ]
    assert len(rows(theirs, "services", "row")) == sum(len(c.service_lines) for c in claims)
