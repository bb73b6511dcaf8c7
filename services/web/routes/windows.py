"""`/windows`: filing windows as the practice knows them, in the place of those of the rules; for managers."""

from collections.abc import Awaitable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import RedirectResponse

from overturn import window_overrides
from overturn.domain.deadlines import CountedFrom, DeadlineKind, WindowUnit
from overturn.domain.window_overrides import UNITS, WindowOverride, WindowOverrideError
from services.web.context import Now, Transaction, WebContext
from services.web.forms import NO_NUL, OptionalDate, TokenForm
from services.web.guard import MANAGERS_ONLY, Person
from services.web.pages import page

router = APIRouter(prefix="/windows", dependencies=[MANAGERS_ONLY])

UNKNOWN_PAYER: Final = "The rules know no such payer: choose one of the list."
DONE: Final = {
    "proposed": "Proposed. A second manager has to approve it.",
    "approved": "In force. Open cases follow within a minute; their timelines say what moved.",
    "ended": "Ended. The window of the rules holds again.",
}
KINDS: Final = {
    DeadlineKind.CLAIM: "First claim (timely filing)",
    DeadlineKind.CORRECTED_CLAIM: "Corrected claim",
    DeadlineKind.APPEAL: "Appeal",
    DeadlineKind.REOPENING: "Reopening, for any reason",
    DeadlineKind.GOOD_CAUSE_REOPENING: "Reopening, for good cause",
    DeadlineKind.CLERICAL_REOPENING: "Reopening, of a clerical error",
    DeadlineKind.RECORDS: "Records that were asked for",
    DeadlineKind.UPIC_RECORDS: "Records that a UPIC asked for",
    DeadlineKind.RECOUPMENT_REBUTTAL: "Rebuttal of a recoupment",
    DeadlineKind.RECOUPMENT_STOP: "Appeal that stops a recoupment",
    DeadlineKind.REPAYMENT: "Repayment without interest",
}
COUNTED: Final = {
    CountedFrom.SERVICE: "the date of service",
    CountedFrom.NOTICE: "the date of the remittance or decision",
    CountedFrom.RECEIPT: "receipt of the remittance or decision",
    CountedFrom.FIRST_NOTICE: "the date of the original remittance",
}


class WindowForm(BaseModel):
    """One window; an empty `since` stands for any day."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    payer_key: str
    kind: DeadlineKind
    level: int
    amount: int
    unit: WindowUnit
    counted_from: CountedFrom
    since: OptionalDate = None
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=NO_NUL)
    ]

    def override(self) -> WindowOverride:
        return WindowOverride(**self.model_dump(exclude={"form_token"}))


@dataclass
class WindowsRequest:
    """A request about windows, with all that answering it takes."""

    request: Request
    session: Transaction
    web: WebContext
    person: Person
    now: Now


OnWindows = Annotated[WindowsRequest, Depends(WindowsRequest)]


@router.get("")
async def show_windows(on: OnWindows, done: str = "") -> Response:
    return await _page(on, done=DONE.get(done, ""))


@router.post("")
async def propose(on: OnWindows, form: Annotated[WindowForm, Form()]) -> Response:
    known = {payer.key for payer in (await on.web.rules.current(on.session)).payers.payers}
    if form.payer_key not in known:
        return await _page(on, refusal=UNKNOWN_PAYER, entered=form)
    step = window_overrides.propose(on.session, form.override(), by=on.person.user_id, at=on.now)
    return await _take(on, "proposed", step, entered=form)


@router.post("/{override_id}/approve")
async def approve(
    on: OnWindows,
    override_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
) -> Response:
    step = window_overrides.approve(on.session, override_id, by=on.person.user_id, at=on.now)
    return await _take(on, "approved", step)


@router.post("/{override_id}/end")
async def end(
    on: OnWindows,
    override_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
) -> Response:
    step = window_overrides.end(on.session, override_id, by=on.person.user_id, at=on.now)
    return await _take(on, "ended", step)


async def _take(
    on: WindowsRequest, what: str, step: Awaitable[None], *, entered: WindowForm | None = None
) -> Response:
    try:
        await step
    except WindowOverrideError as error:
        return await _page(on, refusal=str(error), entered=entered)
    return RedirectResponse(f"/windows?done={what}", HTTPStatus.SEE_OTHER)


async def _page(
    on: WindowsRequest, *, done: str = "", refusal: str = "", entered: WindowForm | None = None
) -> Response:
    rules = await on.web.rules.current(on.session)
    return page(
        on.request,
        "windows.html",
        status=HTTPStatus.CONFLICT if refusal else HTTPStatus.OK,
        overrides=await window_overrides.list_overrides(on.session),
        payers=rules.payers.names,
        kinds=KINDS,
        units=UNITS,
        counted=COUNTED,
        entered=entered,
        done_text=done,
        refusal=refusal,
    )
