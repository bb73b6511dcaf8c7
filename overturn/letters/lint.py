"""What keeps the words of a letter from being used: every finding with its line, for whoever writes letters.

An edited letter may only do what is listed here, so that none can reach past its facts or run for long:
print facts, ask whether they are known, and go through a list of them. Whatever is not listed is refused.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml
from jinja2 import Environment, TemplateSyntaxError, nodes
from pydantic import ValidationError

from overturn.domain.appeals import GIVEN, MEDICARE, DenialCode, LetterFacts, LetterLine
from overturn.domain.citations import Citation
from overturn.letters.markdown import LetterError
from overturn.letters.templates import (
    BASE,
    FRONT_MATTER,
    FrontMatter,
    draft_letter,
    letter_templates,
    without_front_matter,
)
from overturn.paths import APPEAL_TEMPLATES

MOST_CHARACTERS: Final = 20_000
MOST_NESTED: Final = 60
"""Levels of the syntax tree; the shipped letters reach 12."""
MOST_LOOPS: Final = 2
MOST_BRACKETS: Final = 50
"""Of the front matter: PyYAML's time grows with the square of their depth."""
LONGEST_LABEL: Final = 120

PARENT: Final = f"{BASE}/letter.md"
BLOCKS: Final = ("request", "reasons", "ask", "enclosures")
FIXED: Final = ("categories", "actions", "levels", "causes", "payer_scope", "line_of_business")
"""Front matter that says what a letter is for: which one a denial gets is decided elsewhere."""
FACTS: Final = frozenset({*LetterFacts.model_fields, "enrolled_at_service"} - {"sources", "payer_scope"})
ALWAYS_KNOWN: Final = frozenset({"letter_on"})
LISTS: Final = frozenset(
    {"lines", "denial_codes", "practice_address", "payer_address", "diagnosis_codes", "evidence"}
    | {"separate_service_lines"}
)
PARTS: Final = frozenset({*LetterLine.model_fields, *DenialCode.model_fields})
LOOP_WORDS: Final = frozenset({"first", "last", "index"})
TESTS: Final = frozenset({"true", "false", "none"})
_SAMPLE_DAY: Final = date(2026, 1, 2)

_AUTHORITY = re.compile(r"\bCFR\b|\bU\.?S\.?C\b|Pub\. 100|Social Security Act|\bManual\b|\bTransmittal\b")
_LABEL = re.compile(r"[^\[\]{}|*_`<>\\\n]+")
_STRUCTURE = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If)
_LOGIC = (nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Const)
_REFUSED: Final[Mapping[type[nodes.Node], str]] = {
    nodes.Call: "Calling something",
    nodes.Filter: "A filter ('|')",
    nodes.Include: "Including another file",
    nodes.Import: "Importing another file",
    nodes.FromImport: "Importing another file",
    nodes.Macro: "A macro",
    nodes.CallBlock: "A macro call",
    nodes.FilterBlock: "A filter block",
    nodes.Assign: "'set'",
    nodes.AssignBlock: "'set'",
    nodes.Getitem: "Square brackets inside '{{ }}' or '{% %}'",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding; `line` counts from 1 in the whole text, front matter included."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


def find_problems(
    letter: str, words: str, *, citations: Mapping[str, Citation], templates_dir: Path = APPEAL_TEMPLATES
) -> tuple[Problem, ...]:
    """What must change before these words can stand in for the letter's shipped file; () means nothing.

    Raises LetterError where there is no letter of that name.
    """
    shipped = letter_templates(templates_dir)
    fixed = shipped.front_matter(letter)
    if len(words) > MOST_CHARACTERS:
        return (
            Problem(1, f"The letter has {len(words):,} characters; at most {MOST_CHARACTERS:,} are taken."),
        )
    match = FRONT_MATTER.match(words)
    if not match:
        return (Problem(1, "The letter must begin with its front matter between two lines '---'."),)
    front = _Front(match[1])
    body = _Body(words, known={*shipped.base_needs, *front.needs()})
    found = {*front.problems(fixed, citations), *body.problems()}
    return tuple(sorted(found or _trial_problems(letter, words, citations, templates_dir)))


def _trial_problems(
    letter: str, words: str, citations: Mapping[str, Citation], templates_dir: Path
) -> Iterator[Problem]:
    """What only writing the letter shows: once with every fact known, once with none."""
    try:
        for facts in (sample_facts(known=True), sample_facts(known=False)):
            draft_letter(letter, facts, citations=citations, templates_dir=templates_dir, words=words)
    except LetterError as error:
        place = re.search(r"/letter\.md line (\d+): ", str(error))
        message = str(error)[place.end() :] if place else str(error)
        yield Problem(int(place[1]) if place else 1, f"The letter cannot be written: {message}")
    except (RecursionError, MemoryError, SyntaxError):
        yield Problem(1, "The letter is too long or nested too deeply to be written.")


def sample_facts(*, known: bool) -> LetterFacts:
    """A letter's facts for trying its words: every one of them, or only those that are always there."""
    line = LetterLine(
        procedure="97110",
        charge_amount=Decimal(80),
        paid_amount=Decimal(0),
        denied_amount=Decimal(80),
        denial_codes=(DenialCode(code="CO-50", label="A reason"),),
        **({"modifiers": ("GP",), "paid_procedure": "97112"} if known else {}),
    )
    required = {
        "letter_on": _SAMPLE_DAY,
        "payer_scope": MEDICARE,
        "denied_amount": Decimal(80),
        "lines": (line,),
    }
    optional = LetterFacts.model_fields.keys() - required.keys() - {"sources"} if known else set()
    values = {name: _sample(str(LetterFacts.model_fields[name].annotation)) for name in optional}
    sources = dict.fromkeys(LetterFacts.model_fields.keys() - GIVEN, "sample")
    return LetterFacts(**{**required, **values, "sources": sources})


def _sample(annotation: str) -> object:
    if "DenialCode" in annotation:
        return (DenialCode(code="CO-50", label="A reason"),)
    if "tuple" in annotation:
        return ("Sample",)
    if "date" in annotation:
        return _SAMPLE_DAY
    return Decimal(80) if "Decimal" in annotation else "Sample"


class _Front:
    """The lines between the two '---', read without trusting them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._broken: list[Problem] = []
        self._values = self._read()

    def needs(self) -> Mapping[str, object]:
        needs = self._values.get("needs")
        return needs if isinstance(needs, dict) else {}

    def problems(self, shipped: FrontMatter, citations: Mapping[str, Citation]) -> Iterator[Problem]:
        yield from self._broken
        if self._broken:
            return
        try:
            front = FrontMatter.model_validate(self._values)
        except ValidationError as error:
            for wrong in error.errors(include_input=False, include_url=False):
                field = str(wrong["loc"][0])
                yield self._at(
                    field, f"'{field}' in the front matter cannot be used: {wrong['msg'].lower()}."
                )
            return
        yield from self._fixed(front, shipped)
        yield from self._words(front)
        for key in front.citations:
            if key not in citations:
                yield self._at(
                    key,
                    f"The citation '{key}' is not in rules/citations.csv: take it out, or have it looked up "
                    "and added there first.",
                )

    def _read(self) -> dict[str, Any]:
        if sum(map(self._text.count, "[{")) > MOST_BRACKETS:
            return self._fail(2, f"The front matter has more than {MOST_BRACKETS} brackets.")
        try:
            if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(self._text)):
                return self._fail(2, "The front matter may not refer to itself ('*name').")
            values = yaml.safe_load(self._text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            return self._fail(
                (mark.line if mark else 0) + 2, f"The front matter cannot be read: {error.problem}."
            )
        except (yaml.YAMLError, ValueError, RecursionError):
            return self._fail(2, "The front matter cannot be read: write 'name: value' on each line.")
        if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
            return self._fail(2, "The front matter must be lines of the form 'name: value'.")
        return values

    def _fail(self, line: int, message: str) -> dict[str, Any]:
        self._broken.append(Problem(line, message))
        return {}

    def _fixed(self, front: FrontMatter, shipped: FrontMatter) -> Iterator[Problem]:
        for name in FIXED:
            if getattr(front, name) != getattr(shipped, name):
                yield self._at(
                    name,
                    f"'{name}' must stay as shipped: which letter a denial gets is not decided by its words.",
                )

    def _words(self, front: FrontMatter) -> Iterator[Problem]:
        for fact, label in front.needs.items():
            if fact not in FACTS:
                yield self._at(fact, f"'{fact}' is not a fact that letters know{_meant(fact)}.")
            if len(label) > LONGEST_LABEL or not _LABEL.fullmatch(label):
                yield self._at(
                    fact, f"The words for '{fact}' must be plain and at most {LONGEST_LABEL} characters."
                )
        if len(front.title) > LONGEST_LABEL or not _LABEL.fullmatch(front.title):
            yield self._at("title", f"The title must be plain and at most {LONGEST_LABEL} characters.")

    def _at(self, word: str, message: str) -> Problem:
        """At the first line of the front matter that has the word."""
        whole = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        lines = enumerate(self._text.splitlines(), start=2)
        return Problem(next((number for number, line in lines if whole.search(line)), 2), message)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the letter a node stands: facts asked for above it, names of loops, and how deep it is."""

    known: frozenset[str]
    loops: tuple[str, ...] = ()
    block: str | None = None
    depth: int = 0


class _Body:
    """The template below the front matter. `known`: facts that print as a blank where nobody knows them."""

    def __init__(self, words: str, *, known: set[str]) -> None:
        self._source = without_front_matter(words)
        self._known = frozenset(known | ALWAYS_KNOWN)

    def problems(self) -> Iterator[Problem]:
        for number, line in enumerate(self._source.splitlines(), start=1):
            if found := _AUTHORITY.search(line):
                yield Problem(
                    number,
                    f"'{found[0]}' names an authority in the text. List its key under 'citations' instead.",
                )
        try:
            tree = Environment(autoescape=False).parse(self._source)  # noqa: S701 - read, never rendered
        except TemplateSyntaxError as error:
            yield Problem(error.lineno, f"This cannot be read: {error.message}")
            return
        except RecursionError:
            yield Problem(1, "The letter is nested too deeply to be read.")
            return
        yield from self._frame(tree)
        yield from self._walk(tree, _Place(self._known))

    def _frame(self, tree: nodes.Template) -> Iterator[Problem]:
        """The letter fills the blocks of its base; what stands beside them would not be printed."""
        top = [node for node in tree.body if not _is_space(node)]
        if not (top and isinstance(top[0], nodes.Extends)):
            yield Problem(1, f'The letter must begin with {{% extends "{PARENT}" %}} after its front matter.')
        for node in top[1:]:
            if not isinstance(node, nodes.Block):
                yield Problem(
                    node.lineno,
                    f"This stands outside the blocks ({', '.join(BLOCKS)}) and would not be printed.",
                )
        named = [node.name for node in top if isinstance(node, nodes.Block)]
        for name in BLOCKS:
            if name not in named:
                yield Problem(1, f"The block '{name}' is missing: {{% block {name} %}}…{{% endblock %}}.")

    def _walk(self, node: nodes.Node, place: _Place) -> Iterator[Problem]:
        if place.depth > MOST_NESTED:
            yield Problem(node.lineno, "This is nested too deeply.")
            return
        yield from self._check(node, place)
        for child in node.iter_child_nodes():
            yield from self._walk(child, _inside(node, child, place))

    def _check(self, node: nodes.Node, place: _Place) -> Iterator[Problem]:
        if message := _node_problem(node, place):
            yield Problem(node.lineno, message)
        if isinstance(node, nodes.Output):
            yield from _printed_problems(node, place)


def _node_problem(node: nodes.Node, place: _Place) -> str | None:
    if isinstance(node, _STRUCTURE + _LOGIC):
        return None
    look = _LOOKED_AT.get(type(node))
    if look is not None:
        return look(node, place)
    what = _REFUSED.get(type(node), f"'{type(node).__name__}'")
    return f"{what} is not allowed in a letter: print a fact as {{{{ facts.name }}}}."


def _extends_problem(node: nodes.Extends, _: _Place) -> str | None:
    fine = isinstance(node.template, nodes.Const) and node.template.value == PARENT
    return None if fine else f'Only "{PARENT}" can be extended.'


def _block_problem(node: nodes.Block, place: _Place) -> str | None:
    fine = node.name in BLOCKS and place.block is None and not node.required
    return None if fine else f"There is no block '{node.name}' here; there are {', '.join(BLOCKS)}."


def _test_problem(node: nodes.Test, _: _Place) -> str | None:
    fine = node.name in TESTS and not node.args
    return None if fine else f"'is {node.name}' is not allowed; {', '.join(sorted(TESTS))} can be asked for."


def _printed_problems(node: nodes.Output, place: _Place) -> Iterator[Problem]:
    for part in node.nodes:
        fact = _fact(part)
        if isinstance(part, nodes.TemplateData) or _is_part(part, place):
            continue
        if isinstance(part, nodes.Name) and part.name in ("title", *place.loops):
            continue
        if fact is None:
            yield Problem(part.lineno, "Only a fact can be printed, alone: {{ facts.name }}.")
        elif fact in LISTS:
            yield Problem(part.lineno, f"'{fact}' is a list: print it in {{% for item in facts.{fact} %}}.")
        elif fact in FACTS and fact not in place.known:
            yield Problem(
                part.lineno,
                f"'{fact}' may be unknown: list it under 'needs', or put this between "
                f"{{% if facts.{fact} %}} and {{% endif %}}.",
            )


def _inside(node: nodes.Node, child: nodes.Node, place: _Place) -> _Place:
    known, loops, block = place.known, place.loops, place.block
    if isinstance(node, nodes.If):
        known |= set(filter(None, map(_fact, node.test.find_all(nodes.Getattr))))
        known |= set(filter(None, [_fact(node.test)]))
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name) and child is not node.iter:
        loops = (*loops, node.target.name)
    if isinstance(node, nodes.Block):
        block = node.name
    return _Place(known, loops, block, place.depth + 1)


def _loop_problem(node: nodes.For, place: _Place) -> str | None:
    if len(place.loops) >= MOST_LOOPS:
        return f"At most {MOST_LOOPS} loops can stand inside each other."
    if node.recursive or not isinstance(node.target, nodes.Name):
        return "A loop goes through one list: {% for item in facts.evidence %}."
    if node.target.name in ("facts", "loop", "title", "citations"):
        return f"Call the item of the loop something else than '{node.target.name}'."
    part = node.iter
    listed = _fact(part) in LISTS or (isinstance(part, nodes.Name) and part.name == "citations")
    if not (listed or (isinstance(part, nodes.Getattr) and part.attr == "denial_codes")):
        return f"A loop can only go through a list of facts: {', '.join(sorted(LISTS))}."
    return None


def _attribute_problem(node: nodes.Getattr, place: _Place) -> str | None:
    if not isinstance(node.node, nodes.Name):
        return "Only 'facts.name', or a part of a loop's item, can be used."
    match node.node.name:
        case "facts":
            return None if node.attr in FACTS else f"There is no fact '{node.attr}'{_meant(node.attr)}."
        case "loop" if place.loops:
            return None if node.attr in LOOP_WORDS else f"'loop.{node.attr}' is not allowed."
        case name if name in place.loops:
            return None if node.attr in PARTS else f"A line or code has no '{node.attr}'."
    return None  # the name itself is refused


def _name_problem(node: nodes.Name, place: _Place) -> str | None:
    if node.name in ("facts", "title", "citations", *place.loops) or (node.name == "loop" and place.loops):
        return None
    if node.ctx == "store":
        return None  # the loop that makes it was looked at
    return f"'{node.name}' is not known. Facts are written facts.{node.name}{_meant(node.name)}."


_LOOKED_AT: Final[Mapping[type[nodes.Node], Callable[[Any, _Place], str | None]]] = {
    nodes.Extends: _extends_problem,
    nodes.Block: _block_problem,
    nodes.For: _loop_problem,
    nodes.Getattr: _attribute_problem,
    nodes.Name: _name_problem,
    nodes.Test: _test_problem,
}


def _meant(fact: str) -> str:
    """The fact whose name is nearest, as a hint."""
    near = difflib.get_close_matches(fact, FACTS, n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _fact(node: nodes.Node) -> str | None:
    match node:
        case nodes.Getattr(node=nodes.Name(name="facts"), attr=attr):
            return str(attr)
    return None


def _is_part(node: nodes.Node, place: _Place) -> bool:
    return (
        isinstance(node, nodes.Getattr)
        and isinstance(node.node, nodes.Name)
        and node.node.name in (*place.loops, "loop")
    )


def _is_space(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )
