"""The readers that `overturn bench x12` compares, one to a process: `python -m overturn.bench.x12_readers`.

Usage: NAME FILE; answers in JSON. Each reads the file from the disk and says how many claims it found and
what they were paid, so that nobody is fast by reading less. Time is the process's own CPU seconds, imports
left out: the wall clock of a shared machine also measures the neighbours."""

import io
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

ZERO: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Reading:
    """`paid` is None where the reader does not tell."""

    claims: int
    paid: str | None
    seconds: float
    peak_megabytes: float


Read = Callable[[Path], tuple[int, Decimal | None]]
_Number = TypeVar("_Number", float, Decimal)


def typed_claims() -> Read:
    """Ours: every claim, line, adjustment, reference and remark as an object, money as Decimal, balances,
    counts and control numbers checked."""
    from overturn.domain.remittance import ClaimPayment
    from overturn.x12 import read_remittances

    def read(path: Path) -> tuple[int, Decimal | None]:
        claims, paid = 0, ZERO
        with path.open("rb") as file:
            for part in read_remittances(file):
                if isinstance(part, ClaimPayment):
                    claims += 1
                    paid += part.paid_amount
        return claims, paid

    return read


def split_and_sum(amount: Callable[[str], _Number]) -> Read:
    """The least that can be done in Python: split segments and elements, add the amounts."""

    def read(path: Path) -> tuple[int, Decimal | None]:
        claims = 0
        charged = paid = adjusted = lines = amount("0")
        for segment in path.read_bytes().decode().split("~"):
            elements = segment.split("*")
            name = elements[0]
            if name == "CLP":
                claims += 1
                charged += amount(elements[3])
                paid += amount(elements[4])
            elif name == "CAS":
                for number in range(3, len(elements), 3):
                    adjusted += amount(elements[number])
            elif name == "SVC":
                lines += amount(elements[2]) + amount(elements[3])
        return claims, round(Decimal(paid), 2)

    return read


def oxedi_tables() -> Read:
    """Rust: Arrow tables with its balance and code checks."""
    import oxedi

    def read(path: Path) -> tuple[int, Decimal | None]:
        result = oxedi.parse(path.read_bytes())
        return result.count_claims(), result.sum_payments()

    return read


def oxedi_objects() -> Read:
    """oxedi's claims, services and adjustments as our objects. Without an Arrow library in the environment
    the tables give their rows as text only, which is what is read here."""
    import oxedi

    from overturn.bench.oxedi_objects import claims_of

    def read(path: Path) -> tuple[int, Decimal | None]:
        claims = claims_of(oxedi.parse(path.read_bytes()))
        return len(claims), sum((claim.paid_amount for claim in claims), ZERO)

    return read


def pyx12_segments() -> Read:
    """pyx12's reader of raw segments."""
    from pyx12.x12file import X12Reader

    def read(path: Path) -> tuple[int, Decimal | None]:
        claims, paid = 0, ZERO
        with path.open(encoding="utf-8") as file:
            for segment in X12Reader(file):
                if segment.get_seg_id() == "CLP":
                    claims += 1
                    paid += Decimal(segment.get_value("CLP04"))
        return claims, paid

    return read


def pyx12_validation() -> Read:
    """pyx12's full validation; it gives a verdict, no claims."""
    from pyx12.params import params
    from pyx12.x12n_document import x12n_document

    logging.disable(logging.CRITICAL)

    def read(path: Path) -> tuple[int, Decimal | None]:
        text = path.read_text(encoding="utf-8")
        x12n_document(params(), io.StringIO(text), io.StringIO(), None)
        return text.count("~CLP*"), None

    return read


READERS: Final[dict[str, Callable[[], Read]]] = {
    "overturn": typed_claims,
    "str.split, sums only (float)": lambda: split_and_sum(float),
    "str.split, sums only (Decimal)": lambda: split_and_sum(Decimal),
    "oxedi, tables": oxedi_tables,
    "oxedi, objects": oxedi_objects,
    "pyx12, raw segments": pyx12_segments,
    "pyx12, validation": pyx12_validation,
}


def measured(name: str, path: Path) -> Reading:
    read = READERS[name]()
    before = time.process_time()
    claims, paid = read(path)
    seconds = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Reading(claims, None if paid is None else f"{paid:.2f}", seconds, round(peak, 1))


def main(arguments: list[str]) -> None:
    answer: dict[str, Any] = asdict(measured(arguments[0], Path(arguments[1])))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
