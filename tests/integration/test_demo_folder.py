"""The demo keeps out of a folder in which somebody works."""

from pathlib import Path

import pytest

from overturn.db.session import Sessions
from overturn.demo.run import DemoError, refuse_other_files
from overturn.settings import Settings
from services.ingest.receiving import receive_file
from tests.x12_files import denied_claim, paid_claim, remittance

pytestmark = [pytest.mark.postgres, pytest.mark.asyncio]


async def test_the_demo_is_refused_beside_files_that_are_not_its_own(
    sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    settings = Settings.model_construct(database_url=database_url)
    months_file = tmp_path / "month.835"
    months_file.write_bytes(remittance(paid_claim("P1")))
    await receive_file(sessions, file_name="month.835", content=months_file.read_bytes(), source="upload")
    await refuse_other_files(settings, [months_file])
    await receive_file(
        sessions, file_name="own.835", content=remittance(denied_claim("P2"), trace="OWN"), source="upload"
    )
    with pytest.raises(DemoError, match="OVERTURN_HOME"):
        await refuse_other_files(settings, [months_file])
