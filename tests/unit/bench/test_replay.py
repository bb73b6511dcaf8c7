"""The rules that the bench of replay tries."""

from overturn.bench import replay
from overturn.domain.rule_row import DenialRule
from overturn.rulebook import load_rulebook


def test_its_other_rules_differ_in_one_row_or_in_all() -> None:
    shipped = load_rulebook()

    def differing(rules: tuple[DenialRule, ...]) -> int:
        return sum(a.action != b.action for a, b in zip(rules, shipped.denials.rules, strict=True))

    assert differing(replay._one_row(shipped).denials.rules) == 1
    assert differing(replay._every_row(shipped).denials.rules) == len(shipped.denials.rules)
