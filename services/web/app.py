"""The web application, put together: every route behind the guard, every answer behind the shield."""

from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from services.web.context import Web
from services.web.guard import ForbiddenError, NotSignedInError, guard
from services.web.pages import problem
from services.web.routes import (
    addresses,
    authorizations,
    batches,
    cases,
    dead_letters,
    exhibits,
    files,
    gaps,
    health,
    letter_trials,
    letter_words,
    letters,
    manager,
    missed,
    next_best,
    provider_money,
    queue,
    rebuttals,
    records,
    recoupment_steps,
    recoupments,
    rejections,
    rules,
    sendings,
    sign_in,
    steps,
    unanswered,
    unmatched,
    windows,
)
from services.web.security import SAFE_METHODS, Shield
from services.web.upload import MAX_UPLOAD_BYTES

STATIC: Final = Path(__file__).parent / "static"
PAGES: Final = (
    health,
    sign_in,
    queue,
    next_best,
    cases,
    steps,
    letters,
    manager,
    missed,
    files,
    unmatched,
    rejections,
    unanswered,
    gaps,
    records,
    authorizations,
    recoupments,
    recoupment_steps,
    rebuttals,
    batches,
    provider_money,
    addresses,
    letter_trials,
    letter_words,
    rules,
    windows,
    exhibits,
    dead_letters,
    sendings,
)
UNFORESEEN: Final = (
    "Something went wrong on our side and nothing was changed. "
    "Try again; if it stays, quote the number below."
)


def create_app(web: Web) -> FastAPI:
    """The application over these parts. `guard` stands before every route, also before one added later."""
    app = FastAPI(
        dependencies=[Depends(guard)],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=MAX_UPLOAD_BYTES,
    )
    app.state.web = web
    for module in PAGES:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(NotSignedInError, _to_sign_in)
    app.add_exception_handler(ForbiddenError, _forbidden)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain_problem)
    app.add_middleware(Shield, error_page=_unforeseen)
    return app


async def _to_sign_in(request: Request, _: Exception) -> Response:
    """To the sign-in page and back again; htmx is told to leave the page rather than fill a part of it."""
    back = request.url.path if request.method in SAFE_METHODS else "/queue"
    target = f"/sign-in?next={quote(back)}"
    if "hx-request" in request.headers:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": target})
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


async def _forbidden(request: Request, error: Exception) -> Response:
    return problem(request, HTTPStatus.FORBIDDEN, str(error))


async def _invalid(request: Request, error: Exception) -> Response:
    """What is wrong, by field; never the value, which may be anything."""
    wrong = error.errors() if isinstance(error, RequestValidationError) else []
    fields = "; ".join(f"{field['loc'][-1]}: {field['msg']}" for field in wrong)
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"This cannot be read. {fields}")


async def _plain_problem(request: Request, error: Exception) -> Response:
    status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
    return problem(request, status, f"{status.description or status.phrase}.")


async def _unforeseen(scope: Scope, error_id: str) -> Response:
    return problem(Request(scope), HTTPStatus.INTERNAL_SERVER_ERROR, UNFORESEEN, error_id=error_id)
