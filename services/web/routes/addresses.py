"""`/addresses`: who signs the letters, and where appeals to each payer go; for managers."""

from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from overturn.db.addresses import (
    payer_contacts,
    practice_profile,
    remove_contact,
    save_contact,
    save_profile,
)
from overturn.db.tables import PracticeProfile
from overturn.domain.channel_names import APPEAL_CHANNELS, ChannelName
from overturn.domain.payer_contacts import ContactError, PayerContact
from services.web.context import Now, Transaction
from services.web.forms import NO_NUL, TokenForm
from services.web.guard import MANAGERS_ONLY, Person
from services.web.pages import page

router = APIRouter(prefix="/addresses", dependencies=[MANAGERS_ONLY])

LONGEST_ADDRESS: Final = 500
DONE: Final = {
    "profile": "The practice's address and signer are saved. Letters drafted from now on carry them.",
    "contact": "The address is saved.",
    "removed": "The address is removed.",
}
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]
Lines = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_ADDRESS, pattern=NO_NUL)]


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


class ProfileForm(BaseModel):
    """Who writes the letters."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    address: Lines = ""
    phone: Line = ""
    fax: Line = ""
    signer_name: Line = ""
    signer_title: Line = ""


class ContactForm(BaseModel):
    """Where appeals go; an empty line of business or level stands for any."""

    model_config = ConfigDict(extra="forbid")

    form_token: str
    payer: Annotated[Line, StringConstraints(min_length=1)]
    line_of_business: Annotated[Line | None, BeforeValidator(_empty_is_none)] = None
    level: Annotated[int | None, BeforeValidator(_empty_is_none)] = None
    channel: ChannelName
    address: Lines = ""
    destination: Line = ""
    source: Line = ""

    def contact(self) -> PayerContact:
        return PayerContact(
            payer=self.payer,
            channel=self.channel,
            line_of_business=self.line_of_business,
            level=self.level,
            address=_lines(self.address),
            destination=self.destination,
            source=self.source,
        )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@router.get("")
async def show_addresses(request: Request, session: Transaction, done: str = "") -> Response:
    return await _addresses(request, session, done=DONE.get(done, ""))


@router.post("/practice")
async def save_practice(
    form: Annotated[ProfileForm, Form()], session: Transaction, person: Person, now: Now
) -> Response:
    told = form.model_dump(exclude={"form_token", "address"})
    profile = PracticeProfile(
        **told, address=list(_lines(form.address)), updated_by=person.user_id, updated_at=now
    )
    await save_profile(session, profile)
    return _done("profile")


@router.post("/payers")
async def save_payer(
    request: Request, form: Annotated[ContactForm, Form()], session: Transaction, person: Person, now: Now
) -> Response:
    try:
        await save_contact(session, form.contact(), actor_id=person.user_id, now=now)
    except ContactError as error:
        return await _addresses(
            request, session, refusal=str(error), entered=form, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    return _done("contact")


@router.post("/payers/{contact_id}/remove")
async def remove_payer(
    contact_id: UUID,
    form: Annotated[TokenForm, Form()],  # noqa: ARG001 - the guard reads its token
    session: Transaction,
) -> Response:
    await remove_contact(session, contact_id)
    return _done("removed")


def _done(what: str) -> Response:
    return RedirectResponse(f"/addresses?done={what}", HTTPStatus.SEE_OTHER)


async def _addresses(
    request: Request,
    session: AsyncSession,
    *,
    done: str = "",
    refusal: str = "",
    entered: ContactForm | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    return page(
        request,
        "addresses.html",
        status=status,
        profile=await practice_profile(session),
        contacts=await payer_contacts(session),
        channels=list(APPEAL_CHANNELS),
        entered=entered,
        done_text=done,
        refusal=refusal,
    )
