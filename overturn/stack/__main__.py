"""The supervisor in the background: `python -m overturn.stack`, with its progress as plain lines."""

import asyncio
import sys

from overturn.logging import configure_logging
from overturn.settings import SettingsError
from overturn.stack.part import StackError
from overturn.stack.session import run_until_signal
from overturn.stack.supervisor import Stack


def main() -> None:
    configure_logging()
    stack = Stack(temporal_ui="--temporal-ui" in sys.argv)
    try:
        asyncio.run(run_until_signal(stack, lambda part, event: print(f"{part}: {event}", flush=True)))  # noqa: T201
    except (StackError, SettingsError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
