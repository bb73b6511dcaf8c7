"""`overturn replay`: what other rules would make of everything the payers have said; nothing is changed.

With `--json` it answers one object; amounts are strings of US dollars:

- `before_version`, `after_version`: the rules in force and those that were tried
- `adjudications`, `decided_again`: how many were read, and how many a differing row could touch
- `changed_adjudications`, `changed_lines`, `changed_open_cases`, `changed_deadlines`
- `denied_before_amount`, `denied_after_amount`, `expected_before_amount`, `expected_after_amount`
- `kinds`: each with `what` (category, action), `before`, `after`, `lines`
- `changes`: the first lines that change, each with `patient_control_number`, `case_id`, `case_open`, `line`,
  `before`, `after` (category, cause, action, due_on, denied_amount, unpriced_amount, expected_amount,
  rule_id, or null)

With `--topic` also `messages`, `unreadable`, `unknown` (not in the record) and `ranges`, each with `topic`,
`partition`, `begin`, `end` (not included) and `older_gone`.
"""

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.database import FAILED, ask
from overturn.cli.rulebook import RulesFolder, open_rulebook

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from overturn.broker.offset_range import Wanted
    from overturn.replay import Change, Replay, Replaying
    from overturn.topic_replay import TopicReplay

DAY = ["%Y-%m-%d"]
Offset = Annotated[int | None, typer.Option(min=0, help="Of --partition, as `overturn topics` shows them.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("replay")(replay)


def replay(
    *,
    rules: RulesFolder,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=DAY, help="Only remittances from this day on; of a topic, messages written since."
        ),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Only those up to and with this day.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=DAY, help="As though every service was on this day.")
    ] = None,
    topic: Annotated[
        str,
        typer.Option(
            help="Only what messages of this Kafka topic tell of: claim.adjudicated.v1 or "
            "denial.classified.v1."
        ),
    ] = "",
    partition: Annotated[int | None, typer.Option(min=0, help="Of the topic; else all of them.")] = None,
    from_offset: Offset = None,
    to_offset: Annotated[int | None, typer.Option(min=0, help="Of --partition, not included.")] = None,
    shown: Annotated[int, typer.Option(min=0, help="At most so many changed lines are shown.")] = 1_000,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Decide the stored history again under other rules and show what would change. Nothing is changed."""
    import json

    from overturn.broker.offset_range import Wanted

    first, last, day = (moment.date() if moment else None for moment in (since, until, as_of))
    wanted = Wanted(topic, partition, from_offset, to_offset, since=first, until=last)
    _refuse_mixture(wanted)
    done = _replay(rules, wanted, as_of=day, shown=shown)
    if as_json:
        print(json.dumps(_document(done), indent=1, default=str))
    else:
        _print(done)


def _refuse_mixture(wanted: "Wanted") -> None:
    """Options that do not go together, before anything is read."""
    offsets = wanted.from_offset is not None or wanted.until_offset is not None
    if (offsets or wanted.partition is not None) and not wanted.topic:
        _end("Offsets and partitions are of a topic: name it with --topic.")
    if offsets and wanted.partition is None:
        _end("Offsets count within a partition: name it with --partition.")
    if offsets and (wanted.since or wanted.until):
        _end("Name either offsets or days.")


def _end(words: str) -> None:
    typer.echo(f"error: {words}", err=True)
    raise typer.Exit(FAILED)


def _replay(rules: Path, wanted: "Wanted", *, as_of: date | None, shown: int) -> "Replay | TopicReplay":
    from overturn.broker.offset_range import OffsetRangeError
    from overturn.broker.topic_state import KafkaUnreachableError
    from overturn.replay import Replaying
    from overturn.rule_sets import RulesInForce, with_own_windows
    from overturn.rulebook import load_rulebook

    tried = open_rulebook(rules)

    async def work(session: "AsyncSession") -> "Replay | TopicReplay":
        before = await RulesInForce(load_rulebook()).current(session)
        after = await with_own_windows(session, tried)
        replaying = Replaying(before=before, after=after, as_of=as_of, shown=shown)
        return await _take(session, replaying, wanted)

    return ask(work, OffsetRangeError, KafkaUnreachableError)


async def _take(session: "AsyncSession", replaying: "Replaying", wanted: "Wanted") -> "Replay | TopicReplay":
    from overturn.broker.offset_range import OffsetReader
    from overturn.replay import replay_record
    from overturn.settings import load_settings
    from overturn.topic_replay import find_ranges, replay_ranges

    if not wanted.topic:
        return await replay_record(session, replaying, since=wanted.since, until=wanted.until)
    reader = OffsetReader(load_settings().kafka_bootstrap_servers)
    ranges = find_ranges(reader, wanted)
    for span in ranges:
        if span.older_gone:
            typer.echo(
                f"note: partition {span.partition} begins with offset {span.begin}; what was before is no "
                "longer kept. Without --topic everything is read from the record.",
                err=True,
            )
    return await replay_ranges(session, reader, ranges, replaying)


def _document(done: "Replay | TopicReplay") -> dict[str, Any]:
    from overturn.replay import Replay

    if not isinstance(done, Replay):
        told = {"messages": done.messages, "unreadable": done.unreadable, "unknown": done.unknown}
        return _document(done.found) | told | {"ranges": [asdict(span) for span in done.ranges]}
    kinds = [
        {"what": what, "before": before, "after": after, "lines": lines}
        for (what, before, after), lines in sorted(done.kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    ]
    changes = [asdict(change) for change in done.changes]
    names = [name for name in done.__slots__ if name not in {"kinds", "changes"}]
    return {name: getattr(done, name) for name in names} | {"kinds": kinds, "changes": changes}


def _print(done: "Replay | TopicReplay") -> None:
    from overturn.replay import Replay

    if isinstance(done, Replay):
        _print_found(done)
        return
    for span in done.ranges:
        print(f"{span.topic}, partition {span.partition}: offsets {span.begin} to {span.end}")
    print(
        f"{done.messages:,} messages, {done.unreadable:,} of them unreadable; {done.unknown:,} answers "
        "are not in the record."
    )
    _print_found(done.found)


def _print_found(found: "Replay") -> None:
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
    from overturn.domain.codes import format_stake

    where = f"line {change.line}" if change.line else "whole claim"
    outcomes = [
        f"{o.category} / {o.action}, {format_stake(o.denied_amount, o.unpriced_amount)}, "
        f"due {o.due_on or 'unknown'} [{o.rule_id}]"
        if o
        else "none"
        for o in (change.before, change.after)
    ]
    return f"{change.patient_control_number or 'no control number'}  {where}: {outcomes[0]} -> {outcomes[1]}"
