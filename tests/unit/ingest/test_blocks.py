"""A file's outline, and its blocks: whole, in order, and the same from wherever posting goes on."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overturn.bench.remittance_file import write_remittance_file
from overturn.domain import identifiers
from overturn.x12 import Transaction, read_file, read_remittances
from services.ingest import blocks, outline
from services.ingest.blocks import Block, Stretch, cut
from services.ingest.outline import Outline
from tests.x12_files import acknowledgement, denied_claim, interchange, paid_claim, remittance, submission

PAYMENTS = b"".join(write_remittance_file(23, 4))
MIXED = submission("P1", "P2") + PAYMENTS + acknowledgement(("P1", "A2"))
BROKEN = PAYMENTS[: PAYMENTS.rfind(b"~CLP")]


def looked(content: bytes, step: int = 1000) -> Outline:
    found = Outline(read_remittances(BytesIO(content)))
    while found.look(step):
        pass
    return found


def blocks_of(content: bytes, done: int = 0) -> Iterator[Block]:
    return cut(read_remittances(BytesIO(content)), looked(content).remittance_ids(), done=done)


def told(block: Block) -> list[tuple[object, ...]]:
    """What posting a block does, in words that can be compared."""
    return [
        (c.id, c.first, [claim.patient_control_number for claim in c.claims], c.end is not None)
        if isinstance(c, Stretch)
        else (c.type, c.segment_index)
        for c in block.content
    ]


def test_the_outline_has_the_identities_that_reading_the_whole_file_gives() -> None:
    remittances = [t.remittance for t in read_file(PAYMENTS).transactions]
    assert list(looked(PAYMENTS).remittance_ids()) == [identifiers.remittance_id(r) for r in remittances if r]


def test_what_is_held_back_has_no_identity_and_is_in_no_block() -> None:
    found = looked(BROKEN)
    assert [i is None for i in found.remittance_ids()] == [False, False, False, True]
    assert (found.whole, found.nothing_postable) == (False, False)
    claims = [c for b in blocks_of(BROKEN) for s in b.content if isinstance(s, Stretch) for c in s.claims]
    assert len(claims) == 18


@pytest.mark.parametrize("content", [b"", b"%PDF", remittance(denied_claim("P1"))[:-60]])
def test_of_what_cannot_be_read_nothing_is_postable(content: bytes) -> None:
    found = looked(content)
    assert found.nothing_postable
    assert found.findings


def test_types_that_nobody_posts_are_told() -> None:
    other = interchange(["ST*270*0001", "BHT*0022*13"], functional="HS", version="005010X279A1", control="1")
    found = looked(PAYMENTS + other)
    assert (found.types, found.whole) == (["835"] * 4 + ["270"], False)
    assert "this file also has 270" in found.findings[-1].message


def test_findings_beyond_the_limit_are_not_kept_but_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "MAX_FINDINGS", 3)
    out = [remittance(paid_claim(f"P{n}"), payment="1.00", control=str(n)) for n in range(1, 9)]
    found = looked(b"".join(out))
    assert found.whole
    assert len(found.findings) == 5
    assert "more than 3 problems" in found.findings[-1].message


def test_the_digest_is_that_of_what_would_be_posted() -> None:
    assert looked(PAYMENTS).digest == looked(PAYMENTS, step=3).digest
    assert looked(PAYMENTS).digest != looked(PAYMENTS.replace(b"*EFT0001*", b"*EFT9991*")).digest
    assert looked(PAYMENTS).digest != looked(BROKEN).digest


def test_a_small_file_is_one_block_and_is_not_read_again() -> None:
    found = looked(MIXED)
    assert found.kept is not None
    [block] = cut(found.kept, found.remittance_ids())
    assert (block.begin, block.end, len(block.content)) == (0, found.parts, 6)
    assert all(c.whole for c in block.content if isinstance(c, Stretch))


def test_a_large_file_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "PARTS_KEPT", 30)
    assert looked(PAYMENTS).kept is None


@settings(deadline=None, max_examples=25)
@given(size=st.integers(1, 40), content=st.sampled_from([PAYMENTS, MIXED, BROKEN]))
def test_blocks_hold_every_postable_claim_once_and_go_on_alike_from_each_end(
    size: int, content: bytes
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "CLAIMS_A_BLOCK", size)
        every = list(blocks_of(content))
        assert [b.begin for b in every] == [0, *(b.end for b in every[:-1])]
        assert every[-1].end == looked(content).parts
        for number, block in enumerate(every[:-1], start=1):
            following = blocks_of(content, done=block.end)
            assert [told(b) for b in following] == [told(b) for b in every[number:]]
        assert joined(every) == joined(_at_once(content))


def _at_once(content: bytes) -> list[Block]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "CLAIMS_A_BLOCK", 10_000)
        return list(blocks_of(content))


def joined(every: list[Block]) -> list[object]:
    """Each payment with its claims by position, each other set by its place, in the order of the file."""
    payments: dict[UUID, list[tuple[int, str | None]]] = {}
    others: list[object] = []
    ended: list[UUID] = []
    for content in (c for block in every for c in block.content):
        if isinstance(content, Transaction):
            others.append((content.type, content.segment_index))
            continue
        claims = payments.setdefault(content.id, [])
        claims += [(p, c.patient_control_number) for p, c in enumerate(content.claims, content.first)]
        ended += [content.id] if content.end else []
    return [list(payments.items()), ended, others]


def test_a_payment_without_claims_is_posted_with_its_end() -> None:
    [block] = blocks_of(remittance(payment="0.00"))
    assert [(c.first, c.claims, c.whole) for c in block.content if isinstance(c, Stretch)] == [(1, [], True)]


def test_a_step_stops_where_it_was_told() -> None:
    found = Outline(read_remittances(BytesIO(PAYMENTS)))
    assert found.look(5)
    assert found.parts == 5
    assert not found.look(1000)
    assert found.parts == len(list(islice(iter(read_remittances(BytesIO(PAYMENTS))), 1000)))
