"""The letters themselves: their words, what they lack, and what a template may not do."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.appeals import DenialCode, LetterFacts
from overturn.letters import Ground, LetterError, draft_letter, letters_on_disk
from overturn.letters.markdown import Paragraph, Run, Table, parse
from overturn.letters.templates import escape
from overturn.paths import APPEAL_TEMPLATES
from tests.unit.letters.facts import CASES, CITATIONS, FULL, MINIMAL, draft, full_facts
from tests.unit.letters.snapshots import SNAPSHOTS, snapshot

LETTERS = tuple(letters_on_disk())
OPTIONAL_FACTS = tuple(
    name for name, field in LetterFacts.model_fields.items() if not field.is_required() and name != "sources"
)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder of letters that a test may spoil."""
    return shutil.copytree(APPEAL_TEMPLATES, tmp_path / "appeals")


def spoil(folder: Path, body: str, *, needs: str = "{}") -> None:
    front = f"title: T\ncategories: [other]\nactions: [appeal]\nlevels: [1]\nneeds: {needs}"
    (folder / "general" / "letter.md").write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("letter", LETTERS)
def test_each_letter_reads_as_its_committed_snapshot(letter: str, case: str) -> None:
    assert draft(letter, full_facts(letter, case)).markdown == snapshot(letter, case).read_text(
        encoding="utf-8"
    )


def test_there_is_no_snapshot_without_a_letter() -> None:
    assert set(SNAPSHOTS.iterdir()) == {snapshot(letter, case) for letter in LETTERS for case in CASES}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_with_all_facts_has_no_blank(letter: str, case: str) -> None:
    assert draft(letter, full_facts(letter, case)).missing_facts == ()


@pytest.mark.parametrize("letter", LETTERS)
def test_every_need_that_is_not_known_is_listed_and_stands_in_the_text(letter: str) -> None:
    made = draft(letter, MINIMAL)
    needs = set(letters_on_disk()[letter].needs.values())
    if letter == "credentialing":  # asked for only once an effective date after the service is known
        needs.remove("why the enrollment should take effect by the date of service")
    assert needs <= set(made.missing_facts)
    assert "member ID" in made.missing_facts
    assert all(f"[{label}]" in made.markdown for label in made.missing_facts)


@pytest.mark.parametrize("letter", LETTERS)
def test_any_fact_can_be_missing_and_any_can_be_the_only_one(letter: str) -> None:
    for name in OPTIONAL_FACTS:
        empty = LetterFacts.model_fields[name].default
        assert draft(letter, FULL.model_copy(update={name: empty})).markdown
        assert draft(letter, MINIMAL.model_copy(update={name: getattr(FULL, name)})).markdown


def test_a_medicare_rule_is_cited_to_medicare_only() -> None:
    assert "405.980(a)(3)" in draft("kx_reopening", FULL).markdown
    assert "405.980(a)(3)" not in draft("kx_reopening", MINIMAL).markdown


def test_an_enrollment_after_the_service_asks_for_an_earlier_one_instead_of_contradicting_itself() -> None:
    made = draft("credentialing", FULL.model_copy(update={"enrolment_effective_on": date(2024, 8, 1)}))
    assert made.missing_facts == ("why the enrollment should take effect by the date of service",)
    assert "as of the date of service" in made.markdown


def test_a_claim_denied_as_a_whole_shows_its_codes_instead_of_an_empty_table() -> None:
    codes = (DenialCode(code="CO-252", label="Records needed"), DenialCode(code="M127"))
    made = draft("documentation", FULL.model_copy(update={"lines": (), "denial_codes": codes}))
    assert "The decision concerns the claim as a whole, with the codes CO-252, M127." in made.markdown
    assert "- CO-252: Records needed\n" in made.markdown
    assert "| Date |" not in made.markdown


def test_a_blank_value_counts_as_missing() -> None:
    made = draft("general", FULL.model_copy(update={"member_id": " ", "payer_address": ()}))
    assert made.missing_facts == ("payer's address for appeals", "member ID")


def test_the_title_names_the_claim_the_payer_knows() -> None:
    assert draft("general", FULL).title == "Request for reconsideration, claim 2024199000417"
    assert draft("general", MINIMAL).title == "Request for reconsideration"


def test_an_undefined_variable_names_letter_and_line(broken: Path) -> None:
    spoil(broken, "first\n\n{{ facts.no_such_fact }}")
    with pytest.raises(LetterError, match=r"Letter 'general', general/letter.md line 10: .*no_such_fact"):
        draft_letter("general", FULL, citations=CITATIONS, templates_dir=broken)


def test_an_unknown_fact_that_is_printed_without_being_needed_names_letter_and_line(broken: Path) -> None:
    spoil(broken, "{{ facts.trace_number }}")
    with pytest.raises(LetterError, match=r"Letter 'general', general/letter.md line 8: .*known fact"):
        draft_letter("general", MINIMAL, citations=CITATIONS, templates_dir=broken)


def test_a_syntax_error_names_letter_and_line(broken: Path) -> None:
    spoil(broken, "text\n{% if %}")
    with pytest.raises(LetterError, match=r"Letter 'general', general/letter.md line 9"):
        draft_letter("general", FULL, citations=CITATIONS, templates_dir=broken)


def test_a_blank_cannot_be_lost_in_other_text(broken: Path) -> None:
    spoil(broken, '{{ "Trace " ~ facts.trace_number }}', needs="{trace_number: trace number}")
    with pytest.raises(LetterError, match="'trace number' must be printed alone"):
        draft_letter("general", MINIMAL, citations=CITATIONS, templates_dir=broken)


def test_a_need_that_is_no_fact_is_refused(broken: Path) -> None:
    spoil(broken, "text", needs="{shoe_size: shoe size}")
    with pytest.raises(LetterError, match="shoe_size"):
        draft_letter("general", FULL, citations=CITATIONS, templates_dir=broken)


def test_a_letter_without_front_matter_is_refused(broken: Path) -> None:
    (broken / "general" / "letter.md").write_text("text", encoding="utf-8")
    with pytest.raises(LetterError, match=r"general/letter.md must begin with its front matter"):
        draft_letter("general", FULL, citations=CITATIONS, templates_dir=broken)


@pytest.mark.parametrize("letter", ["no_such_letter", "_base", "../appeals/general", ""])
def test_only_a_letter_on_disk_can_be_drafted(letter: str) -> None:
    with pytest.raises(LetterError, match="There is no letter called"):
        draft(letter, FULL)


@pytest.mark.parametrize(
    "escape_attempt",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ facts.__class__.__init__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ ''.format.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ facts.lines.append(1) }}",
        "{{ facts.update({}) }}",
        "{% include '/etc/hostname' %}",
        "{% include '../../../README.md' %}",
    ],
)
def test_a_template_cannot_leave_the_sandbox(broken: Path, escape_attempt: str) -> None:
    spoil(broken, escape_attempt)
    with pytest.raises(LetterError, match=r"general/letter.md line 8"):
        draft_letter("general", FULL, citations=CITATIONS, templates_dir=broken)


def test_the_version_changes_with_the_words_of_the_letter_and_of_its_base(tmp_path: Path) -> None:
    folders = [shutil.copytree(APPEAL_TEMPLATES, tmp_path / name) for name in ("same", "words", "base")]
    for path in (folders[1] / "general" / "letter.md", folders[2] / "_base" / "closing.md"):
        path.write_text(path.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    versions = [
        draft_letter("general", FULL, citations=CITATIONS, templates_dir=folder).template_version
        for folder in folders
    ]
    assert versions[0] == draft("general", FULL).template_version
    assert len(set(versions)) == 3


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Co", "Cn"))))
def test_an_escaped_value_reads_back_as_the_same_line_of_text(value: str) -> None:
    line = " ".join(value.split())
    runs = (Run(line),) if line else ()
    assert parse(escape(value)).body == ((Paragraph(runs),) if line else ())
    (table,) = parse(f"| a | b |\n|---|---|\n| {escape(value)} | x |").body
    assert isinstance(table, Table)
    assert table.rows == ((runs, (Run("x"),)),)


def test_a_letter_says_which_facts_it_used_and_where_each_stands() -> None:
    sources = {**FULL.sources, "skilled_need": "plan of care of June 24, 2024"}
    made = draft("documentation", FULL.model_copy(update={"sources": sources}))
    grounds = {ground.fact: ground for ground in made.grounds}
    assert grounds["skilled_need"] == Ground(
        "skilled_need", str(FULL.skilled_need), "plan of care of June 24, 2024"
    )
    assert "authorization_number" not in grounds  # known, but not what this letter rests on


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_that_knows_nothing_rests_on_nothing(letter: str) -> None:
    assert draft(letter, MINIMAL).grounds == ()


def test_a_letter_that_cites_what_is_not_in_the_table_is_refused(broken: Path) -> None:
    path = broken / "general" / "letter.md"
    path.write_text(path.read_text(encoding="utf-8").replace("needs:", "citations: [my_uncle]\nneeds:"))
    with pytest.raises(LetterError, match=r"Letter 'general': The letter cites my_uncle, which rules/"):
        draft_letter("general", FULL, citations=CITATIONS, templates_dir=broken)


@pytest.mark.parametrize("letter", LETTERS)
def test_every_citation_is_in_the_table(letter: str) -> None:
    assert set(letters_on_disk()[letter].citations) <= CITATIONS.keys()


@pytest.mark.parametrize("path", sorted(APPEAL_TEMPLATES.rglob("*.md")), ids=lambda path: path.parent.name)
def test_no_letter_names_an_authority_past_the_table(path: Path) -> None:
    named = re.findall(
        r"\bCFR\b|\bU\.?S\.?C\b|Pub\. 100|Social Security Act|Manual|Transmittal", path.read_text("utf-8")
    )
    assert not named


def test_the_reviewer_is_told_which_citation_nobody_looked_up() -> None:
    confidences = {c.key: c.confidence for c in draft("kx_reopening", FULL).citations}
    assert confidences["clerical_error"] == "high"
    assert confidences["clerical_error_any_time"] == "unverified"


@pytest.mark.parametrize("letter", LETTERS)
def test_what_has_no_price_is_a_blank_and_not_zero(letter: str) -> None:
    facts = full_facts(letter)
    lines = tuple(line.model_copy(update={"denied_amount": None}) for line in facts.lines)
    made = draft(letter, facts.model_copy(update={"denied_amount": None, "lines": lines}))
    assert made.missing_facts == ("amount in question, which the remittance does not tell",)
    assert "| without a price |" in made.markdown
