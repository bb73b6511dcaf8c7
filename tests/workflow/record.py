"""A record to work on: generated claims with a denial each, as the classifier leaves them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlmodel import col

from overturn.db import tables
from overturn.db.addresses import save_contact
from overturn.db.session import Sessions
from overturn.domain.channel_names import ChannelName
from overturn.domain.denial_case import CaseStatus
from overturn.domain.payer_contacts import PayerContact

CHARGED = Decimal("150.00")
DENIED = Decimal("120.00")
PATIENT = "GENERATED PATIENT"
FILE = "0" * 64


@dataclass(frozen=True)
class Record:
    """Writes what others than the workflow write, and reads what it wrote."""

    sessions: Sessions
    person_id: UUID

    async def add_denied_claim(
        self,
        *,
        denied_on: date,
        action: str = "appeal",
        category: str = "medical_necessity",
        cause: str = "not_medically_necessary",
        payer_key: str | None = "medicare",
        patient_name: str = PATIENT,
        npi: str = "1999999984",
        service_on: date | None = None,
        has_price: bool = True,
    ) -> UUID:
        """A case as the classifier opens it: one line denied for 120.00, 30.00 paid on the other."""
        claim_id, remittance_id, payment_id, case_id = (uuid4() for _ in range(4))
        async with self.sessions.begin() as session:
            session.add(_claim(claim_id, payment_id, denied_on, npi, service_on))
            session.add(_remittance(remittance_id, denied_on))
            await session.flush()
            session.add(_payment(payment_id, remittance_id, claim_id, denied_on, patient_name))
            await session.flush()
            session.add(_line(payment_id, denied_on))
            session.add(
                tables.DenialCase(
                    id=case_id,
                    claim_id=claim_id,
                    round_number=1,
                    claim_payment_id=payment_id,
                    payer_key=payer_key,
                    payer_name="GENERATED PAYER",
                    line_of_business="Medicare FFS" if payer_key == "medicare" else None,
                    category=category,
                    cause=cause,
                    action=action,
                    denied_amount=DENIED if has_price else Decimal(0),
                    unpriced_amount=Decimal(0) if has_price else DENIED,
                    paid_before_amount=CHARGED - DENIED,
                    recovered_amount=Decimal(0),
                    written_off_amount=Decimal(0),
                    expected_recovery_amount=Decimal(0),
                    priority=Decimal(0),
                    status=CaseStatus.OPENED,
                    denied_on=denied_on,
                )
            )
            await session.flush()
            session.add(_denial(case_id, payment_id, category, cause, action))
        return case_id

    async def adjudicate(
        self,
        case_id: UUID,
        *,
        more_paid: str,
        still_denied: str,
        still_unpriced: str = "0.00",
        in_force: bool = True,
    ) -> None:
        """A later adjudication as the classifier settles it: in force from now on, or only taken back."""
        async with self.sessions.begin() as session:
            case = await session.get_one(tables.DenialCase, case_id)
            claim = await session.get_one(tables.Claim, case.claim_id)
            claim.current_payment_id = uuid4() if in_force else None
            claim.paid_amount += Decimal(more_paid)
            claim.denied_amount = Decimal(still_denied)
            claim.unpriced_amount = Decimal(still_unpriced)

    async def reclassify(self, case_id: UUID, *, category: str, action: str) -> None:
        """The row as the classifier leaves it when other rules see the case otherwise."""
        async with self.sessions.begin() as session:
            case = await session.get_one(tables.DenialCase, case_id)
            case.category, case.action, case.version = category, action, case.version + 1

    async def case(self, case_id: UUID) -> tables.DenialCase:
        async with self.sessions() as session:
            return await session.get_one(tables.DenialCase, case_id)

    async def timeline(self, case_id: UUID) -> list[tables.CaseEvent]:
        async with self.sessions() as session:
            found = await session.scalars(
                select(tables.CaseEvent)
                .where(col(tables.CaseEvent.case_id) == case_id)
                .order_by(col(tables.CaseEvent.sequence))
            )
            return list(found)

    async def kinds(self, case_id: UUID) -> list[str]:
        return [event.kind for event in await self.timeline(case_id)]

    async def open_items(self, case_id: UUID) -> list[tables.WorkItem]:
        async with self.sessions() as session:
            found = await session.scalars(
                select(tables.WorkItem).where(
                    col(tables.WorkItem.case_id) == case_id, col(tables.WorkItem.done_at).is_(None)
                )
            )
            return list(found)

    async def letters(self, case_id: UUID) -> list[tables.Letter]:
        async with self.sessions() as session:
            found = await session.scalars(select(tables.Letter).where(col(tables.Letter.case_id) == case_id))
            return list(found)

    async def sendings(self, case_id: UUID) -> list[tables.Sending]:
        async with self.sessions() as session:
            found = await session.scalars(
                select(tables.Sending)
                .where(col(tables.Sending.case_id) == case_id)
                .order_by(col(tables.Sending.asked_at))
            )
            return list(found)

    async def add_contact(self, channel: ChannelName, destination: str = "") -> None:
        """Where the generated payer's appeals go by this channel."""
        contact = PayerContact(
            "GENERATED PAYER", channel, address=("1 Generated Street",), destination=destination
        )
        async with self.sessions.begin() as session:
            await save_contact(session, contact, actor_id=self.person_id, now=tables.utc_now())

    async def sent_files(self, sending_id: UUID) -> list[tables.SentFile]:
        async with self.sessions() as session:
            found = await session.scalars(
                select(tables.SentFile)
                .where(col(tables.SentFile.sending_id) == sending_id)
                .order_by(col(tables.SentFile.position))
            )
            return list(found)

    async def promote(self, role: str) -> None:
        """The one person of this record is a specialist, or a manager."""
        async with self.sessions.begin() as session:
            (await session.get_one(tables.UserAccount, self.person_id)).role = role

    async def fill_letter(self, case_id: UUID) -> None:
        """As if a person had filled in every blank."""
        async with self.sessions.begin() as session:
            await session.execute(
                update(tables.Letter).where(col(tables.Letter.case_id) == case_id).values(missing_facts=[])
            )

    async def edit_letter(self, case_id: UUID, markdown: str) -> None:
        async with self.sessions.begin() as session:
            for letter in await self.letters(case_id):
                (await session.get_one(tables.Letter, letter.id)).markdown = markdown

    async def published(self, case_id: UUID, topic: str) -> int:
        """How many events of a topic stand in the outbox for this case."""
        async with self.sessions() as session:
            count = await session.scalar(
                select(func.count())
                .select_from(tables.Outbox)
                .where(
                    col(tables.Outbox.topic) == topic,
                    col(tables.Outbox.payload)["case_id"].astext == str(case_id),
                )
            )
            return count or 0


async def create_record(sessions: Sessions) -> Record:
    """A record with one person and the file that all remittances came in."""
    person_id = uuid4()
    async with sessions.begin() as session:
        session.add(
            tables.UserAccount(
                id=person_id,
                user_name=f"specialist-{person_id}",
                display_name="Dana Example",
                role="specialist",
                password_hash="-",
            )
        )
        if await session.get(tables.ReceivedFile, FILE) is None:
            session.add(
                tables.ReceivedFile(
                    sha256=FILE,
                    file_name="generated.835",
                    source="command",
                    size_bytes=0,
                    state="posted",
                )
            )
    record = Record(sessions, person_id)
    await record.add_contact(ChannelName.MAIL)
    return record


def _claim(
    claim_id: UUID, payment_id: UUID, denied_on: date, npi: str, service_on: date | None
) -> tables.Claim:
    served_on = service_on or denied_on - timedelta(days=20)
    return tables.Claim(
        id=claim_id,
        patient_control_number=f"PCN{claim_id.hex[:10]}",
        billing_npi=npi,
        payer_name="GENERATED PAYER",
        patient_name=PATIENT,
        member_identifier="MEMBER1",
        charge_amount=CHARGED,
        service_from=served_on,
        service_to=served_on,
        current_payment_id=payment_id,
        paid_amount=CHARGED - DENIED,
        contractual_amount=Decimal(0),
        patient_amount=Decimal(0),
        denied_amount=DENIED,
        imbalance_amount=Decimal(0),
        adjudicated=True,
    )


def _remittance(remittance_id: UUID, denied_on: date) -> tables.Remittance:
    return tables.Remittance(
        id=remittance_id,
        file_sha256=FILE,
        control_number="0001",
        interchange_control_number="000000001",
        payer_name="GENERATED PAYER",
        payee_name="GENERATED PRACTICE",
        payee_npi="1999999984",
        trace_number="TRACE1",
        payment_amount=CHARGED - DENIED,
        payment_on=denied_on,
        claims_paid_amount=CHARGED - DENIED,
        provider_adjustments_amount=Decimal(0),
        difference_amount=Decimal(0),
        segment_index=3,
    )


def _payment(
    payment_id: UUID, remittance_id: UUID, claim_id: UUID, denied_on: date, patient_name: str
) -> tables.ClaimPayment:
    return tables.ClaimPayment(
        id=payment_id,
        remittance_id=remittance_id,
        claim_id=claim_id,
        position=1,
        payer_claim_control_number="PAYER1",
        status_code="1",
        charge_amount=CHARGED,
        paid_amount=CHARGED - DENIED,
        payment_on=denied_on,
        service_from=denied_on - timedelta(days=20),
        patient_name=patient_name,
        member_identifier="MEMBER1",
        segment_index=20,
    )


def _line(payment_id: UUID, denied_on: date) -> tables.ServiceLine:
    return tables.ServiceLine(
        id=uuid4(),
        claim_payment_id=payment_id,
        line_number=1,
        procedure="97110",
        modifiers=["GP"],
        charge_amount=DENIED,
        paid_amount=Decimal(0),
        units=Decimal(2),
        service_on=denied_on - timedelta(days=20),
        segment_index=24,
    )


def _denial(case_id: UUID, payment_id: UUID, category: str, cause: str, action: str) -> tables.Denial:
    return tables.Denial(
        id=uuid4(),
        case_id=case_id,
        claim_payment_id=payment_id,
        line_number=1,
        procedure="97110",
        category=category,
        cause=cause,
        action=action,
        appealable="yes",
        preventable="maybe",
        group_code="CO",
        carc="50",
        rarcs=["N115"],
        denied_amount=DENIED,
        rule_id="generated",
        rule_version="generated",
        rule_source="generated",
        explanation="Denied as not medically necessary.",
    )
