"""Which cases lack their workflow, and which workflows their case."""

from uuid import uuid4

from overturn.domain.strays import CaseInRecord, find_strays
from overturn.domain.workflow_ids import appeal, case_of, denial_case

OPEN, CLOSED, YOUNG, NOBODYS = (uuid4() for _ in range(4))
RECORD = (
    CaseInRecord(OPEN, resolved=False, settled=True),
    CaseInRecord(CLOSED, resolved=True, settled=True),
    CaseInRecord(YOUNG, resolved=False, settled=False),
)


def test_what_agrees_is_left_alone() -> None:
    found = find_strays(RECORD, [OPEN])
    assert (found.without_workflow, found.ended, found.unknown) == (frozenset(),) * 3


def test_each_kind_of_stray_is_found() -> None:
    found = find_strays(RECORD, [CLOSED, YOUNG, NOBODYS])
    assert found.without_workflow == {OPEN}
    assert found.ended == {CLOSED}
    assert found.unknown == {NOBODYS}
    assert not found.foreign


def test_a_server_that_runs_nothing_of_this_record_is_another_ones() -> None:
    assert find_strays(RECORD, [NOBODYS]).foreign
    assert not find_strays(RECORD, []).foreign


def test_a_workflow_id_gives_its_case_back() -> None:
    assert case_of(denial_case(OPEN)) == OPEN
    assert case_of(appeal(OPEN, 1)) is None
    assert case_of("denial-case/rubbish") is None
