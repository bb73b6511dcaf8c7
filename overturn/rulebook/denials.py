"""The tables behind classification: the rules of all packs, guardrails, code labels, causes, playbooks."""

from collections.abc import Container, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
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
    ReasonCode,
    RemarkCode,
    RemarkKind,
)
from overturn.domain.rule_cells import NAMES
from overturn.domain.rule_row import BASE_PACK, SILENT, UMBRELLA, Conditions, DenialRule, Guardrail
from overturn.domain.rule_table import DenialTable
from overturn.rulebook.cells import Row, RulebookError, check_no_formula, check_unique, convert, read_rows
from overturn.rulebook.code_shapes import SHAPES, check_shape
from overturn.rulebook.conflicts import find_conflicts, find_shadowed
from overturn.rulebook.table_tests import load_table_tests, run_table_tests

MATCH_COLUMNS: Final = (
    *("carc", "group", "rarc", "payer", "line_of_business", "procedures", "modifiers", "modifiers_absent"),
    *("place_of_service", "provider_type", "amount", "days_since_service", "frequency_code"),
)
DATE_COLUMNS: Final = ("effective_from", "effective_to")
RULE_COLUMNS: Final = (
    *("id", *MATCH_COLUMNS, "category", "cause", "action", "is_denial", "appealable", "preventable"),
    *("route", "playbook", "guardrail", "note", "therapy_note", "source", "source_level", *DATE_COLUMNS),
)
GUARDRAIL_COLUMNS: Final = (
    *("id", *MATCH_COLUMNS, "forbids_appeal", "replaces", "action", "text", "source", *DATE_COLUMNS),
)
PACKS: Final = "packs"
RULES_FILE: Final = "denials.csv"


@dataclass(frozen=True, slots=True)
class PackFolder:
    """Where a pack's tables stand: `name` begins what they are called in messages."""

    pack: str
    order: int
    path: Path

    def table(self, file: str) -> str:
        return file if self.pack == BASE_PACK else f"{PACKS}/{self.pack}/{file}"


@dataclass(frozen=True, slots=True)
class Names:
    """What the cells of a rule may name from other tables of the folder."""

    payers: frozenset[str]
    lines_of_business: frozenset[str]
    queues: frozenset[str]


@dataclass(frozen=True, slots=True)
class _CodeLists:
    """What the cells of a rule may name."""

    reasons: Mapping[str, ReasonCode]
    remarks: Mapping[str, RemarkCode]
    groups: Mapping[str, GroupCode]
    causes: Mapping[str, Cause]
    playbooks: Mapping[str, tuple[str, ...]]
    names: Names


def load_denial_table(
    directory: Path, version: str, steps: Mapping[Action, str], names: Names
) -> DenialTable:
    """The rules of all packs over the code lists they are checked against.

    Each pack is added and tried in turn: raises RulebookError when a row conflicts with another of its pack,
    can never win over what came before, lacks a test, or a test of its pack fails.
    """
    lists = _CodeLists(
        _load_reasons(directory),
        _load_remarks(directory),
        _load_groups(directory),
        _load_causes(directory),
        load_playbooks(directory),
        names,
    )
    rails = read_rows(directory / "guardrails.csv", GUARDRAIL_COLUMNS)
    check_unique(rails, "id")
    table = DenialTable(
        version=version,
        rules=(),
        guardrails=convert(rails, lambda row: _guardrail(row, lists)),
        reasons=lists.reasons,
        remarks=lists.remarks,
        groups=lists.groups,
        causes=lists.causes,
        steps=steps,
        playbooks=lists.playbooks,
    )
    for folder in list_packs(directory):
        table = _add_pack(table, folder, lists)
    return table


def list_packs(directory: Path) -> list[PackFolder]:
    """The base pack, which is the folder itself, then the packs of packs.csv in their order."""
    rows = read_rows(directory / "packs.csv", ("pack", "about"))
    check_unique(rows, "pack")
    listed = [row.text("pack") for row in rows]
    folders = directory / PACKS
    found = {path.name for path in folders.iterdir() if path.is_dir()} if folders.is_dir() else set()
    unlisted = ", ".join(sorted(found - set(listed)))
    if unlisted:
        raise RulebookError([f"packs.csv: {unlisted} has a folder and no row: add one, or remove the folder"])
    packs = [PackFolder(pack, order, folders / pack) for order, pack in enumerate(listed, start=1)]
    return [PackFolder(BASE_PACK, 0, directory), *packs]


def load_playbooks(directory: Path) -> dict[str, tuple[str, ...]]:
    """The steps of each playbook in order."""
    rows = read_rows(directory / "playbooks.csv", ("playbook", "step", "text"))
    check_unique(rows, "playbook", "step")
    found: dict[str, list[tuple[int, str]]] = {}
    for key, step, text in convert(rows, lambda r: (r.text("playbook"), r.whole("step"), r.text("text"))):
        found.setdefault(key, []).append((step, text))
    return {key: tuple(text for _, text in sorted(steps)) for key, steps in found.items()}


def _add_pack(table: DenialTable, folder: PackFolder, lists: _CodeLists) -> DenialTable:
    rows = read_rows(folder.path / RULES_FILE, RULE_COLUMNS, name=folder.table(RULES_FILE))
    check_no_formula(rows)
    check_unique(rows, "id")
    rules = convert(rows, lambda row: _rule(row, lists, folder))
    _check_new(rules, table)
    grown = replace(table, rules=(*table.rules, *rules))
    problems = find_conflicts(rules) or find_shadowed(rules, grown)
    tests = load_table_tests(folder.path, name=folder.table("denial_tests.csv"))
    problems += run_table_tests(tests, rules, grown)
    if problems:
        raise RulebookError(problems)
    return grown


def _check_new(rules: Sequence[DenialRule], table: DenialTable) -> None:
    known = {rule.id: rule.place for rule in table.rules}
    repeated = [rule for rule in rules if rule.id in known]
    if repeated:
        raise RulebookError(
            f"{rule.place}, column id: {rule.id} stands in {known[rule.id]} too: give this row another id"
            for rule in repeated
        )


def _load_reasons(directory: Path) -> dict[str, ReasonCode]:
    rows = read_rows(directory / "carc_labels.csv", ("code", "label", "umbrella", "stop_on"))
    check_unique(rows, "code")
    return {reason.code: reason for reason in convert(rows, _reason)}


def _reason(row: Row) -> ReasonCode:
    label = row.optional("label") or ""
    return ReasonCode(row.text("code"), label, row.flag("umbrella"), row.day("stop_on"))


def _load_remarks(directory: Path) -> dict[str, RemarkCode]:
    rows = read_rows(directory / "rarc_labels.csv", ("code", "kind", "drives_category", "label", "stop_on"))
    check_unique(rows, "code")
    return {remark.code: remark for remark in convert(rows, _remark)}


def _remark(row: Row) -> RemarkCode:
    kind, drives = row.choice("kind", RemarkKind), row.choice("drives_category", Drives)
    if kind is RemarkKind.ALERT and drives is not Drives.NO:
        raise row.fail("drives_category", "an alert remark may never decide a category: write no")
    return RemarkCode(row.text("code"), kind, drives, row.optional("label") or "", row.day("stop_on"))


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


def _rule(row: Row, lists: _CodeLists, folder: PackFolder) -> DenialRule:
    category, is_denial = row.choice("category", Category), row.flag("is_denial")
    if is_denial and category in NOT_DENIALS:
        raise row.fail("category", f"{category} is no denial: choose another category or is_denial no")
    return DenialRule(
        id=row.text("id"),
        when=_rule_conditions(row, lists),
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
        route=_optional_known(row, "route", lists.names.queues, table="queues.csv"),
        playbook=_optional_known(row, "playbook", lists.playbooks, table="playbooks.csv"),
        pack=folder.pack,
        pack_order=folder.order,
        place=row.place,
    )


def _rule_conditions(row: Row, lists: _CodeLists) -> Conditions:
    when = _conditions(row, lists)
    alerts = sorted(code for code in when.rarc.codes if lists.remarks[code].drives is Drives.NO)
    if alerts:
        told = " ".join(alerts)
        raise row.fail("rarc", f"{told} may not decide a category (rarc_labels.csv): use guardrails.csv")
    if when.carc.blank:
        raise row.fail("carc", f"is empty: name the CARC, several, a pattern such as 25*, or {UMBRELLA}")
    return when


def _optional_known(row: Row, column: str, names: Container[str], *, table: str) -> str | None:
    value = row.optional(column)
    if value is not None and value not in names:
        raise row.fail(column, f"{value!r} is not in {table}: add it there or correct the cell")
    return value


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
    start, end = row.period("effective_from", "effective_to")
    when = Conditions(
        carc=row.codes("carc"),
        group=row.codes("group"),
        rarc=row.codes("rarc"),
        payer=row.codes("payer"),
        line_of_business=row.codes("line_of_business", parted_by=NAMES),
        procedures=row.codes("procedures"),
        modifiers=row.codes("modifiers"),
        modifiers_absent=row.codes("modifiers_absent"),
        place_of_service=row.codes("place_of_service"),
        provider_type=row.codes("provider_type"),
        amount=row.figures("amount"),
        days_since_service=row.figures("days_since_service"),
        frequency_code=row.codes("frequency_code"),
        effective_from=start,
        effective_to=end,
    )
    _check_named(row, when, lists)
    for column in SHAPES:
        check_shape(row, column, getattr(when, column).codes)
    for column in ("rarc", "modifiers", "modifiers_absent"):
        if getattr(when, column).negated:
            way = "leave it blank" if column == "rarc" else "modifiers_absent asks what is not there"
            raise row.fail(column, f"not cannot stand here: {way}")
    return when


def _check_named(row: Row, when: Conditions, lists: _CodeLists) -> None:
    special, names = {UMBRELLA, *SILENT}, lists.names
    _check_listed(row, "carc", when.carc.codes - special, lists.reasons, table="carc_labels.csv")
    _check_listed(row, "group", when.group.codes, lists.groups, table="group_codes.csv")
    _check_listed(row, "rarc", when.rarc.codes, lists.remarks, table="rarc_labels.csv")
    _check_listed(row, "payer", when.payer.codes, names.payers, table="payers.csv")
    businesses, tables = when.line_of_business.codes, "payers.csv or filing_indicators.csv"
    _check_listed(row, "line_of_business", businesses, names.lines_of_business, table=tables)


def _check_listed(
    row: Row, column: str, codes: AbstractSet[str], known: Container[str], *, table: str
) -> None:
    unknown = sorted(code for code in codes if code not in known)
    if unknown:
        raise row.fail(column, f"{' '.join(unknown)} is not in {table}: add it there or correct the cell")
