"""The tables behind classification: denial rules, guardrails, code labels, causes."""

from collections.abc import Container, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from overturn.domain.codes import (
    NOT_DENIALS,
    Action,
    Answer,
    Category,
    Cause,
    Denies,
    Drives,
    GroupCode,
    PayerScope,
    ReasonCode,
    RemarkCode,
    RemarkKind,
)
from overturn.domain.rule_table import (
    DOWNCODED,
    UMBRELLA,
    Conditions,
    DenialRule,
    DenialTable,
    Guardrail,
)
from overturn.rulebook.cells import Row, check_unique, convert, read_rows

MATCH_COLUMNS: Final = ("carc", "group", "rarc", "payer_scope", "procedures", "modifiers", "modifiers_absent")
DATE_COLUMNS: Final = ("effective_from", "effective_to")
RULE_COLUMNS: Final = (
    *("id", *MATCH_COLUMNS, "category", "cause", "action", "is_denial", "appealable", "preventable"),
    *("guardrail", "note", "therapy_note", "source", "source_level", *DATE_COLUMNS),
)
GUARDRAIL_COLUMNS: Final = (
    *("id", *MATCH_COLUMNS, "forbids_appeal", "replaces", "action", "text", "source", *DATE_COLUMNS),
)


@dataclass(frozen=True, slots=True)
class _CodeLists:
    """What the cells of a rule may name."""

    reasons: Mapping[str, ReasonCode]
    remarks: Mapping[str, RemarkCode]
    groups: Mapping[str, GroupCode]
    causes: Mapping[str, Cause]


def load_denial_table(directory: Path, version: str, steps: Mapping[Action, str]) -> DenialTable:
    """Denial rules with the code lists they are checked against."""
    lists = _CodeLists(
        _load_reasons(directory), _load_remarks(directory), _load_groups(directory), _load_causes(directory)
    )
    rules = read_rows(directory / "denials.csv", RULE_COLUMNS)
    check_unique(rules, "id")
    check_unique(rules, *MATCH_COLUMNS, *DATE_COLUMNS)
    rails = read_rows(directory / "guardrails.csv", GUARDRAIL_COLUMNS)
    check_unique(rails, "id")
    return DenialTable(
        version=version,
        rules=convert(rules, lambda row: _rule(row, lists)),
        guardrails=convert(rails, lambda row: _guardrail(row, lists)),
        reasons=lists.reasons,
        remarks=lists.remarks,
        groups=lists.groups,
        causes=lists.causes,
        steps=steps,
    )


def _load_reasons(directory: Path) -> dict[str, ReasonCode]:
    rows = read_rows(directory / "carc_labels.csv", ("code", "label", "umbrella", "stop_on"))
    check_unique(rows, "code")
    built = convert(rows, lambda r: ReasonCode(r.text("code"), r.text("label"), r.flag("umbrella")))
    return {reason.code: reason for reason in built}


def _load_remarks(directory: Path) -> dict[str, RemarkCode]:
    rows = read_rows(directory / "rarc_labels.csv", ("code", "kind", "drives_category", "label", "stop_on"))
    check_unique(rows, "code")
    return {remark.code: remark for remark in convert(rows, _remark)}


def _remark(row: Row) -> RemarkCode:
    kind, drives = row.choice("kind", RemarkKind), row.choice("drives_category", Drives)
    if kind is RemarkKind.ALERT and drives is not Drives.NO:
        raise row.fail("drives_category", "an alert remark may never decide a category: write no")
    return RemarkCode(row.text("code"), kind, drives, row.optional("label") or "")


def _load_groups(directory: Path) -> dict[str, GroupCode]:
    columns = ("code", "label", "who_owes", "bill_patient", "bucket", "denies", "source")
    rows = read_rows(directory / "group_codes.csv", columns)
    check_unique(rows, "code")
    return {group.code: group for group in convert(rows, _group)}


def _group(row: Row) -> GroupCode:
    bucket = row.choice("bucket", Category)
    if bucket not in NOT_DENIALS:
        raise row.fail("bucket", f"must be one of {', '.join(sorted(NOT_DENIALS))}")
    return GroupCode(row.text("code"), row.text("label"), bucket, row.choice("denies", Denies))


def _load_causes(directory: Path) -> dict[str, Cause]:
    rows = read_rows(directory / "causes.csv", ("cause", "label"))
    check_unique(rows, "cause")
    return {c.key: c for c in convert(rows, lambda r: Cause(r.text("cause"), r.text("label")))}


def _rule(row: Row, lists: _CodeLists) -> DenialRule:
    category, is_denial = row.choice("category", Category), row.flag("is_denial")
    if is_denial and category in NOT_DENIALS:
        raise row.fail("category", f"{category} is no denial: choose another category or is_denial no")
    when = _conditions(row, lists)
    if when.rarc and lists.remarks[when.rarc].drives is Drives.NO:
        raise row.fail("rarc", f"{when.rarc} may not decide a category (rarc_labels.csv): use guardrails.csv")
    if when.carc.blank:
        raise row.fail("carc", f"is empty: name the CARC, several, or {UMBRELLA}")
    return DenialRule(
        id=row.text("id"),
        when=when,
        category=category,
        cause=row.known("cause", lists.causes, table="causes.csv"),
        action=row.choice("action", Action),
        is_denial=is_denial,
        appealable=row.choice("appealable", Answer),
        preventable=row.choice("preventable", Answer),
        guardrail=row.optional("guardrail"),
        note=row.text("note"),
        therapy_note=row.optional("therapy_note") or "",
        source=row.text("source"),
        source_level=row.text("source_level"),
    )


def _guardrail(row: Row, lists: _CodeLists) -> Guardrail:
    replaced = row.codes("replaces").codes
    unknown = sorted(replaced - set(Action))
    if unknown:
        raise row.fail("replaces", f"{' '.join(unknown)} is no action: correct the cell")
    return Guardrail(
        id=row.text("id"),
        when=_conditions(row, lists),
        forbids_appeal=row.flag("forbids_appeal"),
        replaces=frozenset(Action(name) for name in replaced),
        action=row.choice("action", Action),
        text=row.text("text"),
        source=row.text("source"),
    )


def _conditions(row: Row, lists: _CodeLists) -> Conditions:
    carc, group, rarc = row.codes("carc"), row.codes("group"), row.optional("rarc")
    _check_listed(row, "carc", carc.codes - {UMBRELLA, DOWNCODED}, lists.reasons, table="carc_labels.csv")
    _check_listed(row, "group", group.codes, lists.groups, table="group_codes.csv")
    _check_listed(row, "rarc", {rarc} if rarc else set(), lists.remarks, table="rarc_labels.csv")
    start, end = row.period("effective_from", "effective_to")
    return Conditions(
        carc=carc,
        group=group,
        rarc=rarc,
        scope=row.optional_choice("payer_scope", PayerScope) or PayerScope.ANY,
        procedures=row.codes("procedures"),
        modifiers=row.codes("modifiers"),
        modifiers_absent=row.codes("modifiers_absent"),
        effective_from=start,
        effective_to=end,
    )


def _check_listed(
    row: Row, column: str, codes: AbstractSet[str], known: Container[str], *, table: str
) -> None:
    unknown = sorted(code for code in codes if code not in known)
    if unknown:
        raise row.fail(column, f"{' '.join(unknown)} is not in {table}: add it there or correct the cell")
