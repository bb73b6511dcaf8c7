"""Other words for a letter's drafted sentences, by a language model that is never shown a fact.

What goes out is a sentence with numbers in place of its facts, names and figures. What comes back is used
only if it has every fact once and in order, and says the rest with the sentence's own words: nothing added,
nothing left out, nothing denied more or less often. The check knows words, not grammar; a person reads the
letter as ever.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

FEWEST_WORDS: Final = 6
"""Beside its facts; what has fewer is not worth the asking."""
LONGEST: Final = 1.5
"""An answer of more than so many times the sentence's length is no rephrasing."""

NEGATIONS: Final = frozenset({"no", "not", "never", "none", "nor", "neither", "without", "cannot"})
_JOINING: Final = """
a an the this that these those of to in on at by for with from as and also so then therefore thus because
here there it its they them their we our us you your which who is are was were be been being
has have had having do does did please kindly
"""
JOINING_WORDS: Final = frozenset(_JOINING.split())
"""Words that hold a sentence together and state nothing; a rephrasing may add and drop them."""

_ENDINGS: Final = ("ings", "ing", "ied", "ies", "ed", "es", "ly", "s", "e")
_STEM: Final = 3  # letters an ending must leave

_LABEL = re.compile(r"\*\*[^*]+\*\* ")
_PLACE = re.compile(r"<<(\d+)>>")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_NOT_PLAIN = re.compile(r"[\n\\*_#|<>`]|\A\s*(?:[-+]|\d+[.)])\s")
_SENTENCE_START = re.compile(r"(?:\A|[.!?:]\s+)\Z")
# A blank, what has a figure in it, a word with a capital.
_FACT_LIKE: Final = r"\[[^\]]+\]|[^\s,;()]*\d(?:[^\s,;()]*[^\s,;().])?|[A-Z][\w&'-]*"


class Rephraser(Protocol):
    """A language model: other words for one sentence or paragraph, `<<1>>` standing for what it may not see.

    Raises LanguageModelError where none answers.
    """

    async def rephrase(self, paragraph: str) -> str: ...


class LanguageModelError(Exception):
    """The language model did not answer; the message says so to whoever asked."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A paragraph without its facts. `label` is the bold beginning, which is not sent either."""

    text: str
    facts: tuple[str, ...]
    label: str = ""

    def filled(self, answer: str) -> str:
        """The answer with the facts back in their places."""
        return self.label + _PLACE.sub(lambda place: self.facts[int(place[1]) - 1], answer)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A paragraph that stayed as it was, and why."""

    paragraph: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rephrased:
    """The letter with other words where they were good; `changed` paragraphs have them."""

    markdown: str
    changed: int
    refusals: tuple[Refusal, ...]


async def rephrase(
    markdown: str, *, drafted: str, grounds: Iterable[Mapping[str, str]], by: Rephraser
) -> Rephrased:
    """Have the drafted paragraphs of a letter put in other words; what a person wrote stays.

    `drafted` is the letter as it was drafted, `grounds` the facts it printed, each with `value`.
    """
    own = set(_paragraphs(drafted))
    values = [ground["value"] for ground in grounds]
    said, changed, refusals = [], 0, []
    for paragraph in _paragraphs(markdown):
        masked = mask(paragraph, values) if paragraph in own else None
        if masked is None:
            said.append(paragraph)
            continue
        answer = (await by.rephrase(masked.text)).strip()
        if reason := fault(masked.text, answer):
            refusals.append(Refusal(paragraph, reason))
            said.append(paragraph)
        else:
            said.append(masked.filled(answer))
            changed += said[-1] != paragraph
    return Rephrased("\n\n".join(said), changed, tuple(refusals))


def mask(paragraph: str, values: Iterable[str]) -> Masked | None:
    """The paragraph with `<<1>>`, `<<2>>` for its facts: the values given, blanks, whatever has a figure, and
    every word with a capital that does not begin a sentence. None for what is no plain sentence."""
    label = found.group() if (found := _LABEL.match(paragraph)) else ""
    text = paragraph[len(label) :]
    known = sorted({re.escape(value) for value in values if value.strip()}, key=len, reverse=True)
    facts: list[str] = []

    def place(match: re.Match[str]) -> str:
        begins = _SENTENCE_START.search(text[: match.start()]) and match["other"]
        if begins and match["other"].isalpha() and match["other"][1:].islower():
            return match.group()
        facts.append(match.group())
        return f"<<{len(facts)}>>"

    if _NOT_PLAIN.search(text):
        return None
    pattern = rf"(?<!\w)(?:{'|'.join(known) or '(?!)'})(?!\w)|(?P<other>{_FACT_LIKE})"
    masked = Masked(re.sub(pattern, place, text), tuple(facts), label)
    return masked if len(_words(masked.text)) >= FEWEST_WORDS else None


def fault(masked: str, answer: str) -> str:
    """What keeps the answer from standing for the masked sentence; empty where nothing does."""
    if not answer or len(answer) > LONGEST * len(masked):
        return "It is empty or much longer than the sentence."
    return _fault_of_facts(masked, answer) or _fault_of_words(_stated(masked), _stated(answer))


def _fault_of_facts(masked: str, answer: str) -> str:
    words = _PLACE.sub(" ", answer)
    if _PLACE.findall(answer) != _PLACE.findall(masked):
        return "It leaves out, repeats or reorders facts of the sentence."
    if _NOT_PLAIN.search(words) or re.search(r"[\d\[\]]", words):
        return "It adds figures or markup."
    return ""


def _fault_of_words(before: Counter[str], after: Counter[str]) -> str:
    if added := sorted(set(after) - set(before)):
        return f"It adds words that state something: {', '.join(added)}."
    if lost := sorted(set(before) - set(after)):
        return f"It leaves out words that state something: {', '.join(lost)}."
    if any(before[word] != after[word] for word in NEGATIONS):
        return "It says no more or less often than the sentence does."
    return ""


def _paragraphs(markdown: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n{2,}", markdown)]


def _stated(text: str) -> Counter[str]:
    """The words that state something, without their endings."""
    return Counter(_stem(word) for word in _words(text) if word not in JOINING_WORDS)


def _words(text: str) -> list[str]:
    """The words beside the places, in small letters."""
    return _WORD.findall(_PLACE.sub(" ", text).lower())


def _stem(word: str) -> str:
    if word in NEGATIONS:
        return word
    return next(
        (word[: -len(end)] for end in _ENDINGS if word.endswith(end) and len(word) >= len(end) + _STEM), word
    )
