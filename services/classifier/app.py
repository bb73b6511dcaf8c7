"""The classifier process: three subscriptions, one composition root."""

from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from temporalio.client import Client
from temporalio.service import RPCError

from overturn.broker.broker import create_broker, subscription
from overturn.broker.consuming import EventConsumer
from overturn.db.session import Sessions, create_engine, create_sessions
from overturn.events import CaseAdvanced, ClaimAdjudicated, DenialClassified
from overturn.events.topics import CLASSIFIER
from overturn.rulebook import Rulebook, load_rulebook
from overturn.settings import Settings
from overturn.temporal.client import connect
from services.classifier.case_starter import CaseStarter, CaseTeller
from services.classifier.handlers import ClaimClassifier


async def run(settings: Settings) -> None:
    """Consume until told to stop."""
    engine = create_engine(settings.database_url)
    client = await connect(settings)
    broker = create_broker(settings, client_id=CLASSIFIER)
    subscribe(broker, create_sessions(engine), client, load_rulebook())
    await FastStream(broker).run()
    await engine.dispose()


def subscribe(broker: KafkaBroker, sessions: Sessions, client: Client, rulebook: Rulebook) -> None:
    """Attach the three handlers; each consumes batches in the one consumer group."""
    classify = EventConsumer(
        group=CLASSIFIER, event=ClaimAdjudicated, sessions=sessions, handle=ClaimClassifier(rulebook)
    )
    start = EventConsumer(
        group=CLASSIFIER,
        event=DenialClassified,
        sessions=sessions,
        handle=CaseStarter(client),
        outages=(RPCError,),
    )
    tell = EventConsumer(
        group=CLASSIFIER,
        event=CaseAdvanced,
        sessions=sessions,
        handle=CaseTeller(client),
        outages=(RPCError,),
    )

    @broker.subscriber(ClaimAdjudicated.topic, **subscription(CLASSIFIER))
    async def adjudicated(message: KafkaMessage) -> None:
        await classify(message)

    @broker.subscriber(DenialClassified.topic, **subscription(CLASSIFIER))
    async def classified(message: KafkaMessage) -> None:
        await start(message)

    @broker.subscriber(CaseAdvanced.topic, **subscription(CLASSIFIER))
    async def advanced(message: KafkaMessage) -> None:
        await tell(message)
