"""What an appeal must enclose, by letter and payer, and what of it is there."""

from overturn.domain.checklist import RequiredDocument, Supplier, checklist


def row(document: str, **changes: str) -> RequiredDocument:
    given = {
        "title": document.title(),
        "supplied_by": Supplier.THERAPIST,
        "test": "t",
        "source": "s",
        **changes,
    }
    return RequiredDocument(document=document, **given)  # type: ignore[arg-type]


ROWS = (
    row("remittance", supplied_by=Supplier.SYSTEM),
    row("notes", letter="bundling"),
    row("notes", letter="bundling", payer_key="aetna", title="Aetna's own form"),
    row("evaluation", letter="medical_necessity"),
    row("other", category="coding"),
)


def titles(payer: str | None = None, letter: str = "bundling", category: str = "bundling") -> list[str]:
    found = checklist(ROWS, payer_key=payer, letter=letter, category=category, present=())
    return [asked.document.title for asked in found]


def test_a_document_is_asked_for_by_letter_or_category() -> None:
    assert titles() == ["Remittance", "Notes"]
    assert titles(letter="medical_necessity") == ["Remittance", "Evaluation"]
    assert titles(letter="general", category="coding") == ["Remittance", "Other"]


def test_a_payers_own_row_counts_before_the_one_for_any() -> None:
    assert titles("aetna") == ["Remittance", "Aetna's own form"]
    assert titles("cigna") == ["Remittance", "Notes"]


def test_what_is_there_is_said() -> None:
    found = checklist(ROWS, payer_key=None, letter="bundling", category="bundling", present={"notes"})
    assert [(asked.document.document, asked.present) for asked in found] == [
        ("remittance", False),
        ("notes", True),
    ]
