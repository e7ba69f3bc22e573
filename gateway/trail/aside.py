"""The archive, read in a process of its own for each question: it takes its memory along when it ends.

DuckDB and rego-cpp in one process never give memory back, so a worker that decides in process must not load it. The
process reads one question, writes what it finds, at low priority, and is ended with the request that waits for it.
"""

import os
import sys
from pathlib import Path

from pydantic import TypeAdapter

from audit.note import Verifier
from audit.questions import Answer, Archive, Question
from gateway.aside import begun
from resolvers.faults import described

FAILED = 3
"""How the process ends where it says what failed."""
_QUESTION, _ANSWER = TypeAdapter(Question), TypeAdapter(Answer)


class UnansweredError(Exception):
    """The archive cannot be read; the message says what failed and where, and nothing of what was asked or found."""


async def asked(archive: Archive, question: Question) -> bytes:
    """What an archive knows, to be read with `told`.

    Raises:
        OSError: the process cannot be begun.
        UnansweredError: the archive cannot be read.
    """
    process = await begun(__name__, str(archive.path), archive.log.text)
    try:
        said, _ = await process.communicate(_QUESTION.dump_json(question))
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()  # to the end: a pipe that nobody reads would keep it from being over
    if process.returncode:
        raise UnansweredError(said.decode() if process.returncode == FAILED else f"ended with {process.returncode}")
    return said


def told(said: bytes) -> Answer:
    """An answer from what was said.

    Raises:
        ValueError: it is none.
    """
    return _ANSWER.validate_json(said)


def _answer(path: str, log: str) -> bytes:
    question = _QUESTION.validate_json(sys.stdin.buffer.read())
    return _ANSWER.dump_json(Archive(Path(path), Verifier.parse(log)).accesses(question))


if __name__ == "__main__":
    os.nice(10)
    try:
        sys.stdout.buffer.write(_answer(*sys.argv[1:]))
    except Exception as error:  # noqa: BLE001 - whatever fails, only its kind and place may be told
        sys.stdout.write(described(error))
        sys.exit(FAILED)
