"""`/cases/{id}`: why it was denied, by when it must be answered, the letter, the steps, the timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup
from starlette.responses import RedirectResponse

from overturn.db.addresses import contact_of
from overturn.db.exhibits import supplied_exhibits
from overturn.db.tables import DenialCase, Exhibit
from overturn.domain.channel_names import APPEAL_CHANNELS, ChannelName
from overturn.domain.checklist import Asked, RequiredDocument, checklist
from overturn.domain.denial_case import CaseStatus, PayerDecision, Step, allowed_steps
from overturn.domain.resubmission import RESUBMITTED
from overturn.letters import LetterError, render_html
from overturn.letters.difference import Change, changes
from overturn.reporting.case_page import CaseRecord, DenialFacts, LetterFacts, PaymentFacts, case_record
from overturn.reporting.package_record import package_record
from overturn.reporting.people import colleagues
from overturn.reporting.records_requests import requests_of_case
from overturn.reporting.sendings import sendings_of
from overturn.reporting.work_list import DenialCode
from overturn.rulebook import Rulebook
from services.web import presenters
from services.web.context import Today, Transaction, WebContext
from services.web.forms import NO_ONE
from services.web.guard import Person
from services.web.labels import CodeLabels
from services.web.letter_edits import DRAFT, LetterEdit
from services.web.pages import page, problem

router = APIRouter(prefix="/cases/{case_id}")

NO_CASE: Final = (
    "There is no such case. Search for the claim number in the queue: it finds open and closed cases."
)
APPROVED: Final = "approved"
DONE: Final = {
    "assign": "The assignment is saved.",
    "approve": "Approved. Send it, then mark it as submitted.",
    "send": "It goes out in a minute; until then it can be called back. The timeline says how it went.",
    "resubmit": "The corrected claim is being written. The timeline says when it went out, or why not.",
    "submit": "Marked as submitted. The payer has the next step.",
    "decide": "The payer's decision is recorded.",
    "write_off": "Written off.",
    "bill_patient": "Closed: the patient is billed.",
    "not_a_denial": "Closed: it was no denial.",
    "pend": "Pended. It comes back to you by itself, or earlier if something happens.",
    "set_deadline": "The last day is set; reminders follow it.",
    "prove_receipt": "The receipt is on record, and the last day follows from it.",
    "undo": "The last step is taken back.",
    "reopen": "Reopened.",
    "letter": "The letter is saved; PDF and DOCX are up to date.",
    "exhibit": "The document is checked and stands in the package.",
    "removed": "The document is taken out of the package.",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What came of the step or the letter just sent; `unsaved` is an edit that was refused."""

    refusal: str = ""
    done: str = ""
    unsaved: LetterEdit | None = None
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """A request about one case, with all that answering it takes."""

    request: Request
    case_id: UUID
    session: Transaction
    web: WebContext
    person: Person
    today: Today

    async def rules(self) -> Rulebook:
        """The rules in force."""
        return await self.web.rules.current(self.session)


OnCase = Annotated[CaseRequest, Depends(CaseRequest)]


@router.get("")
async def show_case(on: OnCase, done: str = "") -> Response:
    return await case_page(on, Notice(done=DONE.get(done, "")))


def case_done(on: CaseRequest, what: str) -> Response:
    """Back to the case by GET, so that reloading repeats nothing."""
    return RedirectResponse(f"/cases/{on.case_id}?done={what}", HTTPStatus.SEE_OTHER)


async def case_page(on: CaseRequest, notice: Notice) -> Response:
    """The case page as it stands now, with what came of the request on top; 404 without such a case."""
    record = await case_record(on.session, on.case_id)
    if record is None:
        return problem(on.request, HTTPStatus.NOT_FOUND, NO_CASE)
    case = record.case
    status = CaseStatus(case.status)
    supplied = await supplied_exhibits(on.session, case_id=on.case_id)
    required = (await on.rules()).required_documents
    return page(
        on.request,
        "case.html",
        status=notice.status,
        record=record,
        case=case,
        cause=on.web.labels.causes.get(case.cause, presenters.words(case.cause)),
        deadline=presenters.deadline_view(case.deadline, case.due_on, on.today, status, case.outcome),
        service_dates=presenters.service_dates(case.service_from, case.service_to),
        denials=[(denial, _chips(denial, on.web.labels)) for denial in record.denials],
        loops=_loops(record),
        plb_reasons=on.web.labels.provider_adjustments,
        letters=[_letter(letter, notice.unsaved) for letter in record.letters],
        editable=DRAFT,
        rephrases=on.web.rephraser is not None,
        appeal_channels=list(APPEAL_CHANNELS),
        exhibits=supplied,
        asked={letter.id: _asked(required, record, letter, supplied) for letter in record.letters},
        sendings=await sendings_of(on.session, on.case_id),
        records_requests=await requests_of_case(on.session, on.case_id),
        portal=await _portal(on, record) if Step.SEND in allowed_steps(status) else None,
        steps=[step.value for step in allowed_steps(status)],
        step_id=uuid4,
        people=await colleagues(on.session),
        no_one=NO_ONE,
        ways=on.web.channels,
        resubmits=case.action in RESUBMITTED,
        channels=[channel.value for channel in ChannelName],
        decisions=[decision.value for decision in PayerDecision],
        today=on.today,
        notice=notice,
    )


@dataclass(frozen=True, slots=True)
class PortalChecklist:
    """What a person copies into the payer's own pages, label and value, and where these are."""

    address: str
    fields: tuple[tuple[str, str], ...]
    letter_id: UUID


async def _portal(on: CaseRequest, record: CaseRecord) -> PortalChecklist | None:
    """None without a letter, or where nobody has said which portal takes this payer's appeals."""
    letter = next((letter for letter in record.letters if letter.state == APPROVED), None)
    if letter is None:
        return None
    case = await on.session.get_one(DenialCase, on.case_id)
    contact = await contact_of(on.session, case, level=letter.level, channel=ChannelName.PORTAL)
    if contact is None:
        return None
    found = await package_record(
        on.session, case_id=on.case_id, letter_id=letter.id, channel=ChannelName.PORTAL
    )
    fields = found.package.cover.subject if found else ()
    return PortalChecklist(contact.destination, fields, letter.id)


def _asked(
    required: Sequence[RequiredDocument],
    record: CaseRecord,
    letter: LetterFacts,
    supplied: Sequence[Exhibit],
) -> tuple[Asked, ...]:
    """The documents this letter's package needs; what the system makes itself is there when the record is."""
    present = {row.document for row in supplied if row.level == letter.level} | {"remittance"}
    present |= {"claim_facts"} if record.case.submitted else set()
    present |= {"acceptance"} if record.case.acknowledgement == "accepted" else set()
    return checklist(
        required,
        payer_key=record.case.payer_key,
        letter=letter.template,
        category=record.case.category,
        present=present,
    )


def _chips(denial: DenialFacts, labels: CodeLabels) -> list[presenters.CodeChip]:
    return presenters.code_chips([DenialCode(denial.group_code, denial.carc, tuple(denial.rarcs))], labels)


def _loops(record: CaseRecord) -> list[tuple[PaymentFacts, list[presenters.Segment], bool]]:
    """Every answer the payer gave, newest first; the one this case is about stands open."""
    return [
        (payment, presenters.segments(payment, record.denials), payment.id == record.case.claim_payment_id)
        for payment in reversed(record.payments)
    ]


def _letter(
    letter: LetterFacts, unsaved: LetterEdit | None
) -> tuple[LetterFacts, str, Markup, Markup, tuple[Change, ...]]:
    """The letter, the text to edit (what was refused, if it was this letter's), how that looks, how the first
    draft did (empty where nobody changed it), and what people changed in it.
    """
    text = unsaved.markdown if unsaved and unsaved.letter_id == letter.id else letter.markdown
    draft = _rendered(letter.draft_markdown) if letter.draft_markdown != letter.markdown else Markup()
    return letter, text, _rendered(text), draft, changes(letter.draft_markdown, letter.markdown)


def _rendered(markdown: str) -> Markup:
    try:
        # render_html escapes every text it is given (tests/unit/letters); nothing else may be Markup here.
        return Markup(render_html(markdown))  # noqa: S704
    except LetterError:
        return Markup()  # the page says why above; the text stays in the editor
