"""From facts to the Markdown of a letter: committed Jinja templates, sandboxed, every value escaped."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, cast

import yaml
from jinja2 import FunctionLoader, StrictUndefined, TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict

from overturn.domain.appeals import LetterFacts
from overturn.domain.citations import Citation, UnknownCitationError, citations_for
from overturn.letters.markdown import LetterError, blanks, check_size
from overturn.paths import APPEAL_TEMPLATES

BASE: Final = "_base"
FRONT_MATTER: Final = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
_TEMPLATE_NAME = re.compile(r"[a-z_]+/[a-z_]+\.md")
_LETTER_NAME = re.compile(r"[a-z][a-z_]*")


class FrontMatter(BaseModel):
    """What stands above a letter. `needs` maps a fact to the words shown when it is not known, `citations`
    keys of `rules/citations.csv`; `payer_scope` and `line_of_business` are set where only those get it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    categories: tuple[str, ...]
    actions: tuple[str, ...]
    levels: tuple[int, ...]
    causes: tuple[str, ...] = ()
    payer_scope: str | None = None
    line_of_business: str | None = None
    needs: dict[str, str] = {}
    citations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """One fact a letter rests on, as it is printed, and where in the record it stands."""

    fact: str
    value: str
    source: str


@dataclass(frozen=True)
class Draft:
    """A letter ready for review. `missing_facts` are the blanks that stand marked in the text."""

    markdown: str
    title: str
    template_version: str
    missing_facts: tuple[str, ...]
    grounds: tuple[Ground, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class _Blank:
    """A needed fact nobody knows. False in a condition, one blank in a loop, a marked blank when printed."""

    label: str

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator["_Blank"]:
        yield self

    def __str__(self) -> str:
        raise LetterError(
            f"The fact '{self.label}' must be printed alone, without a filter or text joined to it."
        )


def draft_letter(
    letter: str,
    facts: LetterFacts,
    *,
    citations: Mapping[str, Citation],
    templates_dir: Path = APPEAL_TEMPLATES,
    words: str | None = None,
) -> Draft:
    """Write one letter from the facts given and from nothing else; `citations` is the table it may cite from.
    `words` stand in for the letter's shipped file, front matter and all; they must have passed
    `overturn.letters.lint`.

    Raises LetterError, naming letter and line, for a template that prints a fact it does not have, and for a
    letter that cites what is not in the table.
    """
    templates = letter_templates(templates_dir)
    if words is not None:
        templates = _edited_templates(templates_dir, letter, words)
    front = templates.front_matter(letter)
    cited = _cited(letter, front, facts, citations)
    known = _Facts(plain_facts(facts, needs=templates.base_needs | front.needs))
    markdown = templates.render(
        letter, {"title": front.title, "citations": [c.text for c in cited], "facts": known}
    )
    check_size(markdown.encode())
    claim = facts.payer_claim_control_number or facts.patient_control_number
    return Draft(
        markdown=markdown,
        title=f"{front.title}, claim {claim}" if claim else front.title,
        template_version=templates.version(letter),
        missing_facts=blanks(markdown),
        grounds=tuple(_grounds(known, facts.sources)),
        citations=cited,
    )


def _cited(
    letter: str, front: FrontMatter, facts: LetterFacts, table: Mapping[str, Citation]
) -> tuple[Citation, ...]:
    on = facts.service_from or facts.letter_on
    try:
        return citations_for(front.citations, table=table, scope=facts.payer_scope, on=on)
    except UnknownCitationError as error:
        raise LetterError(f"Letter '{letter}': {error}") from error


class _Facts(dict[str, Any]):
    """The facts as a template sees them; it remembers which ones the letter used."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__(facts)
        self.used: dict[str, None] = {}

    def __getitem__(self, name: str) -> Any:
        self.used[name] = None
        return super().__getitem__(name)


def _grounds(facts: _Facts, sources: Mapping[str, str]) -> Iterator[Ground]:
    for name in facts.used:
        value = facts.get(name)
        if value and name in sources:
            yield Ground(name, ", ".join(value) if isinstance(value, list) else str(value), sources[name])


def letters_on_disk(templates_dir: Path = APPEAL_TEMPLATES) -> dict[str, FrontMatter]:
    """Every letter there is, by its key."""
    templates = letter_templates(templates_dir)
    return {path.parent.name: templates.front_matter(path.parent.name) for path in templates.paths()}


def escape(value: str) -> str:
    r"""A value as Markdown that reads back as the same text on one line: `*x*` becomes `\*x\*`.

    Only what this dialect would read as markup is escaped, so that a reviewer can still edit the text.
    """
    line = " ".join(value.split())
    line = re.sub(r"([\\*_\[\]|<`])", r"\\\1", line)
    line = re.sub(r"^([#+:-])", r"\\\1", line)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", line)


def without_front_matter(words: str) -> str:
    """The template below the front matter, with its line numbers."""
    return FRONT_MATTER.sub(lambda match: "\n" * match[0].count("\n"), words)


def plain_facts(facts: LetterFacts, *, needs: Mapping[str, str]) -> dict[str, Any]:
    """The facts as strings and lists of strings, with a blank for each needed fact that is not known."""
    values = facts.model_dump(exclude={"sources"}) | {"enrolled_at_service": facts.enrolled_at_service}
    plain = {name: _plain(name, value) for name, value in values.items()}
    unknown = needs.keys() - plain.keys()
    if unknown:
        raise LetterError(f"The template needs {', '.join(sorted(unknown))}, which no letter fact is called.")
    return plain | {name: _Blank(label) for name, label in needs.items() if not plain[name]}


def _plain(name: str, value: object) -> Any:
    match value:
        case Decimal():
            return f"${value:,.2f}" if name.endswith("_amount") else f"{value.normalize():f}"
        case date():
            return f"{value:%B} {value.day}, {value.year}"
        case dict():
            return {key: _plain(key, part) for key, part in value.items()}
        case tuple():
            return [_plain(name, part) for part in value]
        case str():
            return value.strip() or None
    return value


def _finalize(value: object) -> str:
    match value:
        case _Blank():
            return f"[{value.label}]"
        case str():
            return escape(value)
        case Undefined():
            return str(value)  # raises, with the name that is not known
    raise LetterError(f"a {type(value).__name__} is printed; only a known fact can be.")


@cache
def letter_templates(templates_dir: Path) -> "LetterTemplates":
    return LetterTemplates(templates_dir)


@lru_cache(maxsize=32)
def _edited_templates(templates_dir: Path, letter: str, words: str) -> "LetterTemplates":
    return LetterTemplates(templates_dir, {letter: words})


class LetterTemplates:
    """The letters of one folder, each read and compiled once; `edited` has words that replace a file's.

    They run in this process. The sandbox stops a template from reaching Python, not from looping: that what
    users write cannot loop is the work of `overturn.letters.lint`, which knows every construct it lets pass.
    """

    def __init__(self, folder: Path, edited: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._edited = {f"{letter}/letter.md": words for letter, words in (edited or {}).items()}
        self._fronts: dict[str, FrontMatter] = {}
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._source),
            undefined=StrictUndefined,
            finalize=_finalize,
            # The letter is Markdown: _finalize escapes for it, HTML escaping would show in the PDF.
            autoescape=False,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def paths(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*/letter.md") if path.parent.name != BASE)

    @cached_property
    def base_needs(self) -> dict[str, str]:
        """What every letter needs."""
        return cast("dict[str, str]", self._read_front_matter(f"{BASE}/letter.md")["needs"])

    def front_matter(self, letter: str) -> FrontMatter:
        if letter not in self._fronts:
            if not _LETTER_NAME.fullmatch(letter) or not (self._folder / letter / "letter.md").is_file():
                names = ", ".join(path.parent.name for path in self.paths())
                raise LetterError(f"There is no letter called '{letter}'. There are: {names}.")
            found = self._read_front_matter(f"{letter}/letter.md")
            self._fronts[letter] = FrontMatter.model_validate(found)
        return self._fronts[letter]

    def words(self, letter: str) -> str:
        """The whole text of the letter's file. Raises LetterError where there is no such letter."""
        self.front_matter(letter)
        return self._text(f"{letter}/letter.md")

    def _text(self, name: str) -> str:
        edited = self._edited.get(name)
        return (self._folder / name).read_text(encoding="utf-8") if edited is None else edited

    def _read_front_matter(self, name: str) -> dict[str, Any]:
        match = FRONT_MATTER.match(self._text(name))
        if not match:
            raise LetterError(f"{name} must begin with its front matter between two lines '---'.")
        return cast("dict[str, Any]", yaml.safe_load(match[1]))

    def version(self, letter: str) -> str:
        """A hash of the letter's words and of the base it stands on."""
        names = [f"{BASE}/{path.name}" for path in sorted((self._folder / BASE).glob("*.md"))]
        texts = [self._text(name) for name in (*names, f"{letter}/letter.md")]
        return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]

    def _source(self, name: str) -> tuple[str, str, None] | None:
        """The template without its front matter, the line numbers kept; None for what is no template."""
        path = self._folder / name
        if not _TEMPLATE_NAME.fullmatch(name) or not path.is_file():
            return None
        return without_front_matter(self._text(name)), str(path), None

    def render(self, letter: str, context: Mapping[str, object]) -> str:
        try:
            text = self._environment.get_template(f"{letter}/letter.md").render(context)
        except (TemplateError, LetterError) as error:
            raise LetterError(f"Letter '{letter}', {_template_line(error)}: {error}") from error
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _template_line(error: BaseException) -> str:
    """File and line of the template that failed; Jinja puts template frames into the traceback."""
    if lineno := getattr(error, "lineno", None):
        return f"{_short(str(getattr(error, 'filename', '') or ''))} line {lineno}"
    place = "template"
    traceback = error.__traceback__
    while traceback:
        filename = traceback.tb_frame.f_code.co_filename
        if filename.endswith(".md"):
            place = f"{_short(filename)} line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-2:])
