"""What the words of a letter may not do is found before they are used, with its line."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overturn.letters import LetterError, draft_letter, letters_on_disk
from overturn.letters.lint import MOST_CHARACTERS, find_problems, sample_facts
from overturn.letters.templates import letter_templates
from overturn.paths import APPEAL_TEMPLATES
from tests.unit.letters.facts import CITATIONS, FULL

LETTERS = tuple(letters_on_disk())
SHIPPED = letter_templates(APPEAL_TEMPLATES)
LETTER = "bundling"
WORDS = SHIPPED.words(LETTER)
REQUEST = "{% block request %}\n"
FIRST_LINE = WORDS[: WORDS.index(REQUEST)].count("\n") + 2


def problems(words: str) -> list[str]:
    return [str(found) for found in find_problems(LETTER, words, citations=CITATIONS)]


def with_text(text: str) -> str:
    """The shipped letter with this at the start of its request, on line FIRST_LINE."""
    return WORDS.replace(REQUEST, f"{REQUEST}{text}\n")


def with_front(line: str, new: str) -> str:
    assert line in WORDS
    return WORDS.replace(line, new)


@pytest.mark.parametrize("letter", LETTERS)
def test_every_shipped_letter_passes(letter: str) -> None:
    assert find_problems(letter, SHIPPED.words(letter), citations=CITATIONS) == ()


@pytest.mark.parametrize(
    "text",
    [
        "We ask you to pay.",
        "Plan of care: {% if facts.plan_of_care_on %}{{ facts.plan_of_care_on }}{% else %}none{% endif %}.",
        "{% for code in facts.diagnosis_codes %}{{ code }}{% if not loop.last %}, {% endif %}{% endfor %}",
        "{% for line in facts.lines %}{% for c in line.denial_codes %}{{ c.code }}{% endfor %}{% endfor %}",
        "{% if facts.enrolled_at_service is false %}Not yet.{% endif %}",
        "{% if facts.due_on and facts.due_on != facts.service_from %}To {{ facts.due_on }}{% endif %}",
        "[why the services were separate] and {# a note nobody sees #} more",
    ],
)
def test_what_a_letter_needs_to_say_passes(text: str) -> None:
    assert problems(with_text(text)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ facts.plan_of_care_om }}", "no fact 'plan_of_care_om' (did you mean 'plan_of_care_on'?)"),
        ("{{ claim }}", "'claim' is not known"),
        ("{{ facts.plan_of_care_on }}", "may be unknown: list it under 'needs'"),
        ("{{ facts.diagnosis_codes }}", "is a list: print it in {% for item in facts.diagnosis_codes %}"),
        ("{% if facts.trace_number %}", "This cannot be read"),
        ("{{ facts.denied_amount", "This cannot be read"),
        ("Under 42 CFR 405.942 you must.", "'CFR' names an authority in the text"),
        ("{% for x in facts.member_id %}{% endfor %}", "can only go through a list of facts"),
        ("{% for line in facts.lines %}{{ line.cost }}{% endfor %}", "A line or code has no 'cost'"),
        ("{% for line in facts.lines %}{{ line }}{% endfor %}", "The letter cannot be written"),
        ("{{ facts }}", "Only a fact can be printed"),
        ("{{ 'words' }}", "Only a fact can be printed"),
    ],
)
def test_a_slip_is_named_with_its_line(text: str, said: str) -> None:
    found = problems(with_text(text))
    assert any(said in one for one in found), found
    assert found[0].startswith(f"Line {FIRST_LINE}: ") or "cannot be read" in found[0]


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ facts.__class__.__init__ }}",
        "{{ facts.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__ }}",
        "{{ facts['__class__'] }}",
        "{{ facts|attr('__class__') }}",
        "{{ facts.member_id|upper }}",
        "{{ facts.update({}) }}",
        "{{ range(10 ** 9)|list }}",
        "{{ 'a' * 10 ** 9 }}",
        "{% for x in range(10 ** 9) %}{% endfor %}",
        "{% for x in 'abc' %}{% endfor %}",
        "{% for x in facts.lines recursive %}{{ loop(x) }}{% endfor %}",
        "{% for facts in facts.lines %}{{ facts }}{% endfor %}",
        "{% for a, b in facts.lines %}{% endfor %}",
        "{% set x = 1 %}",
        "{% set x %}a{% endset %}",
        "{% with x = facts %}{% endwith %}",
        "{% macro m() %}{{ m() }}{% endmacro %}",
        "{% call m() %}{% endcall %}",
        "{% filter upper %}x{% endfilter %}",
        "{% include '/etc/hostname' %}",
        "{% include '_base/closing.md' %}",
        "{% import '_base/letter.md' as x %}",
        "{% from '_base/letter.md' import x %}",
        "{% extends '../../README.md' %}",
        "{% block other %}{% endblock %}",
        "{% if facts.member_id is callable %}{% endif %}",
        "{% if facts.member_id is divisibleby(0) %}{% endif %}",
        "{% if 10 ** 10 ** 10 > 1 %}{% endif %}",
        "{% if facts.member_id ~ facts.payer_name %}{% endif %}",
        "{% if lipsum %}{% endif %}",
        "{{ 1 if facts.member_id else 2 }}",
        "{{ loop.index }}",
        "{% for x in facts.lines %}{{ loop.cycle('a') }}{% endfor %}",
        "{% for x in facts.lines %}" * 3 + "{% endfor %}" * 3,
        "{{ title.__class__ }}",
        "{{ [].__class__ }}",
    ],
)
def test_an_attack_is_refused_with_its_line(attack: str) -> None:
    assert any(one.startswith(f"Line {FIRST_LINE}: ") for one in problems(with_text(attack)))


@pytest.mark.parametrize(
    "words",
    [
        with_text("{{ " + "(" * 9_000 + "1" + ")" * 9_000 + " }}"),
        with_text("{% if " + "not " * 4_000 + "facts.lines %}{% endif %}"),
        with_text("{% if facts.lines %}" * 500 + "{% endif %}" * 500),
        with_text("{% if " + " and ".join(["facts.lines"] * 1_200) + " %}{% endif %}"),
        with_text("x" * MOST_CHARACTERS),
        with_front("title: ", "a: [" + "[" * 9_000 + "\ntitle: "),
        with_front("title: ", "a: &a [1,1,1]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\ntitle: "),
    ],
)
def test_what_would_take_for_ever_is_refused_at_once(words: str) -> None:
    began = time.process_time()
    assert problems(words)
    assert time.process_time() - began < 5


def test_what_is_long_and_harmless_passes_as_fast() -> None:
    began = time.process_time()
    assert problems(with_text("{% if facts.lines %}" + "{% elif facts.lines %}" * 800 + "{% endif %}")) == []
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("line", "new", "said"),
    [
        ("---\ntitle", "title", "Line 1: The letter must begin with its front matter"),
        ("title: ", "title: {", "Line 3: The front matter cannot be read"),
        ("title: ", "title: 2026-99-99\nx: ", "Line 2: The front matter cannot be read"),
        ("title: ", "colour: red\ntitle: ", "Line 2: 'colour' in the front matter cannot be used"),
        ("levels: [0, 1]", "levels: [0, 1, 2]", "Line 5: 'levels' must stay as shipped"),
        ("levels: [0, 1]", "levels: often", "Line 5: 'levels' in the front matter cannot be used"),
        ("ncci_edits", "my_uncle", "'my_uncle' is not in rules/citations.csv"),
        ("  separate_service_reason: ", "  shoe_size: ", "Line 7: 'shoe_size' is not a fact"),
        ("  separate_service_reason: why", "  separate_service_reason: '[why'\n  #", "must be plain"),
        ("title: Request", "title: '{{ 7 * 7 }}' #", "The title must be plain"),
        ('{% extends "_base/letter.md" %}', "", 'must begin with {% extends "_base/letter.md" %}'),
        ('{% extends "_base/letter.md" %}', '{% extends "units/letter.md" %}', "can be extended"),
        ("{% block ask %}", "Lost words.\n{% block ask %}", "stands outside the blocks"),
        ("{% block ask %}", "{% block wish %}", "The block 'ask' is missing"),
    ],
)
def test_the_frame_of_a_letter_is_checked(line: str, new: str, said: str) -> None:
    found = problems(with_front(line, new))
    assert any(said in one for one in found), found


def test_a_letter_that_does_not_exist_cannot_be_edited() -> None:
    with pytest.raises(LetterError, match="There is no letter called"):
        find_problems("no_such_letter", WORDS, citations=CITATIONS)


def test_edited_words_make_the_letter_and_another_version() -> None:
    words = with_text("Our own words come first.")
    made = draft_letter(LETTER, FULL, citations=CITATIONS, words=words)
    shipped = draft_letter(LETTER, FULL, citations=CITATIONS)
    assert "Our own words come first." in made.markdown
    assert "Our own words" not in shipped.markdown
    assert made.template_version != shipped.template_version


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_check(text: str) -> None:
    found = find_problems(LETTER, with_text(text), citations=CITATIONS)
    if not found:
        for known in (True, False):
            draft_letter(LETTER, sample_facts(known=known), citations=CITATIONS, words=with_text(text))


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "{{",
                "}}",
                "{%",
                "%}",
                " if ",
                " for x in ",
                "facts.lines",
                "facts.",
                "endif",
                "endfor",
                "block request",
                "(",
                ")",
                "|",
                ".__class__",
                " x ",
                "\n",
            ]
        ),
        max_size=25,
    )
)
def test_no_rubble_of_a_template_breaks_the_check(pieces: list[str]) -> None:
    find_problems(LETTER, with_text("".join(pieces)), citations=CITATIONS)
