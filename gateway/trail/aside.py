"""The archive, read in a process of its own for each question: it takes its memory along when it ends.

DuckDB and rego-cpp in one process never give memory back, so a worker that decides in process must not load it. The
process runs at low priority, reads one question, writes what it finds, and is ended with whoever waits for it.
"""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from pydantic import TypeAdapter

from audit.note import Verifier
from audit.questions import Answer, Archive, Question
from resolvers.faults import described

_QUESTION, _ANSWER = TypeAdapter(Question), TypeAdapter(Answer)


class UnansweredError(Exception):
    """The archive cannot be read; the message says what failed and where, and nothing of what was asked or found."""


async def asked(archive: Archive, question: Question) -> Answer:
    """What an archive knows.

    Raises:
        UnansweredError: the archive cannot be read.
    """
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DIRECTORY_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", __name__, archive.path, archive.log.text),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=plain,
    )
    try:
        found, failed = await process.communicate(_QUESTION.dump_json(question))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise UnansweredError(failed.decode(errors="replace") or f"It ended with {process.returncode}.")
    return _ANSWER.validate_json(found)


def answer(path: str, log: str) -> None:
    """Answer the question at the input, at the output."""
    question = _QUESTION.validate_json(sys.stdin.buffer.read())
    found = Archive(Path(path), Verifier.parse(log)).accesses(question)
    sys.stdout.buffer.write(_ANSWER.dump_json(found))


if __name__ == "__main__":
    os.nice(10)
    try:
        answer(*sys.argv[1:])
    except Exception as error:  # noqa: BLE001 - whatever fails, only its kind and place may be told
        sys.exit(described(error))
