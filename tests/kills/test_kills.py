"""Gateway, stream, archiver and witness killed at random under load, on the real Redis."""

import asyncio
from pathlib import Path

import pytest

from gateway.engines import EngineSet
from tests.durability.conftest import PROGRAMS, needed
from tests.kills.run import rounds
from tests.kills.site import site
from tests.timing.served import seeded

ROUNDS = 6


def test_every_answer_is_in_the_archive_once(
    embedded: EngineSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is killed when, each answer that a client received has its entry in the archive, exactly once."""
    needed(PROGRAMS["redis"], "redis")
    assert PROGRAMS["redis"]
    asyncio.run(seeded(embedded.engines))
    own = site(tmp_path, embedded.engines, PROGRAMS["redis"])
    try:
        outcome = asyncio.run(rounds(own, ROUNDS))
    finally:
        own.end()
    with capsys.disabled():
        print(f"\n{outcome.figures}")  # noqa: T201 - the figures are what it is for
    assert (outcome.lost, outcome.duplicated, outcome.faults) == ([], [], [])
    assert sum(outcome.kills.values()) >= ROUNDS
    assert outcome.kept.answered >= ROUNDS
    assert outcome.entries >= len(outcome.kept.receipts)
    assert outcome.verified["cosigned"][own.key.name]
    assert 0 < outcome.left < outcome.entries
