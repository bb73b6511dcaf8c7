"""What a person decides about a dead letter: to have it sent again, or to leave it. Each is on record."""

import json
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from overturn.db.dead_letters import DISCARDED, RETRIED, WAITING, digest
from overturn.db.tables import DeadLetter, DeadLetterEvent, Inbox, Outbox
from overturn.events.topics import CONTRACT

MOST_BYTES: Final = 900_000
"""A message that Kafka would refuse would hold up the outbox behind it; Kafka takes 1 MiB by default."""


class DeadLetterRefusedError(Exception):
    """The decision cannot be taken; the message says why and what to do."""


async def retry(
    session: AsyncSession, letter_id: UUID, *, actor_id: UUID | None = None, reason: str = ""
) -> None:
    """Publish the message to its topic again, through the outbox, and mark it as retried.

    Its consumer forgets that it was done with, in the same transaction, so that it is handled once.

    Raises:
        DeadLetterRefusedError: unknown, decided already, or a message that could never be handled.
    """
    letter = await _waiting(session, letter_id)
    payload = _sendable(letter)
    if letter.event_id is not None:
        await session.execute(
            delete(Inbox).where(
                col(Inbox.consumer) == letter.consumer, col(Inbox.event_id) == letter.event_id
            )
        )
    await _send_again(session, letter, payload)
    letter.resent_digest = digest(payload)
    _decide(session, letter, RETRIED, actor_id, reason)


async def discard(session: AsyncSession, letter_id: UUID, *, actor_id: UUID, reason: str) -> None:
    """Leave the message as it is; its row stays, with who decided and why.

    Raises:
        DeadLetterRefusedError: unknown, decided already, or without a reason.
    """
    if not reason.strip():
        raise DeadLetterRefusedError("Say why the message is not needed.")
    _decide(session, await _waiting(session, letter_id), DISCARDED, actor_id, reason)


async def _waiting(session: AsyncSession, letter_id: UUID) -> DeadLetter:
    letter = await session.get(DeadLetter, letter_id, with_for_update=True, populate_existing=True)
    if letter is None:
        raise DeadLetterRefusedError(f"There is no dead letter {letter_id}: see `overturn dead-letter list`.")
    if letter.state != WAITING:
        raise DeadLetterRefusedError(f"Dead letter {letter_id} is {letter.state} already.")
    return letter


def _decide(
    session: AsyncSession, letter: DeadLetter, state: str, actor_id: UUID | None, reason: str
) -> None:
    letter.state = state
    session.add(
        DeadLetterEvent(dead_letter_id=letter.id, what=state, actor_id=actor_id, reason=reason.strip())
    )


def _sendable(letter: DeadLetter) -> dict[str, Any]:
    """The message as the outbox keeps it: a JSON object of a topic of ours that PostgreSQL and Kafka take."""
    refused = f"Dead letter {letter.id} cannot be sent again: {{}}. Discard it, and have its sender mend it."
    if letter.topic not in CONTRACT:
        raise DeadLetterRefusedError(refused.format(f"{letter.topic} is no topic of this version"))
    try:
        payload = json.loads(letter.value)
        json.dumps(payload, allow_nan=False, ensure_ascii=False).encode()  # refuses NaN and half characters
        sent = json.dumps(payload)
    except (ValueError, RecursionError):
        raise DeadLetterRefusedError(refused.format("it is not JSON")) from None
    if not isinstance(payload, dict):
        raise DeadLetterRefusedError(refused.format("it is not a JSON object"))
    if "\\u0000" in sent or len(sent) > MOST_BYTES:
        raise DeadLetterRefusedError(refused.format("it holds a NUL or is larger than any message of ours"))
    return payload


async def _send_again(session: AsyncSession, letter: DeadLetter, payload: dict[str, Any]) -> None:
    """Its own outbox row again where it has one; what others sent, or what was pruned, gets a new one."""
    event_id = _event_id(payload)
    again = {"sent_at": None, "sent_partition": None, "sent_offset": None}
    for row_id in (event_id, uuid4()):  # the second, where another message has the first's id
        row = {"event_id": row_id, "topic": letter.topic, "key": letter.key or str(row_id)}
        sent = await session.scalar(
            insert(Outbox)
            .values(**row, payload=payload)
            .on_conflict_do_update(
                index_elements=["event_id"],
                set_=again,
                where=(col(Outbox.topic) == letter.topic) & (col(Outbox.payload) == payload),
            )
            .returning(col(Outbox.id))
        )
        if sent is not None:
            return


def _event_id(payload: dict[str, Any]) -> UUID:
    try:
        return UUID(str(payload.get("event_id")))
    except ValueError:
        return uuid4()
