"""How the Temporal server is found, and what it is told."""

from pathlib import Path

import pytest
from temporalio.common import SearchAttributeKey

from overturn.stack import temporal
from overturn.stack.part import StackError, quiet


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty PATH and an empty cache."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def a_program(path: Path) -> Path:
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


async def refused(draft: Path, target: Path, progress: object) -> bool:
    return False


def test_a_program_on_the_path_goes_before_the_cached_one(nothing_installed: Path) -> None:
    cached = a_program(nothing_installed / "cache" / "overturn" / "bin" / "temporal")
    assert temporal.find_temporal() == cached
    on_path = a_program(nothing_installed / "bin" / "temporal")
    assert temporal.find_temporal() == on_path


@pytest.mark.asyncio
async def test_a_machine_without_download_and_go_says_what_to_do(
    nothing_installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(temporal, "_download", refused)
    with pytest.raises(StackError, match="OVERTURN_TEMPORAL_ADDRESS"):
        await temporal.obtain_temporal(quiet)


@pytest.mark.asyncio
async def test_go_builds_it_into_the_cache(nothing_installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporal, "_download", refused)
    go = a_program(nothing_installed / "bin" / "go")
    go.write_text('#!/bin/sh\necho "#!/bin/sh" > "$GOBIN/temporal" && /bin/chmod +x "$GOBIN/temporal"\n')
    said: list[tuple[str, str]] = []
    program = await temporal.obtain_temporal(lambda *news: said.append(news))
    assert program == nothing_installed / "cache" / "overturn" / "bin" / "temporal"
    assert temporal.find_temporal() == program
    assert "building it with Go" in said[0][1]


def test_the_server_is_told_its_file_its_port_and_the_search_attributes(tmp_path: Path) -> None:
    due, tags = SearchAttributeKey.for_datetime("DueOn"), SearchAttributeKey.for_keyword_list("Tags")
    command = temporal.part(Path("/bin/temporal"), tmp_path / "t.db", 7233, [due, tags]).command
    assert "--search-attribute=DueOn=Datetime" in command
    assert "--search-attribute=Tags=KeywordList" in command
    assert command[command.index("--db-filename") + 1] == str(tmp_path / "t.db")
    assert "--headless" in command
