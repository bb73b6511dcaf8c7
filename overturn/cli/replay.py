"""`overturn replay`: what other rules would make of everything the payers have said; nothing is changed.

With `--json` it answers one object; amounts are strings of US dollars:

- `before_version`, `after_version`: the rules in force and those that were tried
- `adjudications`, `decided_again`: how many were read, and how many a differing row could touch
- `changed_adjudications`, `changed_lines`, `changed_open_cases`, `changed_deadlines`
- `denied_before_amount`, `denied_after_amount`, `expected_before_amount`, `expected_after_amount`
- `kinds`: each with `what` (category, action), `before`, `after`, `lines`
- `changes`: the first lines that change, each with `patient_control_number`, `case_id`, `case_open`, `line`,
  `before`, `after` (category, cause, action, due_on, denied_amount, expected_amount, rule_id, or null)
"""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.database import NO_DATABASE
from overturn.cli.rulebook import RulesFolder, open_rulebook

if TYPE_CHECKING:
    from overturn.replay import Change, Replay

DAY = ["%Y-%m-%d"]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("replay")(replay)


def replay(
    rules: RulesFolder,
    since: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Only remittances from this day on.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=DAY, help="As though every service was on this day.")
    ] = None,
    shown: Annotated[int, typer.Option(min=0, help="At most so many changed lines are shown.")] = 1_000,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Decide the stored history again under other rules and show what would change. Nothing is changed."""
    import asyncio
    import json

    from sqlalchemy.exc import OperationalError

    from overturn.settings import SettingsError, load_settings

    days = [moment.date() if moment else None for moment in (since, as_of)]
    try:
        found = asyncio.run(_replay(load_settings().database_url, rules, *days, shown=shown))
    except (SettingsError, OperationalError) as error:
        typer.echo(NO_DATABASE if isinstance(error, OperationalError) else str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps(_document(found), indent=1, default=str))
    else:
        _print(found)


async def _replay(
    database_url: str, rules: Path, since: date | None, as_of: date | None, *, shown: int
) -> "Replay":
    from sqlalchemy.ext.asyncio import AsyncSession

    from overturn.db.session import create_engine
    from overturn.replay import replay as replay_history
    from overturn.rule_sets import RulesInForce
    from overturn.rulebook import load_rulebook

    after = open_rulebook(rules)
    engine = create_engine(database_url)
    try:
        async with engine.connect() as connection:
            before = await RulesInForce(load_rulebook()).current(AsyncSession(connection))
            return await replay_history(
                connection, before=before, after=after, since=since, as_of=as_of, shown=shown
            )
    finally:
        await engine.dispose()


def _document(found: "Replay") -> dict[str, Any]:
    kinds = [
        {"what": what, "before": before, "after": after, "lines": lines}
        for (what, before, after), lines in sorted(found.kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    ]
    changes = [asdict(change) for change in found.changes]
    names = [name for name in found.__slots__ if name not in {"kinds", "changes"}]
    return {name: getattr(found, name) for name in names} | {"kinds": kinds, "changes": changes}


def _print(found: "Replay") -> None:
    from overturn.domain.codes import format_dollars

    for change in found.changes:
        print(_change_words(change))
    if len(found.changes) < found.changed_lines:
        print(f"... and {found.changed_lines - len(found.changes):,} lines more")
    for kind in _document(found)["kinds"]:
        print(f"{kind['lines']:7,} lines: {kind['what']} {kind['before']} -> {kind['after']}")
    denied = [format_dollars(a) for a in (found.denied_before_amount, found.denied_after_amount)]
    expected = [format_dollars(a) for a in (found.expected_before_amount, found.expected_after_amount)]
    print(
        f"{found.changed_adjudications:,} of {found.adjudications:,} answers change, "
        f"{found.changed_open_cases:,} of them with an open case, {found.changed_deadlines:,} deadlines; "
        f"denied {denied[0]} -> {denied[1]}, expected back {expected[0]} -> {expected[1]}."
    )
    print(f"Rules {found.before_version} -> {found.after_version}. Nothing was changed.")


def _change_words(change: "Change") -> str:
    where = f"line {change.line}" if change.line else "whole claim"
    outcomes = [
        f"{o.category} / {o.action}, {o.denied_amount}, due {o.due_on or 'unknown'} [{o.rule_id}]"
        if o
        else "none"
        for o in (change.before, change.after)
    ]
    return f"{change.patient_control_number or 'no control number'}  {where}: {outcomes[0]} -> {outcomes[1]}"
