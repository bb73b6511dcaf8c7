"""Take-backs of the record into recoupments: what is new opens one, every other dollar goes to its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.recoupment_record import ONE_AT_A_TIME
from overturn.db.tables import Recoupment, RecoupmentClaim
from overturn.db.taken_back import ClaimTakenBack, read_taken_back, withheld_for
from overturn.db.timeline import WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.claim_take_back import allocate
from overturn.domain.codes import format_dollars
from overturn.domain.payers import PayerDirectory
from overturn.domain.practice_day import practice_date
from overturn.domain.recoupment import RecoupmentStatus, Source
from overturn.domain.remittance import ZERO


@dataclass(slots=True)
class Taken:
    """What remittances took for one recoupment, and gave back. US dollars."""

    withheld: Decimal = ZERO
    given_back: Decimal = ZERO


@dataclass(slots=True)
class _Round:
    """One recoupment of one claim."""

    row: Recoupment
    claim: RecoupmentClaim


@dataclass(slots=True)
class _Book:
    """Every recoupment, and its claims by payer and claim, the oldest first."""

    rows: dict[UUID, Recoupment]
    rounds: dict[tuple[str, UUID], list[_Round]] = field(default_factory=lambda: defaultdict(list))


async def gather_take_backs(session: AsyncSession, payers: PayerDirectory, *, at: datetime) -> None:
    """Open what is new and post what was taken or given back since. Twice changes nothing."""
    await session.execute(ONE_AT_A_TIME)
    book = await _book(session)
    taken = {recoupment_id: Taken() for recoupment_id in book.rows}
    for found in await read_taken_back(session, payers):
        rounds = book.rounds[found.payer_name, found.claim_id]
        await _cover(session, found, rounds, at=at)
        _share_out(found, rounds, taken)
        book.rows.update({each.row.id: each.row for each in rounds})
    for row in book.rows.values():
        if row.reference:
            taken[row.id].withheld += await withheld_for(session, row.reference)
        _post(session, row, taken[row.id], at=at)


async def _book(session: AsyncSession) -> _Book:
    rows = await session.scalars(select(Recoupment).order_by(col(Recoupment.id)).with_for_update())
    book = _Book({row.id: row for row in rows})
    claims = await session.scalars(select(RecoupmentClaim))
    rounds = [_Round(book.rows[claim.recoupment_id], claim) for claim in claims]
    for each in sorted(rounds, key=lambda r: (r.row.opened_on, r.row.closed_on is None, str(r.row.id))):
        book.rounds[each.row.payer, each.claim.claim_id].append(each)
    return book


async def _cover(session: AsyncSession, found: ClaimTakenBack, rounds: list[_Round], *, at: datetime) -> None:
    """What is demanded of the claim beyond its recoupments is the open one's, or opens one."""
    shares = [each.claim.share for each in rounds]
    if None in shares:
        return  # a letter is about the claim: whatever is taken of it is the letter's
    more = found.money.demanded - sum((share for share in shares if share is not None), ZERO)
    if more <= ZERO:
        return
    last = rounds[-1] if rounds else None
    letter = None if rounds else await _letter_naming(session, found)
    if letter is not None:
        rounds.append(await _attach(session, letter, found, share=None))
    elif last is not None and last.row.status != RecoupmentStatus.CLOSED:
        last.claim.share = (last.claim.share or ZERO) + more
        last.row.demanded_amount += more
        last.row.version += 1
    else:
        row = await _open(session, found, more, round_number=len(rounds) + 1, at=at)
        rounds.append(await _attach(session, row, found, share=more))


_NAMING: Final = text("""
    SELECT r.id FROM recoupment r JOIN provider_adjustment a ON r.reference = ANY(a.numbers)
     WHERE a.claim_id = :claim_id AND r.payer = :payer ORDER BY r.opened_on DESC LIMIT 1
""")


async def _letter_naming(session: AsyncSession, found: ClaimTakenBack) -> Recoupment | None:
    """The payer's letter that the take-back quotes, where nobody entered this claim with it."""
    parameters = {"claim_id": found.claim_id, "payer": found.payer_name}
    recoupment_id = await session.scalar(_NAMING, parameters)
    return await session.get_one(Recoupment, recoupment_id) if recoupment_id else None


async def _attach(
    session: AsyncSession, row: Recoupment, found: ClaimTakenBack, *, share: Decimal | None
) -> _Round:
    claim = RecoupmentClaim(recoupment_id=row.id, claim_id=found.claim_id, share=share)
    session.add(claim)
    await session.flush()
    return _Round(row, claim)


async def _open(
    session: AsyncSession, found: ClaimTakenBack, amount: Decimal, *, round_number: int, at: datetime
) -> Recoupment:
    row = Recoupment(
        id=identifiers.deterministic_id(
            "recoupment-take-back", found.payer_name, found.claim_id, round_number
        ),
        payer=found.payer_name,
        payer_key=found.payer.key,
        payer_name=found.payer.name,
        line_of_business=found.payer.line_of_business,
        source=Source.TAKE_BACK,
        demanded_amount=amount,
        status=RecoupmentStatus.DEMANDED,
        notice_on=found.money.first_on,
        opened_on=practice_date(at),
    )
    session.add(row)
    await session.flush()
    said = f"{format_dollars(amount)} taken back, seen in the remittance of {found.money.first_on}."
    opened = identifiers.deterministic_id("recoupment-opened", row.id)
    enter(session, row, opened, kind="opened", summary=said, actor=WORKFLOW, at=at, amount=amount)
    return row


def _share_out(found: ClaimTakenBack, rounds: Sequence[_Round], taken: dict[UUID, Taken]) -> None:
    """Each dollar taken of the claim into one of its recoupments; what came back leaves the newest first."""
    shares = [each.claim.share for each in rounds]
    for each, part in zip(rounds, allocate(found.money.withheld, shares), strict=True):
        each.claim.withheld_amount = part
        taken.setdefault(each.row.id, Taken()).withheld += part
    demanded = [share for share in shares if share is not None]
    if len(demanded) < len(shares) or not shares:
        return
    back = found.money.given_back + sum(demanded, ZERO) - found.money.demanded
    newest_first = list(reversed(rounds))
    for each, part in zip(newest_first, allocate(back, list(reversed(demanded))), strict=True):
        taken[each.row.id].given_back += part


def _post(session: AsyncSession, row: Recoupment, taken: Taken, *, at: datetime) -> None:
    """The sums as they are now, and a line in the timeline where they moved; its workflow looks then."""
    moved = taken.withheld - row.withheld_amount
    if not moved and taken.given_back == row.given_back_amount:
        return
    row.withheld_amount, row.given_back_amount = taken.withheld, taken.given_back
    said = f"Withheld so far {format_dollars(taken.withheld)}, given back {format_dollars(taken.given_back)}."
    if row.status != RecoupmentStatus.CLOSED:
        row.version += 1
    event_id = identifiers.deterministic_id(
        "recoupment-money",
        row.id,
        row.version,
        taken.withheld.normalize(),
        taken.given_back.normalize(),
        at.isoformat(),
    )
    enter(session, row, event_id, kind="money", summary=said, actor=WORKFLOW, at=at, amount=moved)
