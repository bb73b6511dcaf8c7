"""`python -m overturn.events.schemas` writes every schema; what would break readers is refused."""

import json
import sys

from overturn.events.schemas import (
    breaking_changes,
    committed_schema,
    explain_breakage,
    schema_of,
    schema_path,
)
from overturn.events.topics import CONTRACT


def main() -> int:
    """Write what may be written; 1 where a topic needs a new version."""
    refused = 0
    for topic, event in CONTRACT.items():
        current, committed = schema_of(event), committed_schema(topic)
        if committed and (changes := breaking_changes(committed, current)):
            refused = 1
            sys.stderr.write(explain_breakage(topic, changes) + "\n")
        else:
            schema_path(topic).write_text(json.dumps(current, indent=2) + "\n", encoding="utf-8")
    return refused


if __name__ == "__main__":
    sys.exit(main())
