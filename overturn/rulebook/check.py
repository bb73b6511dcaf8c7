"""What a table can say that is well formed and still wrong: `python -m overturn.rulebook.check [FOLDER]`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from overturn.domain.codes import Action, Answer, Denies, Drives
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.rule_table import DOWNCODED, UMBRELLA, AdjustmentFacts, DenialRule, DenialTable
from overturn.paths import RULES
from overturn.rulebook.cells import RulebookError
from overturn.rulebook.loader import Rulebook, load_rulebook


def check_rulebook(rulebook: Rulebook) -> list[str]:
    """Every contradiction and every row without effect, as sentences; empty when all is well."""
    table = rulebook.denials
    return [
        *(problem for rule in table.rules for problem in _check_rule(rule, table)),
        *_check_causes(table),
        *_check_codes(table),
        *_check_windows(rulebook),
    ]


def _check_rule(rule: DenialRule, table: DenialTable) -> Iterator[str]:
    first = {found.id if found else "no row" for found in _speakers(rule, table)}
    if rule.id not in first:
        yield f"denials.csv: {rule.id} is never used, {', '.join(sorted(first))} stands before it"
    if rule.action is Action.APPEAL and rule.appealable is Answer.NO:
        yield f"denials.csv: {rule.id} says appeal and not appealable"
    groups = [table.groups[code] for code in rule.when.group.codes]
    if (
        rule.is_denial
        and rule.action is Action.BILL_PATIENT
        and groups
        and not any(group.denies is Denies.BY_RULE for group in groups)
    ):
        yield f"denials.csv: {rule.id} bills the patient for an amount that is not the patient's"


def _speakers(rule: DenialRule, table: DenialTable) -> Iterator[DenialRule | None]:
    """The row that speaks for an adjustment made from the rule's own cells, under each group it allows."""
    when = rule.when
    named = sorted(when.carc.codes - {UMBRELLA}) or sorted(
        c.code for c in table.reasons.values() if c.umbrella
    )
    procedures = sorted(when.procedures.codes) + [low for low, _ in when.procedures.ranges]
    for carc in named or [low for low, _ in when.carc.ranges]:
        for group in sorted(when.group.codes) or [*table.groups, ""]:
            facts = AdjustmentFacts(
                carc=carc,
                group=group,
                scope=when.scope,
                procedure=procedures[0] if procedures else None,
                modifiers=frozenset(sorted(when.modifiers.codes)[:1]),
                service_on=when.effective_from or when.effective_to,
            )
            yield table.find_rule(facts, rarcs=[when.rarc] if when.rarc else [])


def _check_causes(table: DenialTable) -> Iterator[str]:
    used = {rule.cause for rule in table.rules} | {"unknown_code"}
    for cause in sorted(table.causes.keys() - used):
        yield f"causes.csv: {cause} is used by no row of denials.csv"


def _check_codes(table: DenialTable) -> Iterator[str]:
    plain = {code for rule in table.rules if not rule.when.rarc for code in rule.when.carc.codes}
    for code in sorted(table.reasons.keys() - plain):
        yield f"carc_labels.csv: {code} has no row without remark in denials.csv"
    if DOWNCODED not in plain:
        yield f"denials.csv: no row for {DOWNCODED}, so silent denials would pass"
    spoken = {rule.when.rarc for rule in table.rules if UMBRELLA in rule.when.carc.codes}
    for remark in table.remarks.values():
        if remark.label and remark.drives is not Drives.NO and remark.code not in spoken:
            yield f"rarc_labels.csv: {remark.code} may decide an umbrella code but has no {UMBRELLA} row"


def _check_windows(rulebook: Rulebook) -> Iterator[str]:
    windows = rulebook.filing_windows
    counted = {margin.kind for margin in windows.margins if margin.payer_key is None}
    for kind in DeadlineKind:
        if kind not in counted:
            yield f"safe_margins.csv: {kind} has no margin for all payers"
    for payer in rulebook.payers.payers:
        fits = {None, payer.line_of_business}
        if not any(w.payer_key in (None, payer.key) and w.line_of_business in fits for w in windows.windows):
            yield f"filing_windows.csv: {payer.key} of payers.csv has no window"


def main(arguments: list[str]) -> int:
    """Print what is wrong with a rules folder; 0 when nothing is."""
    try:
        problems = check_rulebook(load_rulebook(Path(arguments[0]) if arguments else RULES))
    except RulebookError as error:
        problems = list(error.problems)
    sys.stdout.write("".join(f"{problem}\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
