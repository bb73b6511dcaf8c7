"""A last day derived once and derived again: whether it moved, and what moved it."""

from datetime import date
from typing import Any, Final

Document = dict[str, Any]
"""As `deadline_document` makes it."""

BY_THE_RULES: Final = "by_the_rules"
"""Where the document of a day that a person set keeps what the rules say instead."""


MOVED: Final = "moved"
"""Where a document without a timeline beside it keeps the words of its last move."""


def moved_to(before: Document, after: Document, *, today: date | None = None) -> Document | None:
    """What to write in the place of `before`; None where the day is as it was.

    With `today`, a day that is over by now is no day to move to: then none is known.
    """
    due_on = after.get("due_on")
    if today and due_on and date.fromisoformat(due_on) < today:
        if before.get("due_on") in (None, due_on):
            return None
        over = f"the last day, {due_on}, is over: set the day until which the payer still takes it"
        after = {"due_on": None, "unknown": over}
    return None if same_days(before, after) or not (before or due_on) else after


def move_words(before: Document, after: Document) -> str:
    """The difference of the two, and what made it."""
    return f"Deadline moved: {day_words(after)}; before {day_words(before)}. Why: {tell_why(before, after)}."


def same_days(one: Document, other: Document) -> bool:
    """Whether both give the same last day and the same day of our own, or both none for the same cause."""
    return _days(one) == _days(other)


def day_words(document: Document) -> str:
    """The last day in words, or why there is none."""
    if document.get("due_on"):
        return f"due {document['due_on']}, safe by {document['safe_on']}"
    if "unknown" in document:
        return f"deadline unknown: {document['unknown']}"
    return "no deadline"


def tell_why(before: Document, after: Document) -> str:
    """What makes the second another than the first: window, start, length, or calendar and margin."""
    old, new = before.get("rule"), after.get("rule")
    if not (old and new):
        return f"by {new['id']} ({new['source']})" if new else "no window gives a day any more"
    same = old["id"] == new["id"]
    if same and _is_proven(before) != _is_proven(after):
        said = [_other(_begins(before), _begins(after))]
    else:
        steps = ((_step(before, name), _step(after, name)) for name in ("start", "receipt"))
        said = [_other_window(old, new), *(_other(*pair) for pair in steps)]
    if same:
        said.append(_other_length(before, after))
    told = [words for words in said if words]
    return "; ".join(told) or "weekends, holidays or our own margin are reckoned otherwise"


def _days(document: Document) -> tuple[str | None, str | None, bool]:
    return document.get("due_on"), document.get("safe_on"), "unknown" in document


def _other_window(old: Document, new: Document) -> str:
    if old["id"] == new["id"]:
        return ""
    return f"window {new['id']} ({new['source']}) in place of {old['id']}"


def _is_proven(document: Document) -> bool:
    """Whether counting begins with a receipt that nobody presumes."""
    return _step(document, "receipt") is None


def _begins(document: Document) -> Document | None:
    return _step(document, "receipt") or _step(document, "start")


def _other(old: Document | None, new: Document | None) -> str:
    """The date that counting begins with, where it is another."""
    if old is None or new is None or old["date"] == new["date"]:
        return ""
    return f"{new['because']} is {new['date']}, not {old['date']}"


def _other_length(before: Document, after: Document) -> str:
    old, new = _step(before, "window"), _step(after, "window")
    if old is None or new is None or old["because"] == new["because"]:
        return ""
    return f"{new['because']} in place of {old['because']}"


def _step(document: Document, name: str) -> Document | None:
    return next((step for step in document.get("derivation", ()) if step["step"] == name), None)
