"""The record-keeping of an incident: one transaction a look, which can run again."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity
from temporalio.client import Client

from overturn.db.credentialing import CASE, DONE, HELD, GapClaim, GapKey, find_gap_claims
from overturn.db.session import Sessions
from overturn.db.tables import (
    ClaimPayment,
    CredentialingGap,
    CredentialingGapClaim,
    CredentialingGapEvent,
    DenialCase,
)
from overturn.db.timeline import CLOCK, WORKFLOW, enter
from overturn.domain import identifiers
from overturn.domain.codes import Action, format_dollars
from overturn.domain.credentialing import (
    FOLLOW_UP_DAYS,
    GapState,
    Remedied,
    Remedy,
    billing_action,
    find_remedy,
    is_answered,
    next_look,
)
from overturn.domain.deadlines import Deadline
from overturn.domain.payers import MEDICARE_FFS
from overturn.domain.practice_day import practice_date
from overturn.domain.remittance import ZERO
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook
from overturn.rulebook.case_deadline import FIRST_LEVEL, derive_case_deadline
from workflows.credentialing_gap.types import Review, ReviewInput
from workflows.denial_case.planning_anew import NOT_BEGUN, change_action, tell_case
from workflows.denial_case.record import PRESSING, locked_case

OTHER_ACTIONS: Final = {Remedy.APPEAL: Action.APPEAL, Remedy.WRITE_OFF: Action.WRITE_OFF}
PRESSED: Final = frozenset({"opened", *PRESSING})


class CredentialingGapActivities:
    """Runs on the task queue `denial-cases`."""

    def __init__(
        self, client: Client, sessions: Sessions, rules: RulesInForce, *, reminder_days: Sequence[int]
    ) -> None:
        """Reminders come so many days before the earliest filing limit."""
        self._client = client
        self._sessions = sessions
        self._rules = rules
        self._reminder_days = tuple(reminder_days)

    def all(self) -> list[Callable[..., Any]]:
        return [self.review_gap]

    @activity.defn
    async def review_gap(self, request: ReviewInput) -> Review:
        """Gather the incident's claims, release those whose answer is here, remind, and say when next."""
        async with self._sessions.begin() as session:
            gap = await session.get_one(CredentialingGap, request.gap_id, with_for_update=True)
            look = _Look(session, gap, request, await self._rules.current(session))
            claims = await look.gather()
            if look.is_answered:
                await look.release(claims)
            review = await look.conclude(claims, self._reminder_days)
        await self._tell_cases(request.gap_id)
        return review

    async def _tell_cases(self, gap_id: UUID) -> None:
        """Each released case's workflow follows its new plan; told before it is marked, so perhaps twice."""
        async with self._sessions.begin() as session:
            rows = await session.scalars(
                select(CredentialingGapClaim).where(
                    col(CredentialingGapClaim.gap_id) == gap_id,
                    col(CredentialingGapClaim.remedy).is_not(None),
                    col(CredentialingGapClaim.case_id).is_not(None),
                    col(CredentialingGapClaim.told).is_(False),
                )
            )
            for row in rows:
                case = await session.get_one(DenialCase, row.case_id)
                await tell_case(self._client, case, self._reminder_days)
                row.told = True


class _Look:
    """One look at one incident, in its transaction."""

    def __init__(
        self, session: AsyncSession, gap: CredentialingGap, request: ReviewInput, rulebook: Rulebook
    ) -> None:
        self._session, self._gap, self._rulebook = session, gap, rulebook
        self._at, self._today = request.at, practice_date(request.at)

    @property
    def is_answered(self) -> bool:
        return is_answered(GapState(self._gap.state), self._gap.effective_on, self._today)

    async def gather(self) -> list[CredentialingGapClaim]:
        """The incident's open claims as they stand now; what is answered, paid or gone is done."""
        key = GapKey(self._gap.payer, self._gap.npi)
        open_claims = await find_gap_claims(
            self._session, signs=self._rulebook.gap_signs, payers=self._rulebook.payers
        )
        found = {claim.claim_id: claim for claim in open_claims if claim.key == key}
        rows = await self._session.scalars(
            select(CredentialingGapClaim).where(col(CredentialingGapClaim.gap_id) == self._gap.id)
        )
        stored = {row.claim_id: row for row in rows}
        for claim_id, row in stored.items():
            if claim_id not in found:
                row.standing, row.due_on = DONE, None
        for claim_id, claim in found.items():
            stored[claim_id] = self._write(stored.get(claim_id), claim)
        return [stored[claim_id] for claim_id in found]

    def _write(self, row: CredentialingGapClaim | None, claim: GapClaim) -> CredentialingGapClaim:
        """A case denied anew, in another round, has no remedy yet."""
        if row is None:
            row = CredentialingGapClaim(
                gap_id=self._gap.id, claim_id=claim.claim_id, standing=claim.standing, amount=claim.amount
            )
            self._session.add(row)
        if row.case_id != claim.case_id:
            row.remedy, row.because, row.told = None, "", False
        row.standing, row.case_id, row.amount = claim.standing, claim.case_id, claim.amount
        row.service_on, row.due_on = claim.service_on, self._limit(claim)
        return row

    def _limit(self, claim: GapClaim) -> date | None:
        """What was sent in time does not expire; a held claim has the payer's filing limit."""
        if claim.standing == CASE and claim.case_status not in PRESSED:
            return None
        if claim.standing != HELD:
            return claim.due_on
        answer = derive_case_deadline(
            Action.NEW_CLAIM,
            rulebook=self._rulebook,
            payer_key=claim.payer_key,
            line_of_business=claim.line_of_business,
            service_from=claim.service_on,
            denied_on=None,
        )
        return answer.due_on if isinstance(answer, Deadline) else None

    async def release(self, claims: list[CredentialingGapClaim]) -> None:
        """Every claim without a remedy gets one; its case, if nobody has begun it, the action that goes with
        the remedy."""
        waiting = [claim for claim in claims if claim.remedy is None]
        for claim in waiting:
            found = self._remedy(claim)
            claim.remedy, claim.because = found.remedy, found.because
            if claim.case_id and not await self._change_case(claim, claim.case_id, found):
                claim.remedy = None  # its own workflow has not prepared it yet: the next look takes it
        released = [claim for claim in waiting if claim.remedy]
        if released:
            ids = ",".join(sorted(str(claim.claim_id) for claim in released))
            amount = format_dollars(sum((claim.amount for claim in released), ZERO))
            summary = f"{len(released)} released, {amount}: {_counted(released)}."
            self._enter("released", f"{self._gap.version} {ids}", summary, actor=WORKFLOW)

    def _remedy(self, claim: CredentialingGapClaim) -> Remedied:
        effective_on = self._gap.effective_on if self._gap.state == GapState.DATED else None
        return find_remedy(
            claim.service_on,
            effective_on,
            self._rulebook.retroactive_enrolment,
            payer_key=self._gap.payer_key,
            line_of_business=self._gap.line_of_business,
        )

    async def _change_case(self, claim: CredentialingGapClaim, case_id: UUID, found: Remedied) -> bool:
        """False while the case is still being prepared; one that somebody has begun stays as it is."""
        case = await locked_case(self._session, case_id)
        if case.status == "opened":
            return False
        begun = case.status not in NOT_BEGUN or case.appeal_level > FIRST_LEVEL
        if begun or found.remedy is Remedy.ASK:
            claim.told = True
            return True
        payment = await self._session.get_one(ClaimPayment, case.claim_payment_id)
        replaceable = bool(payment.payer_claim_control_number) and case.line_of_business != MEDICARE_FFS
        billing = billing_action(Action(case.action), replaceable=replaceable)
        await change_action(
            self._session,
            case,
            OTHER_ACTIONS.get(found.remedy, billing),
            because=f"Released from the credentialing gap: {found.because}.",
            event_id=identifiers.deterministic_id("gap-released", case.id, self._gap.version),
            rulebook=self._rulebook,
            at=self._at,
        )
        claim.due_on = case.due_on
        return True

    async def conclude(self, claims: list[CredentialingGapClaim], reminder_days: Sequence[int]) -> Review:
        """Close what has no open claim any more, else remind where it is time."""
        if not claims:
            if self._gap.state != GapState.CLOSED:
                self._gap.state, self._gap.closed_on = GapState.CLOSED, self._today
                self._enter(
                    "closed", self._gap.version, "None of its claims is open any more.", actor=WORKFLOW
                )
            return Review(next_on=None)
        limits = [claim.due_on for claim in claims if claim.due_on]
        await self._remind(limits, reminder_days)
        return Review(
            next_on=next_look(
                self._today,
                opened_on=self._gap.opened_on,
                effective_on=self._gap.effective_on,
                limits=limits,
                reminder_days=reminder_days,
            )
        )

    async def _remind(self, limits: list[date], reminder_days: Sequence[int]) -> None:
        for days in sorted({(due_on - self._today).days for due_on in limits} & set(reminder_days)):
            count = sum((due_on - self._today).days == days for due_on in limits)
            what = "Today is the last day" if days == 0 else f"{days} days are left"
            await self._once("reminder", f"{what} for {count} of its claims.", days)
        since = (self._today - self._gap.opened_on).days
        if since and since % FOLLOW_UP_DAYS == 0 and not self.is_answered:
            await self._once("follow_up", f"Open for {since} days: ask the payer where the enrolment stands.")

    async def _once(self, kind: str, summary: str, days: int = 0) -> None:
        """Once a day, however often it looks."""
        what = f"{self._today} {days}"
        if await self._session.get(CredentialingGapEvent, self._event_id(kind, what)) is None:
            self._enter(kind, what, summary, actor=CLOCK)

    def _enter(self, kind: str, what: object, summary: str, *, actor: str) -> None:
        event_id = self._event_id(kind, what)
        enter(self._session, self._gap, event_id, kind=kind, summary=summary, actor=actor, at=self._at)

    def _event_id(self, kind: str, what: object) -> UUID:
        return identifiers.deterministic_id(f"gap-{kind}", self._gap.id, str(what))


def _counted(claims: list[CredentialingGapClaim]) -> str:
    words = {
        Remedy.BILL: "to bill",
        Remedy.APPEAL: "to appeal for an earlier date",
        Remedy.WRITE_OFF: "proposed to be written off",
        Remedy.ASK: "for a person to look at",
    }
    counts = {remedy: sum(claim.remedy == remedy for claim in claims) for remedy in Remedy}
    return ", ".join(f"{count} {words[remedy]}" for remedy, count in counts.items() if count)
