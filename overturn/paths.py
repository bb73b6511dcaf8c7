"""Where the source tree keeps what is not Python: tables, templates, topics. The tree is what is deployed."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
RULES: Final = ROOT / "rules"
REFERENCE: Final = ROOT / "reference"
APPEAL_TEMPLATES: Final = ROOT / "templates" / "appeals"
RECORDS_TEMPLATES: Final = ROOT / "templates" / "records"
FORM_TEMPLATES: Final = ROOT / "templates" / "forms"
WEB_TEMPLATES: Final = ROOT / "templates" / "web"
TOPICS: Final = ROOT / "deploy" / "topics.yaml"
