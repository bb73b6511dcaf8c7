"""`python -m services.web`"""

import asyncio
from datetime import UTC, datetime
from functools import partial

import uvicorn

from overturn.channels.configured import configured_channels
from overturn.db.session import create_engine, create_sessions
from overturn.domain.expiries import Notice
from overturn.language_model import ChatModel
from overturn.letters.rephrasing import Rephraser
from overturn.logging import configure_logging
from overturn.rule_sets import RulesInForce
from overturn.rulebook import load_rulebook
from overturn.settings import Settings, load_settings
from overturn.temporal.client import connect
from services.web.app import create_app
from services.web.context import Web
from services.web.labels import load_labels
from services.web.security import FailedSignIns
from services.web.upload import forward_to
from workflows.appeal_batch.starting import follow_batch
from workflows.denial_case.step_client import take_step


async def main() -> None:
    configure_logging()
    settings = load_settings()
    engine, rules = create_engine(settings.database_url), RulesInForce(load_rulebook())
    sessions, client = create_sessions(engine), await connect(settings)
    web = Web(
        sessions=sessions,
        take_step=partial(take_step, client, sessions),
        follow_batch=partial(follow_batch, client),
        forward=forward_to(
            settings.ingest_host, settings.ingest_port, settings.ingest_token.get_secret_value()
        ),
        channels={name: channel.label for name, channel in configured_channels(settings).items()},
        clock=partial(datetime.now, UTC),
        labels=load_labels(),
        rules=rules,
        failed_sign_ins=FailedSignIns(),
        notice=Notice(settings.expiry_days, settings.few_visits),
        reference_dir=settings.reference_dir,
        scan_command=settings.scan_command,
        rephraser=_rephraser(settings),
    )
    # The access log would hold claim numbers from search addresses.
    config = uvicorn.Config(
        create_app(web), host=settings.web_host, port=settings.web_port, log_config=None, access_log=False
    )
    await uvicorn.Server(config).serve()
    await engine.dispose()


def _rephraser(settings: Settings) -> Rephraser | None:
    if not settings.language_model_url:
        return None
    key = settings.language_model_key.get_secret_value()
    return ChatModel(settings.language_model_url, settings.language_model, key)


if __name__ == "__main__":
    asyncio.run(main())
