"""`overturn price`: what Medicare allows and pays for one day's therapy, each step shown."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.tables import reference_tables

if TYPE_CHECKING:
    from overturn.domain.visit import GivenVisit

UNKNOWN = 1


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("price")(price)


def price(
    visit: Annotated[
        Path | None, typer.Argument(metavar="VISIT.json", help="A visit in JSON; - reads standard input.")
    ] = None,
    *,
    hcpcs: Annotated[str | None, typer.Option(help="One procedure instead of a file.")] = None,
    units: Annotated[int, typer.Option(help="Units of it.")] = 1,
    modifier: Annotated[list[str] | None, typer.Option(help="As CQ; may be repeated.")] = None,
    locality: Annotated[str | None, typer.Option(help="As CA 01182-18, OHIO, or National.")] = None,
    on: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Of service.")] = None,
    deductible_left: Annotated[str, typer.Option(help="Of the patient's, in dollars.")] = "0.00",
    qualifying_apm: Annotated[
        bool, typer.Option("--qualifying-apm", help="The higher conversion factor of 2026.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Price a visit by Medicare's fee schedule. Ends with 1 where a figure is unknown."""
    if (visit is None) == (hcpcs is None):
        raise typer.BadParameter("name a file with a visit, or give --hcpcs and the rest, one of the two")
    if visit is not None:
        document = _read(visit)
    else:
        line = {"hcpcs": hcpcs, "units": units, "modifiers": modifier or []}
        document = {
            "date": on.date() if on else None,
            "locality": locality,
            "deductible_left": deductible_left,
            "qualifying_apm": qualifying_apm,
            "lines": [line],
        }
    _answer(_checked(document), as_json=as_json)


def _read(path: Path) -> Any:
    import json
    from decimal import Decimal

    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal)
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise typer.BadParameter(f"{path} is no JSON in UTF-8: {error}") from None


def _checked(document: Any) -> "GivenVisit":
    from pydantic import ValidationError

    from overturn.domain.visit import GivenVisit

    try:
        return GivenVisit.model_validate(document)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        sentences = (f"{_place(problem['loc'])}: {problem['msg']}" for problem in problems)
        raise typer.BadParameter("the visit cannot be priced as written. " + "; ".join(sentences)) from None


def _place(location: tuple[int | str, ...]) -> str:
    """`lines[0].units`, as the document has it."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).lstrip(".") or "the document"


def _answer(visit: "GivenVisit", *, as_json: bool) -> None:
    import json

    from overturn.reference.pricing import UnpriceableError, load_fee_tables, price_document
    from overturn.settings import reference_folder

    try:
        with reference_tables():
            answer = price_document(visit, load_fee_tables(reference_folder()))
    except UnpriceableError as error:
        if as_json:
            print(json.dumps({"medicare_payment_amount": None, "unknown": error.unknown}, indent=1))
        else:
            typer.echo("\n".join(error.unknown), err=True)
        raise typer.Exit(UNKNOWN) from None
    if as_json:
        print(json.dumps(answer, indent=1))
    else:
        _print(answer)


def _print(answer: dict[str, Any]) -> None:
    for line in answer["lines"]:
        print(line["hcpcs"])
        for step in line["steps"]:
            print(f"  {step}")
    print(f"Allowed {answer['allowed_amount']}: Medicare pays {answer['medicare_payment_amount']},")
    print(
        f"  the patient {answer['deductible_amount']} deductible, {answer['coinsurance_amount']} coinsurance,"
    )
    print(
        f"  assistant reduction {answer['assistant_reduction_amount']}, "
        f"sequestration {answer['sequestration_amount']}."
    )
    for source in answer["sources"]:
        stale = " (stale: the date lies outside the table's time)" if source["stale"] else ""
        print(f"From: {source['what']}: {source['source']}{stale}")
