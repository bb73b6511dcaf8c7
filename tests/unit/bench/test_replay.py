"""The bench of replay says what it needs where there is no record to read."""

import pytest

from overturn.bench import replay
from overturn.domain.rule_row import DenialRule
from overturn.rulebook import load_rulebook


def test_without_a_running_system_it_says_what_to_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("OVERTURN_HOME", str(tmp_path))
    monkeypatch.delenv("OVERTURN_DATABASE_URL", raising=False)
    outcome = replay.bench_replay(1, 1)
    assert (outcome.figures, outcome.notes) == ([], [replay.NO_RECORD])


def test_its_other_rules_differ_in_one_row_or_in_all() -> None:
    shipped = load_rulebook()

    def differing(rules: tuple[DenialRule, ...]) -> int:
        return sum(a != b for a, b in zip(rules, shipped.denials.rules, strict=True))

    assert differing(replay._one_row(shipped).denials.rules) == 1
    assert differing(replay._every_row(shipped).denials.rules) == len(shipped.denials.rules)
