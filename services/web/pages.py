"""Templates into answers: every value escaped, an undefined one an error."""

from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from overturn.paths import WEB_TEMPLATES
from services.web import presenters
from services.web.sessions import SignedIn


@cache
def templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(WEB_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = (
        presenters.dollars,
        presenters.stake,
        presenters.day,
        presenters.moment,
        presenters.words,
        presenters.percent,
        presenters.plural,
        presenters.counted,
        presenters.evidence_words,
        presenters.place_words,
        presenters.finding_words,
    )
    environment.filters.update({presenter.__name__: presenter for presenter in shown})
    return environment


def page(
    request: Request, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any
) -> HTMLResponse:
    """A whole page; `person` (None before sign-in) and `path` serve the frame around it."""
    person: SignedIn | None = getattr(request.state, "person", None)
    html = templates().get_template(template).render(person=person, path=request.url.path, **values)
    return HTMLResponse(html, status_code=status)


def problem(request: Request, status: HTTPStatus, message: str, *, error_id: str = "") -> HTMLResponse:
    """A page that says what is wrong and what to do."""
    return page(
        request, "problem.html", status=status, title=status.phrase, message=message, error_id=error_id
    )
