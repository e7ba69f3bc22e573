"""The archive, read aside: the same answers, no trace in the worker, and nothing left behind."""

import asyncio
import subprocess
import sys
from asyncio.subprocess import Process
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.note import generate
from audit.questions import Archive, Question
from gateway.trail.archive import ArchiveQuestions
from gateway.trail.aside import asked
from gateway.trail.pipeline import Scope
from resolvers.model import Shown
from resolvers.refusals import Refusal
from tests.archives import LOG, MemoryStream, Scribe, archiver
from tests.evidence import entry

ADA = "Ada"
ASK = """
import asyncio, sys
from pathlib import Path
from audit.note import Verifier
from audit.questions import Archive, Question
from gateway.trail.aside import asked
found = asyncio.run(asked(Archive(Path(sys.argv[1]), Verifier.parse(sys.argv[2])), Question(child="x")))
assert found.accesses
print("duckdb" in sys.modules)
"""


@pytest.fixture(name="archive", scope="module")
def _archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive of a few accesses, some with records and a purpose, one refused."""
    folder, stream = tmp_path_factory.mktemp("aside") / "archive", MemoryStream()
    scribe = Scribe(stream)
    shown = Shown("child", "Child", "open|true|none", ("number",), {"gender": "ROLE"}, ("x", "y"), ("x", "y"))
    for number in range(3):
        scribe.access(replace(entry(f"{number:032x}", "why"), account="ann", disclosed=(shown,)))
    scribe.access(replace(entry(f"{3:032x}", "why"), account="ann", outcome="refused", codes=("ROLE",)))
    archiver(folder, stream).round()
    return Archive(folder, LOG.verifier)


@pytest.mark.parametrize("question", [Question(child="x"), Question(account="ann", limit=2), Question(child="nobody")])
async def test_it_tells_what_is_told_in_process(archive: Archive, question: Question) -> None:
    """Whoever asks aside is told exactly what reading the archive in the same process tells."""
    assert await asked(archive, question) == archive.accesses(question)


def test_a_worker_does_without_the_database(archive: Archive) -> None:
    """A process that has asked has not loaded DuckDB, whose memory it would never get back."""
    command = [sys.executable, "-c", ASK, str(archive.path), LOG.verifier.text]
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert said.stdout == "False\n"


@pytest.mark.parametrize("damage", ["gone", "garbled", "foreign"])
async def test_whatever_the_archive_fails_with(
    damage: str, archive: Archive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever reading fails with is one refusal, and the log says what kind of fault and where, and no more."""
    folder = tmp_path / ADA
    if damage == "garbled":
        folder.mkdir()
        for file in ("checkpoint", "manifest.json"):
            (folder / file).write_text(ADA)
    broken = (
        replace(archive, path=folder)
        if damage != "foreign"
        else replace(archive, log=generate("other.example/log").verifier)
    )
    questions = ArchiveQuestions(broken)
    for ask in (questions.history, questions.trail):
        with pytest.raises(Refusal, match="ARCHIVE_UNAVAILABLE"):
            await ask(Scope(None, "o"), ADA, None, "2026-01-01")
    assert "Error" in caplog.text
    assert "questions.py" in caplog.text
    assert ADA not in caplog.text


async def test_it_ends_with_whoever_waits(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """When whoever asked leaves, the process is ended, however far it was."""
    begun: list[Process] = []
    started = asyncio.Event()
    begin = asyncio.create_subprocess_exec

    async def watched(*_command: Any, **options: Any) -> Process:
        process = await begin(sys.executable, "-c", "import time; time.sleep(600)", **options)
        begun.append(process)
        started.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    asking = asyncio.create_task(asked(archive, Question(child="x")))
    await started.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert [process.returncode for process in begun] == [-9]
