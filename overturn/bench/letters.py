"""A letter from facts to PDF beside typst with the same page bare, and a package beside pypdf."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from importlib.metadata import version
from io import BytesIO
from statistics import median
from typing import Final

import typst
from pypdf import PdfWriter

from overturn.bench.figure import Figure, compare
from overturn.bench.outcome import Outcome
from overturn.domain.appeal_package import AppealPackage, Cover, Document
from overturn.domain.appeals import GIVEN, MEDICARE, DenialCode, LetterFacts, LetterLine
from overturn.domain.citations import Citation
from overturn.letters import draft_letter, render_pdf
from overturn.letters.markdown import (
    Block,
    Cell,
    Heading,
    ListBlock,
    Paragraph,
    Rule,
    Signature,
    Table,
    parse,
)
from overturn.letters.pdf import embedded_fonts
from overturn.packages import build_package
from overturn.paths import RULES
from overturn.rulebook.citations import load_citations

UNIT: Final = "CPU milliseconds"
LETTER_ON: Final = date(2026, 3, 16)
EXHIBITS: Final = 20
PAGES_AN_EXHIBIT: Final = 11
BARE_SETUP: Final = (
    '#set document(title: "Appeal")\n#set text(font: "Libertinus Serif", size: 10.5pt, lang: "en")\n'
    '#set page(paper: "us-letter", margin: 1in, footer: context [Page #counter(page).display() of '
    "#counter(page).final().first()])\n"
)


def bench_letters(runs: int) -> Outcome:
    """Each run is of another claim, as typst remembers what it has typeset before."""
    citations = load_citations(RULES)
    ours: list[float] = []
    bare: list[float] = []
    for number in range(runs + 1):
        facts = _facts(number)
        source = _bare(draft_letter("medical_necessity", facts, citations=citations).markdown)
        bare.append(_milliseconds(partial(_typeset, source)))
        ours.append(_milliseconds(partial(_letter, facts, citations)))
    outcome = Outcome()
    versions = {name: version(name) for name in ("typst", "pypdf")}
    outcome.figures.append(
        compare(
            "draft and PDF of a letter",
            UNIT,
            ours[1:],  # the first one reads fonts and templates
            bare[1:],
            baseline_name="typst, the same page bare",
            versions=versions,
        )
    )
    outcome.figures.append(_package(runs, citations, versions))
    first, later = ours[0], median(ours[1:])
    outcome.notes.append(f"first letter of a process: {first:.0f} ms of CPU; later ones {later:.0f} ms")
    return outcome


def _package(runs: int, citations: dict[str, Citation], versions: dict[str, str]) -> Figure:
    ours: list[float] = []
    joined: list[float] = []
    for number in range(runs):
        package = _sample_package(number, citations)
        joined.append(_milliseconds(partial(_joined, package)))
        ours.append(_milliseconds(partial(build_package, package)))
    return compare(
        f"package, {EXHIBITS} exhibits of {PAGES_AN_EXHIBIT} pages",
        UNIT,
        ours,
        joined,
        baseline_name="pypdf, joined only",
        versions=versions,
    )


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def _letter(facts: LetterFacts, citations: dict[str, Citation]) -> bytes:
    draft = draft_letter("medical_necessity", facts, citations=citations)
    return render_pdf(draft.markdown, title=draft.title, dated_on=LETTER_ON)


def _facts(number: int) -> LetterFacts:
    codes = (DenialCode(code="CO-50", label="Not deemed medically necessary"),)
    line = LetterLine(
        procedure="97110",
        modifiers=("GP",),
        units=Decimal(2),
        service_on=date(2026, 2, 3),
        charge_amount=Decimal("120.00"),
        paid_amount=Decimal("0.00"),
        denied_amount=Decimal("120.00"),
        denial_codes=codes,
    )
    return LetterFacts(
        letter_on=LETTER_ON,
        payer_scope=MEDICARE,
        denied_amount=Decimal("240.00"),
        lines=(line, line),
        sources=dict.fromkeys(LetterFacts.model_fields.keys() - GIVEN, "generated"),
        practice_name="Specimen Practice",
        practice_npi="2999000012",
        practice_address=("12 Bramblegate Lane", "Springfield, OH 45501"),
        practice_phone="(555) 010-0142",
        signer_name="Robin Vale",
        signer_title="Billing Manager",
        payer_name="Specimen Contractor",
        payer_address=("Appeals", "P.O. Box 1000", "Columbus, OH 43004"),
        patient_name=f"Specimen Patient {number}",
        patient_born_on=date(1951, 2, 14),
        member_id=f"9ZZ{number:08}",
        diagnosis_codes=("M54.50", "R26.89"),
        payer_claim_control_number=f"22{number:011}",
        service_from=date(2026, 2, 3),
        remittance_on=date(2026, 2, 20),
        trace_number="EFT0004417",
        plan_of_care_on=date(2026, 1, 20),
        certifying_name="Specimen Physician",
        skilled_need="Gait was unsafe on stairs, and a therapist had to set each session's load.",
        functional_progress="The timed up and go test fell from 21 to 13 seconds.",
    )


def _sample_package(number: int, citations: dict[str, Citation]) -> AppealPackage:
    facts = _facts(number)
    draft = draft_letter("medical_necessity", facts, citations=citations)
    exhibits = tuple(_document(f"{number}-{position}") for position in range(EXHIBITS))
    cover = Cover(("Specimen Practice",), ("Appeals", "P.O. Box 1000"), (("Claim", str(number)),))
    return AppealPackage(str(number), draft.title, LETTER_ON, cover, draft.markdown, exhibits)


def _document(name: str) -> Document:
    page = f"{name} #lorem(300)"
    source = BARE_SETUP + "\n#pagebreak()\n".join([page] * PAGES_AN_EXHIBIT)
    return Document(name, _typeset(source, accessible=False), PAGES_AN_EXHIBIT)


def _joined(package: AppealPackage) -> bytes:
    writer = PdfWriter()
    for exhibit in package.exhibits:
        if isinstance(exhibit, Document):
            writer.append(BytesIO(exhibit.pdf))
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def _typeset(source: str, *, accessible: bool = True) -> bytes:
    return typst.compile(
        source.encode(),
        format="pdf",
        font_paths=embedded_fonts(),
        pdf_standards=["ua-1", "a-2a"] if accessible else [],
        timestamp=0,
    )


def _bare(markdown: str) -> str:
    """The letter's words as plain typst source, without templates, data or looks of ours."""
    letter = parse(markdown)
    return BARE_SETUP + "\n\n".join(_source(letter.letterhead)) + "\n\n" + "\n\n".join(_source(letter.body))


def _source(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Heading():
                yield f"#heading(level: 1)[{_words(block.runs)}]"
            case Paragraph():
                yield _words(block.runs)
            case Rule() | Signature():
                yield "#line(length: 50%)"
            case Table():
                cells = [cell for row in (block.header, *block.rows) for cell in row]
                body = ", ".join(f"[{_words(cell)}]" for cell in cells)
                yield f"#table(columns: {len(block.aligns)}, {body})"
            case ListBlock():
                yield "#list(" + ", ".join(f"[{' '.join(_source(item))}]" for item in block.items) + ")"


def _words(runs: Cell) -> str:
    return " ".join("#linebreak()" if run.text == "\n" else f"#text({json.dumps(run.text)})" for run in runs)
