"""`overturn edits`: whether procedures of one day are paid together, and how many units of each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from overturn.cli.tables import reference_tables

if TYPE_CHECKING:
    from overturn.domain.edit_pairs import LimitAnswer, PairAnswer, PairEdit, TableSource
    from overturn.domain.payers import PayerContext

UNKNOWN = 1
CODE_LENGTH = 5


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("edits")(answer_edits)


def answer_edits(
    codes: Annotated[
        list[str], typer.Argument(metavar="CODE...", help="Procedures of one day, as 97162 97140.")
    ],
    *,
    on: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Date of service.")],
    payer: Annotated[
        str | None, typer.Option(help="Payer key of rules/payers.csv, or its name; Medicare when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """NCCI edits and unit limits (MUE) for procedures of one day. Ends with 1 where no table has them."""
    from overturn.reference import load_edit_tables
    from overturn.settings import reference_folder

    asked, day = _codes(codes), on.date()
    with reference_tables():
        tables, context = load_edit_tables(reference_folder()), payer_context(payer)
        answer = _Answer(
            day,
            asked,
            tuple(tables.verdicts(asked, day, context)),
            tuple(tables.limit(code, day, context) for code in asked),
        )
    _print(answer, as_json=as_json)
    if answer.unknown:
        raise typer.Exit(UNKNOWN)


def payer_context(payer: str | None) -> "PayerContext | None":
    """A payer as billers name it, with what the rules know of it; None stands for Medicare."""
    if payer is None:
        return None
    from overturn.cli.rulebook import DEFAULT_RULES
    from overturn.domain.payers import PayerContext
    from overturn.rulebook.payers import load_payers

    known = load_payers(DEFAULT_RULES).find(payer)
    if known is None:
        business = "Medicaid" if payer.casefold() == "medicaid" else None
        return PayerContext(payer, payer, business)
    return PayerContext(known.key, known.name, known.line_of_business, known.state)


@dataclass(frozen=True, slots=True)
class _Answer:
    on: date
    codes: tuple[str, ...]
    pairs: tuple["PairAnswer", ...]
    limits: tuple["LimitAnswer", ...]

    @property
    def parts(self) -> "tuple[PairAnswer | LimitAnswer, ...]":
        return (*self.pairs, *self.limits)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(pair.unknown for pair in self.pairs if pair.unknown)

    @property
    def gravest(self) -> "PairAnswer | None":
        """The pair that the verdict is about. An unknown pair leaves the verdict open, unless another already
        forbids the codes together."""
        from overturn.domain.edit_pairs import Verdict

        decided = self.pairs[0] if self.pairs else None
        unknown = next((pair for pair in self.pairs if pair.verdict is None), None)
        if unknown and decided and decided.verdict is not Verdict.NEVER_TOGETHER:
            return unknown
        return decided

    @property
    def notes(self) -> list[str]:
        found = [note for answer in self.parts for note in answer.notes]
        return list(dict.fromkeys(found))

    def document(self) -> dict[str, Any]:
        from overturn.domain.edit_pairs import Verdict

        gravest = self.gravest
        source = gravest.source if gravest else next((a.source for a in self.limits if a.source), None)
        verdict = gravest.verdict if gravest else Verdict.BILLABLE_TOGETHER
        return {
            "date": self.on.isoformat(),
            "codes": list(self.codes),
            "edit": _edit(gravest.edit) if gravest else None,
            "verdict": verdict,
            "mue": {answer.hcpcs: _limit(answer) for answer in self.limits},
            "source": source.name if source else None,
            "quarter": source.quarter if source else None,
            "stale": any(answer.stale for answer in self.parts),
            "pairs": [_pair(pair) for pair in self.pairs],
            "notes": self.notes,
            **({"unknown": list(self.unknown)} if self.unknown else {}),
        }


def _codes(texts: list[str]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(text.strip().upper() for text in texts))
    for code in codes:
        if len(code) != CODE_LENGTH or not (code.isascii() and code.isalnum()):
            reason = f"{code!r} is no procedure code: write five letters or digits, as 97162"
            raise typer.BadParameter(reason, param_hint="CODE")
    return codes


def _edit(edit: "PairEdit | None") -> dict[str, Any] | None:
    if edit is None:
        return None
    return {
        "column1": edit.column1,
        "column2": edit.column2,
        "modifier_indicator": edit.modifier_indicator,
        "effective_on": edit.effective_on.isoformat() if edit.effective_on else None,
        "deleted_on": edit.deleted_on.isoformat() if edit.deleted_on else None,
    }


def _pair(answer: "PairAnswer") -> dict[str, Any]:
    return {
        "codes": list(answer.codes),
        "verdict": answer.verdict,
        "edit": _edit(answer.edit),
        "history": [_edit(edit) for edit in answer.history],
        **_source(answer.source, stale=answer.stale),
    }


def _limit(answer: "LimitAnswer") -> dict[str, Any] | None:
    if answer.limit is None:
        return None
    return {
        "value": answer.limit.units,
        "adjudication_indicator": answer.limit.adjudication_indicator,
        **_source(answer.source, stale=answer.stale),
    }


def _source(source: "TableSource | None", *, stale: bool) -> dict[str, Any]:
    if source is None:
        return {"source": None, "quarter": None, "stale": stale}
    return {"source": source.name, "quarter": source.quarter, "stale": stale}


def _print(answer: _Answer, *, as_json: bool) -> None:
    import json

    if as_json:
        print(json.dumps(answer.document(), indent=1))
        return
    for pair in answer.pairs:
        print(_sentence(pair))
    for limit in answer.limits:
        print(_limit_sentence(limit))
    for source in dict.fromkeys(a.source.name for a in answer.parts if a.source):
        print(f"From: {source}")
    for note in answer.notes:
        print(f"Mind: {note}")


def _sentence(answer: "PairAnswer") -> str:
    from overturn.domain.edit_pairs import Verdict

    first, second = answer.codes
    if answer.verdict is None:
        return f"{first} with {second}: unknown; {answer.unknown}."
    if answer.edit is None:
        return f"{first} with {second}: no active edit, both are billed without an NCCI modifier."
    columns = f"{answer.edit.column1} is column 1, {answer.edit.column2} is column 2"
    if answer.verdict is Verdict.NEVER_TOGETHER:
        return f"{first} with {second}: never paid together, no modifier helps ({columns} and is denied)."
    return (
        f"{first} with {second}: paid together with an NCCI modifier (59, XE, XS, XP, XU) where they were "
        f"distinct ({columns})."
    )


def _limit_sentence(answer: "LimitAnswer") -> str:
    if answer.limit is None:
        return f"{answer.hcpcs}: no unit limit at hand."
    units = "1 unit" if answer.limit.units == 1 else f"{answer.limit.units} units"
    if answer.limit.absolute:
        return f"{answer.hcpcs}: at most {units} a day, by policy; no appeal raises it (MAI 2)."
    if answer.limit.adjudication_indicator == "1":
        return f"{answer.hcpcs}: at most {units} on one line (MAI 1)."
    return f"{answer.hcpcs}: at most {units} a day, more only with records (MAI 3)."
