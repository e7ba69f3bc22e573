"""The archiver as a service: it goes on through what passes, stops when told, and says how it does."""

import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest
from redis.exceptions import ConnectionError as Lost

from audit.archive import service as module
from audit.archive.chains import Problem
from audit.archive.folder import Folder
from audit.archive.log import Writing
from audit.archive.service import Service
from audit.keystore import KeyStore, KeyStoreError
from audit.witness.client import Peer, Peers
from audit.witness.http import witness_app
from audit.witness.state import Witness, create_witness
from tests.archives import LOG, MemoryStream, Scribe, archiver, faults
from tests.commands import free_port


def metric(service: Service, name: str, **labels: str) -> float | None:
    """What a service's metrics say."""
    return service.metrics.registry.get_sample_value(f"directory_archive_{name}", labels)


def test_it_archives_until_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that come later are archived, a stream that is away is waited for, and it ends when it is told to."""
    monkeypatch.setattr(module, "LINGER", 0.0)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    stream, told = MemoryStream(), list[Problem]()
    scribe = Scribe(stream)
    scribe.accesses(3)
    service = Service(archiver(tmp_path / "archive", stream), told.append)
    steps = iter(("more", "away", "damage", "end"))

    def wait() -> None:
        match next(steps):
            case "more":
                scribe.accesses(2, begin=3)
            case "away":
                raise Lost
            case "damage":
                scribe.accesses(2, begin=5)
                del stream.entries[-2]
            case "end":
                service.stopping.set()

    stream.waits = wait
    service.run()
    assert (metric(service, "entries_total"), metric(service, "size"), metric(service, "lag_seconds")) == (7, 8, 0)
    assert [problem.code for problem in told] == ["gap"]
    assert metric(service, "problems_total", code="gap") == 1
    assert time.time() - (metric(service, "checkpoint_timestamp_seconds") or 0) < 60


def _spilled(said: str) -> Exception:
    """What DuckDB says of a disk that has no room to spill to."""
    return duckdb.OutOfMemoryException(f"failed to offload, limit set by 'max_temp_directory_size': {said[:0]}")


@pytest.mark.parametrize("step", [(Writing, "add"), (Folder, "commit"), (KeyStore, "add")])
@pytest.mark.parametrize("fault", [duckdb.IOException, _spilled, KeyStoreError, OSError])
def test_a_full_disk_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[str], Exception], step: tuple[type, str]
) -> None:
    """While the archive or the keys cannot be written nothing is lost, and afterwards all is archived once."""
    monkeypatch.setattr(module, "LINGER", 0.0)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    stream = MemoryStream()
    Scribe(stream).accesses(3)
    service = Service(archiver(tmp_path / "archive", stream))
    stream.waits = service.stopping.set
    whole, faults_left = getattr(*step), [fault("no space left")] * 2

    def once_there_is_room(*given: Any) -> Any:
        if faults_left:
            raise faults_left.pop()
        return whole(*given)

    monkeypatch.setattr(*step, once_there_is_room)
    service.run()
    assert faults_left == []
    assert metric(service, "entries_total") == 4
    assert faults(tmp_path / "archive") == []


def test_what_does_not_fit_into_memory_is_archived_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a round needs more memory than there is, fewer entries are archived at once, and then more again."""
    stream, counts = MemoryStream(), list[int]()
    Scribe(stream).accesses(29)
    keeper = archiver(tmp_path / "archive", stream)
    rounds, room = keeper.round, [3]

    def tight(_self: Any, count: int) -> Any:
        counts.append(count)
        if count > room[0]:
            raise duckdb.OutOfMemoryException("no room")
        return rounds(count)

    monkeypatch.setattr(type(keeper), "round", tight)
    assert Service(keeper).once() == 30
    fitting = [each for each in counts if each <= room[0]]
    assert len(fitting) > 10
    assert set(counts[counts.index(fitting[0]) :]) <= {fitting[0], 2 * fitting[0]}
    assert faults(tmp_path / "archive") == []
    room[0] = 0
    with pytest.raises(duckdb.OutOfMemoryException):
        Service(keeper).once()


def test_what_does_not_mend_itself_ends_the_archiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is damaged or gone is not waited for: whoever runs the archiver has to see it."""
    service = Service(archiver(tmp_path / "archive", MemoryStream()))

    def round_(*_given: Any) -> Any:
        raise duckdb.IOException("No files found that match the pattern")

    monkeypatch.setattr(type(service.archiver), "round", round_)
    with pytest.raises(duckdb.IOException):
        service.run()


def test_once_takes_all_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rounds it takes, once archives all and counts it."""
    stream = MemoryStream()
    Scribe(stream).accesses(9)
    keeper = archiver(tmp_path / "archive", stream)
    rounds = keeper.round
    monkeypatch.setattr(type(keeper), "round", lambda *_: rounds(4))
    service = Service(keeper)
    assert service.once() == 10
    assert faults(tmp_path / "archive") == []
    assert service.once() == 0


def test_a_service_that_starts_again_knows_the_last_checkpoint(tmp_path: Path) -> None:
    """The age of the last checkpoint is told from the start, and not only once there is a new one."""
    stream = MemoryStream()
    Scribe(stream).accesses(3)
    first = Service(archiver(tmp_path / "archive", stream))
    assert metric(first, "checkpoint_timestamp_seconds") == 0
    first.once()
    again = Service(archiver(tmp_path / "archive", stream))
    assert time.time() - (metric(again, "checkpoint_timestamp_seconds") or 0) < 60


def test_a_lag_is_told(tmp_path: Path) -> None:
    """What is behind the archive makes the lag: the age of the oldest entry."""
    stream = MemoryStream()
    Scribe(stream).accesses(9)
    service = Service(archiver(tmp_path / "archive", stream))
    done = service.archiver.round(4)
    service.metrics.told(done, 4, service.archiver.source.behind(done.position))
    assert (metric(service, "lag_seconds") or 0) > 3600


def test_witnesses_are_asked_when_there_is_something_new(tmp_path: Path) -> None:
    """A witness that is away is counted and asked again; one that has signed is asked when the log has grown."""
    create_witness(tmp_path / "witness", "witness.example")
    witness = Witness(tmp_path / "witness", [LOG.verifier])
    app, asked = witness_app(witness), list[int]()

    async def sometimes(scope: Any, receive: Any, send: Any) -> None:
        asked.append(len(asked))
        if len(asked) == 1:
            raise httpx.ConnectError("away")
        await app(scope, receive, send)

    stream = MemoryStream()
    scribe = Scribe(stream)
    scribe.accesses(3)
    keeper = archiver(tmp_path / "archive", stream)
    keeper.peers = Peers([Peer("http://witness.example", witness.key)], transport=httpx.ASGITransport(sometimes))
    keeper.witnesses = (witness.key.text,)
    service = Service(keeper)
    absent = []
    for _ in range(3):
        service.once()
        absent.append(metric(service, "witnesses_absent"))
    assert (absent, len(asked)) == ([1, 0, 0], 2)
    scribe.accesses(1, begin=3)
    service.once()
    assert len(asked) == 3
    assert faults(tmp_path / "archive", witnesses=[witness.key]) == []


def test_metrics_are_served_to_this_machine(tmp_path: Path) -> None:
    """Prometheus finds the metrics at the port that is given."""
    service, port = Service(archiver(tmp_path / "archive", MemoryStream())), free_port()
    service.listen(port)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b"directory_archive_lag_seconds" in answer.read()
    finally:
        service.close()
