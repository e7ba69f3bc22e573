"""The embedded engines: what they promise about data, secrets, and the processes around them."""

import dataclasses
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import neo4j
import pytest
import redis

from audit.stream import REQUIRED
from gateway.engines import EngineError, EngineName, Engines, EngineSet
from gateway.engines.embedded import embedded_engines, embedded_set, read_engines
from gateway.engines.folder import DataFolder, end_engines
from gateway.engines.probe import wait_until_ready
from gateway.engines.process import is_held, running_pid

CHECKOUT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from gateway.engines.embedded import embedded_engines
with embedded_engines(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, EngineSet]]:
    data = tmp_path_factory.mktemp("engines") / 'a "data" folder'
    with embedded_set(data) as running:
        yield data, running


def write(engines: Engines, key: str) -> None:
    """Write one node and one stream entry, each acknowledged."""
    with driver(engines) as graph:
        graph.execute_query("CREATE (:Kept {key: $key})", key=key, database_="neo4j")
    with redis.Redis.from_url(engines.stream_url) as stream:
        stream.xadd("kept", {"key": key})


def kept(engines: Engines) -> tuple[list[str], list[str]]:
    """The keys that the graph and the stream hold."""
    with driver(engines) as graph:
        rows = graph.execute_query("MATCH (k:Kept) RETURN k.key AS key ORDER BY key", database_="neo4j").records
    with redis.Redis.from_url(engines.stream_url, decode_responses=True) as stream:
        entries = stream.xrange("kept")
    return [row["key"] for row in rows], sorted(fields["key"] for _, fields in entries)


def driver(engines: Engines) -> neo4j.Driver:
    """A Bolt driver for these engines."""
    return neo4j.GraphDatabase.driver(engines.graph_uri, auth=(engines.graph_user, engines.graph_password))


def wait_for(condition: str, holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for a change that another process makes, and fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
        time.sleep(0.05)


def holder(data: Path) -> "subprocess.Popen[str]":
    """Another process that runs the engines of a folder until its standard input ends."""
    process = subprocess.Popen(  # noqa: S603 - this interpreter, the text above
        [sys.executable, "-c", HOLDER, str(data)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def command_line(pid: int) -> str:
    """The arguments of a process, as every user of the machine sees them."""
    shown = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=True)  # noqa: S603, S607
    return shown.stdout


def test_the_graph_answers_cypher_over_bolt(shared: tuple[Path, EngineSet]) -> None:
    """The unchanged Neo4j driver reads and writes the database `neo4j` of the embedded graph."""
    _, running = shared
    with driver(running.engines) as graph:
        records = graph.execute_query(
            "UNWIND $names AS name RETURN COLLECT { WITH name WHERE name <> 'b' RETURN name } AS kept",
            names=["a", "b"],
            database_="neo4j",
        ).records
    assert [record["kept"] for record in records] == [["a"], []]


def test_the_stream_keeps_what_it_acknowledges(shared: tuple[Path, EngineSet]) -> None:
    """The stream syncs every append before it answers and never evicts."""
    _, running = shared
    with redis.Redis.from_url(running.engines.stream_url, decode_responses=True) as stream:
        settings = stream.config_get("*")
    expected = {**REQUIRED, "save": ""}
    assert {key: settings[key] for key in expected} == expected


def test_the_graph_syncs_every_commit(shared: tuple[Path, EngineSet]) -> None:
    """The graph itself reports that its log is synced in full at every commit."""
    data, _ = shared
    assert "WAL flush: 2 (full fsync) [OK]" in DataFolder(data).log("graph").read_text(encoding="utf-8")


def test_a_data_folder_is_private(shared: tuple[Path, EngineSet]) -> None:
    """The data folder and everything in it belong to their owner alone."""
    data, _ = shared
    assert data.stat().st_mode & 0o777 == 0o700
    assert [path for path in data.rglob("*") if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("name", ["graph", "stream"])
def test_no_secret_is_shown(shared: tuple[Path, EngineSet], name: EngineName) -> None:
    """No password is in an engine's argument list, nor in the representation of its address."""
    _, running = shared
    pid = running.pid(name)
    assert pid is not None
    stream_password = running.engines.stream_url.split("@")[0].removeprefix("redis://:")
    for secret in (running.engines.graph_password, stream_password):
        assert secret not in command_line(pid)
        assert secret not in repr(running.engines)


def test_everything_listens_on_loopback(shared: tuple[Path, EngineSet]) -> None:
    """No port of an engine can be reached by an address other than 127.0.0.1."""
    data, running = shared
    arguments = (data / "run" / "graph.args").read_text(encoding="utf-8")
    ports = [int(port) for port in re.findall(r"[Pp]ort=(\d+)", arguments)]
    ports.append(int(running.engines.stream_url.rsplit(":", 1)[1].removesuffix("/0")))
    assert len(ports) == 3
    for port in ports:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
            socket.create_connection(("127.0.0.2", port), timeout=2)


def test_a_password_is_needed(shared: tuple[Path, EngineSet]) -> None:
    """Neither engine answers without the password of its data folder."""
    _, running = shared
    with (
        neo4j.GraphDatabase.driver(running.engines.graph_uri, auth=("root", "guess")) as graph,
        pytest.raises(neo4j.exceptions.AuthError),
    ):
        graph.verify_connectivity()
    address = running.engines.stream_url.split("@")[1]
    with redis.Redis.from_url(f"redis://{address}") as stream, pytest.raises(redis.AuthenticationError):
        stream.ping()


@pytest.mark.parametrize("name", ["graph", "stream"])
def test_another_password_is_reported(shared: tuple[Path, EngineSet], name: EngineName) -> None:
    """Engines whose data was made with another password are reported as that, at once."""
    data, running = shared
    changed = dataclasses.replace(
        running.engines,
        graph_password="another",  # noqa: S106 - of nothing
        stream_url=f"redis://:another@{running.engines.stream_url.split('@')[1]}",
    )
    with pytest.raises(EngineError, match=f"The {name} engine refuses the password"):
        wait_until_ready(DataFolder(data), changed, name, 5)


def test_other_commands_find_running_engines(shared: tuple[Path, EngineSet]) -> None:
    """Another command reads from the data folder where the engines answer."""
    data, running = shared
    assert read_engines(data) == running.engines


def test_a_second_start_is_refused(shared: tuple[Path, EngineSet]) -> None:
    """A second start on a data folder in use fails in one sentence and leaves the first alone."""
    data, running = shared
    with pytest.raises(EngineError, match="already run for another process"), embedded_engines(data):
        pass
    assert running.died() == ()


@pytest.mark.parametrize("name", ["graph", "stream"])
def test_a_killed_engine_is_seen_and_restarted(shared: tuple[Path, EngineSet], name: EngineName) -> None:
    """An engine that is killed is reported as died, and comes back at the same address with its data."""
    data, running = shared
    write(running.engines, f"before {name}")
    before = kept(running.engines)
    pid = running.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_for("the engine is gone", lambda: running.died() == (name,))
    with pytest.raises(EngineError, match=f"The {name} engine of .* has died"):
        read_engines(data)
    running.restart(name)
    assert running.died() == ()
    assert kept(running.engines) == before


def test_a_killed_supervisor_costs_no_data(tmp_path: Path) -> None:
    """After SIGKILL of the supervisor and of its starter, the next start ends what they left and has all the data."""
    folder = DataFolder(tmp_path)
    process = holder(tmp_path)
    try:
        write(read_engines(tmp_path), "kept")
        left = running_pid(folder.pid_file("graph"))
        os.kill(int(folder.lock_file.read_text(encoding="ascii")), signal.SIGKILL)
        process.kill()
        process.communicate()
        assert left is not None
        assert running_pid(folder.pid_file("graph")) == left
        with embedded_set(tmp_path) as running:
            assert running.pid("graph") != left
            assert kept(running.engines) == (["kept"], ["kept"])
    finally:
        end_engines(folder)


def test_engines_end_with_their_starter(tmp_path: Path) -> None:
    """When the process that started the engines is killed, they end by themselves and take the engines file back."""
    process = holder(tmp_path)
    folder = DataFolder(tmp_path)
    process.kill()
    process.communicate()
    wait_for(
        "both engines have ended",
        lambda: not is_held(folder.pid_file("graph")) and not is_held(folder.pid_file("stream")),
    )
    with pytest.raises(EngineError, match="No engines run"):
        read_engines(tmp_path)


def test_a_start_waits_for_the_last_to_stop(tmp_path: Path) -> None:
    """A start right after the last starter was killed waits for its engines to end, and has all the data."""
    process = holder(tmp_path)
    write(read_engines(tmp_path), "kept")
    process.kill()
    with embedded_engines(tmp_path) as engines:
        assert kept(engines) == (["kept"], ["kept"])
    process.communicate()


def test_two_data_folders_run_side_by_side(shared: tuple[Path, EngineSet], tmp_path: Path) -> None:
    """Engines on a second data folder share neither ports, nor passwords, nor data with those on the first."""
    _, first = shared
    write(first.engines, "first")
    with embedded_engines(tmp_path) as second:
        assert kept(second) == ([], [])
        assert second.graph_password != first.engines.graph_password
    assert "first" in kept(first.engines)[0]


def test_a_folder_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    """Embedded engines do not touch a data folder that belongs to the native servers."""
    (tmp_path / "kind").write_text("stack", encoding="ascii")
    with pytest.raises(EngineError, match="holds the data of the stack engines"), embedded_engines(tmp_path):
        pass


def test_valkey_stands_in_for_redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Redis on the PATH the stream is Valkey, and stays Valkey on that folder when a Redis appears."""
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(tmp_path))
        with embedded_engines(tmp_path / "data") as engines:
            write(engines, "kept")
    with embedded_engines(tmp_path / "data") as engines:
        assert kept(engines) == (["kept"], ["kept"])
        with redis.Redis.from_url(engines.stream_url, decode_responses=True) as stream:
            assert stream.info("server")["server_name"] == "valkey"
            assert stream.config_get("appendfsync") == {"appendfsync": "always"}
