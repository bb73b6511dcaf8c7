"""`overturn cases stuck`: cases whose next step nobody will take by itself.

With `--json` it answers a list; each has `case_id` (null for a request for records, which has `request_id`,
and for a recoupment, which has `recoupment_id`), `status` (null where the record has no such case), `since`
(null where it is not known) and `problem`.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from overturn.cli.database import ask

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from overturn.reporting.stuck import StuckCase, StuckRecoupment, StuckRequest

FOUND = 1
NO_WORKFLOW = "it is open and has no workflow; the case worker starts one within ten minutes"
NOT_TOLD = "it is closed and its workflow runs on; the case worker tells it within ten minutes"
NO_CASE = "a workflow runs for a case that this database does not have"


def register(app: typer.Typer) -> None:
    """Add the `cases` commands."""
    cases = typer.Typer(help="Cases and their workflows.", no_args_is_help=True)
    cases.command("stuck")(stuck)
    # With a single command Typer would drop its name from the command line.
    cases.callback()(lambda: None)
    app.add_typer(cases, name="cases")


def stuck(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """List cases that will not go on by themselves. Ends with 1 where there are any."""
    import json

    from overturn.temporal.client import TemporalUnreachableError

    found = ask(_find, TemporalUnreachableError)
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        _print(found)
    raise typer.Exit(FOUND if found else 0)


async def _find(session: "AsyncSession") -> list[dict[str, str | None]]:
    from overturn.domain.strays import find_strays
    from overturn.reporting.stuck import every_case, stuck_cases, stuck_recoupments, stuck_requests
    from overturn.settings import load_settings
    from overturn.temporal.case_runs import is_running, running_cases
    from overturn.temporal.client import connect

    now = datetime.now(UTC)
    client = await connect(load_settings())
    found = [_row(case) for case in await stuck_cases(session, now=now)]
    found += [_request_row(request) for request in await stuck_requests(session, now=now)]
    found += [_recoupment_row(demand) for demand in await stuck_recoupments(session, now=now)]
    strays = find_strays(await every_case(session, now=now), await running_cases(client))
    lost = [case_id for case_id in strays.without_workflow if not await is_running(client, case_id)]
    found += [_stray(case_id, "open", NO_WORKFLOW) for case_id in sorted(map(str, lost))]
    found += [_stray(case_id, "resolved", NOT_TOLD) for case_id in sorted(map(str, strays.ended))]
    found += [_stray(case_id, None, NO_CASE) for case_id in sorted(map(str, strays.unknown))]
    return found


def _row(case: "StuckCase") -> dict[str, str | None]:
    return {
        "case_id": str(case.case_id),
        "status": case.status,
        "since": case.since.isoformat(),
        "problem": case.problem,
    }


def _request_row(request: "StuckRequest") -> dict[str, str | None]:
    return {
        "case_id": None,
        "request_id": str(request.request_id),
        "status": request.status,
        "since": request.since.isoformat(),
        "problem": request.problem,
    }


def _recoupment_row(recoupment: "StuckRecoupment") -> dict[str, str | None]:
    return {
        "case_id": None,
        "recoupment_id": str(recoupment.recoupment_id),
        "status": recoupment.status,
        "since": recoupment.since.isoformat(),
        "problem": recoupment.problem,
    }


def _stray(case_id: str, status: str | None, problem: str) -> dict[str, str | None]:
    return {"case_id": case_id, "status": status, "since": None, "problem": problem}


def _print(found: list[dict[str, str | None]]) -> None:
    for case in found:
        since = f" since {case['since'][:16].replace('T', ' ')} UTC" if case["since"] else ""
        print(f"{_page(case)}: {case['problem']}{since}.")
    if found:
        print(f"{len(found)} stuck. What to do: docs/runbooks/a-case-is-stuck.md")
    else:
        print("No case is stuck.")


def _page(found: dict[str, str | None]) -> str:
    if found["case_id"]:
        return f"/cases/{found['case_id']}"
    if "request_id" in found:
        return f"/records/{found['request_id']}"
    return f"/recoupments/{found['recoupment_id']}"
