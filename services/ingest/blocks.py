"""The second look at a file: what is posted, cut into blocks that are one database transaction each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from overturn.domain.remittance import ClaimPayment, Remittance
from overturn.x12 import Part, RemittanceEnd, RemittanceStart, Transaction
from services.ingest.outline import postable
from services.ingest.posted import listed

CLAIMS_A_BLOCK: Final = 1_000


@dataclass(slots=True)
class Stretch:
    """Consecutive claims of one remittance. `remittance` itself holds none; it is complete with the `end`."""

    id: UUID
    remittance: Remittance
    first: int  # position of the first claim in the remittance, from 1
    claims: list[ClaimPayment] = field(default_factory=list)
    end: RemittanceEnd | None = None

    @property
    def whole(self) -> bool:
        """Whether it is the remittance from its beginning to its end."""
        return self.first == 1 and self.end is not None


@dataclass(slots=True)
class Block:
    """The parts of the file after the first `begin` up to the first `end`, as far as they are posted."""

    begin: int
    end: int
    content: list[Stretch | Transaction] = field(default_factory=list)
    weight: int = 0  # claims, and one for each transaction set


def cut(parts: Iterable[Part], ids: Iterator[UUID | None], *, done: int = 0) -> Iterator[Block]:
    """Cut what comes after the first `done` parts; where a block ended before, the same blocks follow.

    `ids` gives each remittance's identity in the order of the file, None for what is held back.
    """
    place, block, end = _Place(ids), Block(done, done), 0
    for part in parts:
        end += 1
        place.pass_by(part)
        if end <= done:
            continue
        place.add(part, block)
        block.end = end
        if block.weight >= CLAIMS_A_BLOCK:
            yield block
            block, place.stretch = Block(end, end), None
    if block.end > block.begin:
        yield block


@dataclass(slots=True)
class _Place:
    """Where in the file we are: in which remittance, and at which claim of it."""

    ids: Iterator[UUID | None]
    remittance: Remittance | None = None
    id: UUID | None = None
    position: int = 0
    stretch: Stretch | None = None  # that of the block at hand

    def pass_by(self, part: Part) -> None:
        match part:
            case RemittanceStart():
                self.remittance, self.id = part.remittance, next(self.ids)
                self.position, self.stretch = 0, None
            case ClaimPayment():
                self.position += 1

    def add(self, part: Part, block: Block) -> None:
        match part:
            case ClaimPayment() if self.id:
                self._stretch(block, self.position).claims.append(part)
                block.weight += 1
            case RemittanceEnd() if self.id:
                self._stretch(block, self.position + 1).end = part
                block.weight += 1
            case Transaction() if postable(part):
                block.content.append(part)
                block.weight += 1 + len(listed(part))

    def _stretch(self, block: Block, first: int) -> Stretch:
        if self.stretch is None:
            assert self.id is not None and self.remittance is not None  # noqa: S101, PT018 - it has begun
            self.stretch = Stretch(self.id, self.remittance, first)
            block.content.append(self.stretch)
        return self.stretch
