"""The archive, read aside: the same answers, no trace in the worker, and nothing left behind."""

import asyncio
import subprocess
import sys
from asyncio.subprocess import Process
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.note import generate
from audit.questions import Archive, Question
from gateway.trail.archive import ArchiveQuestions
from gateway.trail.aside import asked, told
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
assert b"leaf" in found
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
    assert told(await asked(archive, question)) == archive.accesses(question)


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
    questions = ArchiveQuestions(broken, ThreadPoolExecutor(1))
    for ask in (questions.history, questions.trail):
        with pytest.raises(Refusal, match="ARCHIVE_UNAVAILABLE"):
            await ask(Scope(None, "o"), ADA, None, "2026-01-01")
    assert "Error" in caplog.text
    assert "questions.py" in caplog.text
    assert ADA not in caplog.text


@pytest.mark.parametrize("busy", ["time.sleep(600)", "[print('x' * 65536) for _ in range(10**6)]"])
async def test_it_ends_with_the_request(busy: str, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the request is over, the process is ended, whether it is still at work or in the middle of its answer."""
    begun: list[Process] = []
    begin = asyncio.create_subprocess_exec

    async def watched(*_command: Any, **options: Any) -> Process:
        begun.append(await begin(sys.executable, "-c", f"import time; {busy}", **options))
        return begun[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await asked(archive, Question(child="x"))
    assert [process.returncode for process in begun] == [-9]


async def test_what_is_no_answer_shows_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of an answer of another form, and of a process that dies with words of its own, nothing is shown or logged."""
    begin = asyncio.create_subprocess_exec
    for says in (f"print('{ADA}')", f"import os, sys; print('{ADA}', file=sys.stderr, flush=True); os.abort()"):

        async def other(*_command: Any, says: str = says, **options: Any) -> Process:
            return await begin(sys.executable, "-c", says, **options)

        monkeypatch.setattr(asyncio, "create_subprocess_exec", other)
        with pytest.raises(Refusal, match="ARCHIVE_UNAVAILABLE"):
            await ArchiveQuestions(archive, ThreadPoolExecutor(1)).history(Scope(None, "o"), "x", None, None)
    assert "ValidationError" in caplog.text
    assert "ended with -6" in caplog.text
    assert ADA not in caplog.text
