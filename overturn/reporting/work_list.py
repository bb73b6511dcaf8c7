"""The open work, best first, under the filters of the page; a claim number finds its closed cases too."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overturn.domain.denial_case import CaseStatus

PAGE_SIZE: Final = 50
UNSENT: Final = (CaseStatus.OPENED, CaseStatus.NEEDS_WORK, CaseStatus.APPROVED)
"""Statuses in which the deadline runs: what was sent in time cannot expire."""


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What part of the open work is wanted; None is everything.

    `claim_number` is what the number starts with; it asks for cases of any status, closed ones too.
    `owner` is a person's id; `unassigned` asks for nobody's. `due_from` and `due_by` keep what is not sent
    yet and falls due in between, `denied_from` and `denied_to` what was denied in between (ends included).
    With `today`, what is pended beyond that day is left out; `pended` asks for it alone.
    """

    queue: str | None = None
    category: str | None = None
    payer: str | None = None
    carc: str | None = None
    owner: UUID | None = None
    unassigned: bool = False
    claim_number: str | None = None
    due_from: date | None = None
    due_by: date | None = None
    denied_from: date | None = None
    denied_to: date | None = None
    today: date | None = None
    pended: bool = False


@dataclass(frozen=True, slots=True)
class DenialCode:
    """The reason and remarks of one denial: CO-50 with N115."""

    group_code: str
    carc: str
    rarcs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One case with its claim and open work item. Money is US dollars.

    `next_step` is None where no work is open; a closed case has an `outcome`.
    """

    case_id: UUID
    queue: str | None
    next_step: str | None
    priority_reason: str
    category: str
    status: str
    outcome: str | None
    denied_amount: Decimal
    unpriced_amount: Decimal  # the most that denials without a price can be worth
    due_on: date | None
    unknown_deadline: str | None
    patient_name: str | None
    claim_number: str
    payer_name: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class WorkPage:
    """One page of the selection, with the selection's count and dollars."""

    rows: tuple[WorkRow, ...]
    selected: int
    selected_amount: Decimal
    selected_unpriced: int  # of those selected, cases with a denial that has no price
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.selected // PAGE_SIZE))


NOTHING_SELECTED: Final[dict[str, Any]] = {
    "selected": 0,
    "selected_amount": Decimal(0),
    "selected_unpriced": 0,
}


@dataclass(frozen=True, slots=True)
class Facets:
    """The values the filters can take now, each with its number of open work items."""

    queues: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)
    payers: dict[str, int] = field(default_factory=dict)


# Closed cases come last, the latest first; of the open, a deadline nobody knows is first: it may be today.
_PAGE: Final = text("""
    SELECT c.id AS case_id, coalesce(w.queue, c.queue) AS queue, w.title AS next_step, c.priority_reason,
           c.category, c.status, c.outcome, c.denied_amount, c.unpriced_amount, c.due_on,
           CASE WHEN c.due_on IS NULL THEN c.deadline ->> 'unknown' END AS unknown_deadline,
           claim.patient_name, claim.patient_control_number AS claim_number, c.payer_name,
           u.display_name AS owner,
           count(*) OVER () AS selected, sum(c.denied_amount) OVER () AS selected_amount,
           count(*) FILTER (WHERE c.unpriced_amount > 0) OVER () AS selected_unpriced
      FROM denial_case c
      JOIN claim ON claim.id = c.claim_id
      LEFT JOIN work_item w ON w.case_id = c.id AND w.done_at IS NULL
      LEFT JOIN user_account u ON u.id = c.assigned_to
     WHERE (w.id IS NOT NULL OR CAST(:claim_number AS text) IS NOT NULL)
       AND (CAST(:queue AS text) IS NULL OR coalesce(w.queue, c.queue) = :queue)
       AND (CAST(:category AS text) IS NULL OR c.category = :category)
       AND (CAST(:payer AS text) IS NULL OR c.payer_name = :payer)
       AND (CAST(:owner AS uuid) IS NULL OR c.assigned_to = :owner)
       AND (NOT :unassigned OR c.assigned_to IS NULL)
       AND (CAST(:due_by AS date) IS NULL
            OR (c.due_on BETWEEN :due_from AND :due_by AND c.status = ANY(:unsent)))
       AND (CAST(:today AS date) IS NULL OR CAST(:claim_number AS text) IS NOT NULL
            OR coalesce(c.pended_until > :today, false) = :pended)
       AND (CAST(:denied_from AS date) IS NULL OR c.denied_on >= :denied_from)
       AND (CAST(:denied_to AS date) IS NULL OR c.denied_on <= :denied_to)
       AND (CAST(:claim_number AS text) IS NULL
            OR starts_with(upper(claim.patient_control_number), upper(:claim_number)))
       AND (CAST(:carc AS text) IS NULL
            OR EXISTS (SELECT FROM denial d WHERE d.case_id = c.id AND d.carc = :carc))
     ORDER BY c.status = :resolved, c.resolved_at DESC,
              (c.due_on IS NULL AND c.deadline ->> 'unknown' IS NOT NULL) DESC,
              w.priority DESC NULLS LAST, c.id
     LIMIT :size OFFSET :skipped
""")

_CODES: Final = text("""
    SELECT DISTINCT case_id, group_code, carc, rarcs
      FROM denial WHERE case_id = ANY(:case_ids)
     ORDER BY case_id, group_code, carc
""")

_FACETS: Final = text("""
    SELECT grouping(w.queue, c.category, c.payer_name) AS collapsed,
           coalesce(w.queue, c.category, c.payer_name) AS value, count(*) AS items
      FROM work_item w JOIN denial_case c ON c.id = w.case_id
     WHERE w.done_at IS NULL
     GROUP BY GROUPING SETS ((w.queue), (c.category), (c.payer_name))
     ORDER BY value
""")
# grouping() has a bit for each column that a row collapses: of three columns, these keep one.
_QUEUE, _CATEGORY, _PAYER = 0b011, 0b101, 0b110


async def work_page(session: AsyncSession, wanted: WorkFilter, *, number: int = 1) -> WorkPage:
    """Page `number` (from 1) of the wanted cases, unknown deadlines first, then by priority, closed last."""
    parameters = _parameters(wanted, size=PAGE_SIZE, skipped=(number - 1) * PAGE_SIZE)
    found = [dict(row) for row in (await session.execute(_PAGE, parameters)).mappings()]
    totals = [{name: row.pop(name) for name in NOTHING_SELECTED} for row in found]
    rows = tuple(WorkRow(**row) for row in found)
    return WorkPage(rows, number=number, **(totals[0] if totals else NOTHING_SELECTED))


async def wanted_cases(session: AsyncSession, wanted: WorkFilter, *, most: int) -> list[UUID]:
    """The wanted cases, `most` of them, in the order of the pages."""
    found = await session.execute(_PAGE, _parameters(wanted, size=most, skipped=0))
    return [row.case_id for row in found]


def _parameters(wanted: WorkFilter, *, size: int, skipped: int) -> dict[str, Any]:
    return {
        **asdict(wanted),
        "unsent": [status.value for status in UNSENT],
        "resolved": CaseStatus.RESOLVED.value,
        "size": size,
        "skipped": skipped,
    }


async def denial_codes(session: AsyncSession, case_ids: Sequence[UUID]) -> dict[UUID, tuple[DenialCode, ...]]:
    """The reasons and remarks of these cases."""
    codes: defaultdict[UUID, list[DenialCode]] = defaultdict(list)
    for row in await session.execute(_CODES, {"case_ids": list(case_ids)}):
        codes[row.case_id].append(DenialCode(row.group_code, row.carc, tuple(row.rarcs)))
    return {case_id: tuple(found) for case_id, found in codes.items()}


async def facets(session: AsyncSession) -> Facets:
    """What the open work can be filtered by, in one pass over it."""
    found = Facets()
    kinds = {_QUEUE: found.queues, _CATEGORY: found.categories, _PAYER: found.payers}
    for row in await session.execute(_FACETS):
        if row.value is not None:
            kinds[row.collapsed][row.value] = row.items
    return found
