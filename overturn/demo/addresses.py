"""The demo's invented addresses and signer, so that a generated letter can be completed and approved."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from overturn.db.addresses import payer_contacts, save_contact, save_profile
from overturn.db.session import create_engine, create_sessions
from overturn.db.tables import PracticeProfile
from overturn.domain.channel_names import ChannelName
from overturn.domain.payer_contacts import PayerContact
from overturn.settings import Settings
from overturn.synthetic.practice import PAYERS, SUPPLEMENT, Payer

INVENTED: Final = "invented for the demo"
WRITTEN_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
PROFILE: Final = PracticeProfile(
    address=["12 Bramblegate Lane", "Springfield, OH 45501"],
    phone="(555) 010-0142",
    fax="(555) 010-0143",
    signer_name="Robin Vale",
    signer_title="Billing Manager",
    updated_at=WRITTEN_AT,
)


async def ensure_addresses(settings: Settings) -> None:
    """Write the addresses into a database that has none; what people entered is left alone."""
    engine = create_engine(settings.database_url, pool_size=1)
    async with create_sessions(engine).begin() as session:
        if not await payer_contacts(session):
            await save_profile(session, PROFILE)
            for number, payer in enumerate((*PAYERS, SUPPLEMENT)):
                for contact in _contacts(payer, number):
                    await save_contact(session, contact, actor_id=None, now=WRITTEN_AT)
    await engine.dispose()


def _contacts(payer: Payer, number: int) -> Iterator[PayerContact]:
    """An address and a fax number from the range 555-0100 to 555-0199, which belongs to nobody."""
    box = f"P.O. Box {1000 + number}"
    lines = ("Provider Appeals", box, "Columbus, OH 43004")
    yield PayerContact(payer.name, ChannelName.MAIL, address=lines, source=INVENTED)
    fax = f"(555) 555-01{number:02}"
    yield PayerContact(payer.name, ChannelName.FAX, destination=fax, source=INVENTED)
