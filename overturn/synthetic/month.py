"""The generated month: stories and payments told from a seed, written as files with their truth."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from overturn.synthetic.adversarial import adversarial_stories
from overturn.synthetic.files import MonthFile, remittance_files, submission_files
from overturn.synthetic.payments import Payment, make_payments
from overturn.synthetic.scenarios import plan_claims
from overturn.synthetic.shapes import shapes_truth
from overturn.synthetic.stories import ClaimStory, tell_stories
from overturn.synthetic.truth import Truth, claim_truth, totals
from overturn.synthetic.visits import make_drafts

DEFAULT_MONTH: Final = date(2026, 9, 1)
TRUTH_FILE: Final = "truth.json"


@dataclass(frozen=True, slots=True)
class Month:
    """Everything generated, before a byte is written."""

    seed: int
    stories: list[ClaimStory]
    payments: list[Payment]
    files: list[MonthFile]
    adversarial: bool = False

    def truth(self) -> Truth:
        shapes = shapes_truth(self.stories, self.payments, self.files) if self.adversarial else None
        return {
            "seed": self.seed,
            "claims": [claim_truth(story) for story in self.stories],
            "files": [{"name": f.name, "kind": f.kind, "resent_of": f.resent_of} for f in self.files],
            "totals": totals(self.stories, self.payments),
            **({"shapes": shapes} if shapes else {}),
        }


def make_month(*, claims: int, seed: int, month: date = DEFAULT_MONTH, adversarial: bool = False) -> Month:
    """Plan and tell the month; the same arguments give the same bytes. `month` is its first day.

    An adversarial month holds the same claims and a few odd ones more (`Shape`), and a 999 for each batch.
    """
    rng = Random(seed)  # noqa: S311 - a repeatable month is wanted, not a secret
    stories = tell_stories(rng, make_drafts(rng, plan_claims(rng, claims), month), month)
    if adversarial:
        stories += adversarial_stories(seed, month)
        stories.sort(key=lambda story: story.submitted_on)
    payments = make_payments(stories)
    submitted = [story for story in stories if not story.is_foreign]
    files = [*submission_files(submitted, with_999=adversarial), *remittance_files(payments)]
    return Month(seed, stories, payments, files, adversarial)


def write_month(month: Month, directory: Path) -> Iterator[Path]:
    """Write every file, then the truth; yields each path when it is on disk."""
    for file in month.files:
        yield _write(directory / file.name, file.text())
    truth = json.JSONEncoder(indent=1).iterencode(month.truth())
    yield _write(directory / TRUTH_FILE, truth)


def _write(path: Path, chunks: Iterable[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(chunks)
    return path
