"""What tables can say that is well formed and still wrong: `overturn rules check`."""

from collections.abc import Iterator

from overturn.domain.causes.proving import PROVEN_CAUSES
from overturn.domain.codes import Action, Answer, Denies, Drives
from overturn.domain.deadlines import DeadlineKind
from overturn.domain.rule_row import SILENT, UMBRELLA, DenialRule
from overturn.domain.rule_table import DenialTable
from overturn.rulebook.loader import Rulebook


def check_rulebook(rulebook: Rulebook) -> list[str]:
    """Every contradiction and every row without effect, as sentences; empty when all is well."""
    table = rulebook.denials
    return [
        *(problem for rule in table.rules for problem in _check_rule(rule, table)),
        *_check_causes(table),
        *_check_playbooks(table),
        *_check_codes(table),
        *_check_windows(rulebook),
    ]


def _check_rule(rule: DenialRule, table: DenialTable) -> Iterator[str]:
    if rule.action is Action.APPEAL and rule.appealable is Answer.NO:
        yield f"{rule.place}: {rule.id} says appeal and not appealable"
    groups = [group for code, group in table.groups.items() if rule.when.group.holds(code)]
    if (
        rule.is_denial
        and rule.action is Action.BILL_PATIENT
        and not any(group.denies is Denies.BY_RULE for group in groups)
    ):
        yield f"{rule.place}: {rule.id} bills the patient for an amount that is not the patient's"


def _check_playbooks(table: DenialTable) -> Iterator[str]:
    used = {rule.playbook for rule in table.rules}
    for playbook in sorted(table.playbooks.keys() - used):
        yield f"playbooks.csv: {playbook} is used by no row of denials.csv"


def _check_causes(table: DenialTable) -> Iterator[str]:
    used = {rule.cause for rule in table.rules} | {"unknown_code"} | PROVEN_CAUSES
    for cause in sorted(table.causes.keys() - used):
        yield f"causes.csv: {cause} is used by no row of denials.csv"
    for cause in sorted(PROVEN_CAUSES - table.causes.keys()):
        yield f"causes.csv: {cause} may be proved and has no label: add it"


def _check_codes(table: DenialTable) -> Iterator[str]:
    plain = {code for rule in table.rules if rule.when.rarc.blank for code in rule.when.carc.codes}
    labelled = {code for code, reason in table.reasons.items() if reason.label}
    for code in sorted(labelled - plain):
        yield f"carc_labels.csv: {code} has a label and no row without remark in denials.csv"
    for name in sorted(SILENT - plain):
        yield f"denials.csv: no row for {name}, so silent denials would pass"
    spoken = [rule.when.rarc for rule in table.rules if UMBRELLA in rule.when.carc.codes]
    for remark in table.remarks.values():
        if (
            remark.label
            and remark.drives is not Drives.NO
            and not any(cell.holds(remark.code) for cell in spoken)
        ):
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
