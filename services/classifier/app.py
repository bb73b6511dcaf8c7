"""The classifier process: nine subscriptions, one composition root."""

from typing import Any, TypeVar

from faststream import FastStream
from faststream.kafka import KafkaBroker
from temporalio.client import Client
from temporalio.service import RPCError

from overturn.broker.broker import create_broker, subscribe
from overturn.broker.consuming import EventConsumer, Handle
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.events import (
    CaseAdvanced,
    CaseReclassified,
    ClaimAcknowledged,
    ClaimAdjudicated,
    ClaimSubmitted,
    CredentialChanged,
    DenialClassified,
    Event,
    EvidenceAdded,
    RulesPublished,
)
from overturn.events.topics import CONSUMERS
from overturn.rule_sets import RulesInForce
from overturn.rulebook import Rulebook, load_rulebook
from overturn.settings import Settings
from overturn.temporal.client import connect
from services.classifier.case_replanner import CaseReplanner
from services.classifier.case_starter import CaseStarter
from services.classifier.case_teller import CaseTeller
from services.classifier.claim_classifier import ClaimClassifier
from services.classifier.claim_teller import ClaimTeller
from services.classifier.gap_teller import GapTeller
from services.classifier.reclassifier import Reclassifier
from services.classifier.reconsiderer import Reconsiderer
from services.classifier.submission_reader import SubmissionReader

E = TypeVar("E", bound=Event)


async def run(settings: Settings) -> None:
    """Consume until told to stop."""
    engine = create_engine(settings.database_url)
    client = await connect(settings)
    broker = create_broker(settings, client_id="services.classifier")
    subscribe_all(broker, create_sessions(engine), client, load_rulebook())
    await FastStream(broker, logger=None).run()
    await engine.dispose()


def subscribe_all(broker: KafkaBroker, sessions: Sessions, client: Client, rulebook: Rulebook) -> None:
    """Attach the nine handlers; each in a consumer group of its own."""
    rules = RulesInForce(rulebook)
    consumers: list[EventConsumer[Any]] = [
        _consumer(ClaimSubmitted, sessions, SubmissionReader()),
        _consumer(ClaimAdjudicated, sessions, ClaimClassifier(rules)),
        _consumer(DenialClassified, sessions, CaseStarter(client)),
        _consumer(CaseAdvanced, sessions, CaseTeller(client)),
        _consumer(ClaimAcknowledged, sessions, ClaimTeller(client)),
        _consumer(CredentialChanged, sessions, GapTeller(client)),
        _consumer(EvidenceAdded, sessions, Reconsiderer(rules)),
        _consumer(RulesPublished, sessions, Reclassifier(rules)),
        _consumer(CaseReclassified, sessions, CaseReplanner(client)),
    ]
    for consumer in consumers:
        subscribe(broker, consumer.topic, group=consumer.group, handle=consumer)


def _consumer(event: type[E], sessions: Sessions, handle: Handle[E]) -> EventConsumer[E]:
    return EventConsumer(
        group=CONSUMERS[event.topic], event=event, sessions=sessions, handle=handle, outages=(RPCError,)
    )
