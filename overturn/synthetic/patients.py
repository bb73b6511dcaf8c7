"""Patients who never lived: invented names, member ids and birth dates, by payer."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from overturn.synthetic.practice import PAYERS, Payer

FIRST_NAMES: Final = (
    "ARLO", "BRIA", "CASPIAN", "DELPHINE", "EAMON", "FENNA", "GIDEON", "HESTIA", "IVO", "JUNA",
    "KESTREL", "LEOPOLD", "MIRELLA", "NESTOR", "ODESSA", "PERRIN", "QUILLA", "ROWAN", "SABINE", "TIBOR",
)  # fmt: skip
LAST_NAMES: Final = (
    "ASHWHISTLE", "BARROWPINE", "COPPERDALE", "DUSKMERE", "ELDERFINCH", "FROSTLEDGE", "GALLOWBERRY",
    "HAZELCOTE", "INKWELL", "JUNIPERTON", "KETTLEMARSH", "LINDENSHAW", "MOSSGRAVE", "NETTLEBURN",
    "OTTERWICK", "PEBBLESTONE", "QUARRELDINE", "RUSHHOLLOW", "SALTHAVEN", "TAMBERLINE", "UMBERFIELD",
)  # fmt: skip

VISITS_PER_PATIENT: Final = 4
FEWEST_PATIENTS: Final = 8
ABOVE_THRESHOLD_EVERY: Final = 4
OCCUPATIONAL_EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient; `above_threshold` means Medicare's yearly therapy threshold is used up (KX needed)."""

    last_name: str
    first_name: str
    sex: str
    born_on: date
    member_id: str
    street: str
    payer: Payer
    discipline: str
    above_threshold: bool


def make_patients(rng: Random, claims: int) -> dict[str, list[Patient]]:
    """Patients by payer key, about one for every four claims and never fewer than eight a payer."""
    counts = {p.key: max(FEWEST_PATIENTS, claims * p.share // (100 * VISITS_PER_PATIENT)) for p in PAYERS}
    return {p.key: [make_patient(rng, p, number) for number in range(counts[p.key])] for p in PAYERS}


def make_patient(rng: Random, payer: Payer, number: int) -> Patient:
    """The payer's patient of this number, which tells discipline and threshold."""
    oldest, youngest = (1934, 1958) if payer.filing_indicator in {"MB", "16"} else (1962, 2004)
    born_on = date(oldest, 1, 1) + timedelta(days=rng.randrange((youngest - oldest) * 365))
    return Patient(
        last_name=rng.choice(LAST_NAMES),
        first_name=rng.choice(FIRST_NAMES),
        sex=rng.choice("FM"),
        born_on=born_on,
        member_id=f"{payer.member_id_prefix}{rng.randrange(10**3):03d}{number:05d}",
        street=f"{rng.randrange(1, 999)} INVENTED LANE",
        payer=payer,
        discipline="OT" if number % OCCUPATIONAL_EVERY == OCCUPATIONAL_EVERY - 1 else "PT",
        above_threshold=payer.is_medicare and number % ABOVE_THRESHOLD_EVERY == 0,
    )
