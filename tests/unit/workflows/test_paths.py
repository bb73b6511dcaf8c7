"""The paths that cases are led along cover the written transition table, and every outcome."""

from itertools import product

import pytest

from overturn.domain.denial_case import TRANSITIONS, CaseStatus, Outcome, Step
from tests.workflow.paths import ENDS, MATRIX, TO_ANSWER_DAYS, TURNS, WAYS, Act, Path, after, reachable

PATHS = [*MATRIX, *TURNS]


def covered(paths: list[Path]) -> set[tuple[Step, CaseStatus]]:
    return {taken for path in paths for taken in path.walked()}


def test_every_transition_that_a_case_can_come_to_is_on_a_path() -> None:
    missing = reachable() - covered(PATHS)
    assert not missing, f"no path takes {sorted(missing)}: add one to tests/workflow/paths.py"


def test_only_what_comes_before_a_case_is_prepared_is_out_of_reach() -> None:
    table = {(step, status) for step, leads in TRANSITIONS.items() for status in leads}
    assert table - reachable() == {(Step.REMITTANCE, CaseStatus.OPENED)}


def test_a_step_that_no_path_takes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    new = {CaseStatus.AWAITING_PAYMENT: CaseStatus.NEEDS_WORK}
    monkeypatch.setitem(TRANSITIONS, Step.REJECTED, TRANSITIONS[Step.REJECTED] | new)
    assert reachable() - covered(PATHS) == {(Step.REJECTED, CaseStatus.AWAITING_PAYMENT)}


def test_the_matrix_has_every_way_to_every_outcome() -> None:
    assert set(ENDS) == set(Outcome)
    assert [path.name for path in MATRIX] == [f"{way.name}: {end}" for way, end in product(WAYS, Outcome)]
    assert len({path.name for path in PATHS}) == len(PATHS)


def test_the_longest_path_takes_more_than_a_year() -> None:
    decided = {Act.UPHELD, Act.UPHELD_FOR_GOOD}
    days = max(TO_ANSWER_DAYS * sum(act in decided for act in path.acts) for path in MATRIX)
    assert days > 366


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_each_path_ends_closed_and_nothing_but_money_comes_after(path: Path) -> None:
    status = CaseStatus.NEEDS_WORK
    for act in path.acts:
        assert status is not CaseStatus.RESOLVED or act in {Act.REOPEN, Act.PAID}
        status = after(act, status)
    assert status is CaseStatus.RESOLVED
