"""Servers are started, found and ended by the lock on their pid file, and by nothing else."""

import os
import socket
from pathlib import Path

import pytest

from gateway.engines import EngineError, EngineName, Engines, process
from gateway.engines.folder import DataFolder, end_engines, free_ports, locked, open_folder
from gateway.engines.probe import wait_until_ready
from gateway.engines.process import ServerSpec, end_all, is_held, running_pid, spawn


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> DataFolder:
    return open_folder(tmp_path, "embedded")


def script(folder: DataFolder, text: str, name: EngineName = "stream", grace: float = 5.0) -> ServerSpec:
    """A server that is a line of shell."""
    return ServerSpec(name, ("/bin/sh", "-c", text), folder.root, folder.pid_file(name), folder.log(name), grace)


def nowhere() -> Engines:
    """Addresses at which nothing answers."""
    bolt, stream, opa = free_ports(3)
    return Engines(
        f"bolt://127.0.0.1:{bolt}", "user", "word", f"redis://127.0.0.1:{stream}/0", f"http://127.0.0.1:{opa}"
    )


def test_a_pid_without_a_lock_is_nobody(folder: DataFolder) -> None:
    """A pid that is left in a file is never taken for a server, whoever has that pid now."""
    pid_file = folder.pid_file("stream")
    pid_file.write_text(f"{os.getpid()}\n", encoding="ascii")
    assert not is_held(pid_file)
    assert running_pid(pid_file) is None
    end_all([(pid_file, 1.0)])


def test_a_server_is_found_by_its_pid_file_until_it_ends(folder: DataFolder) -> None:
    """A running server has a pid; it is refused a second time; once ended it is gone."""
    spec = script(folder, "exec sleep 60")
    spawn(spec)
    pid = running_pid(spec.pid_file)
    assert pid is not None
    with pytest.raises(EngineError, match="stream engine is already running"):
        spawn(spec)
    assert running_pid(spec.pid_file) == pid
    end_engines(folder)
    assert running_pid(spec.pid_file) is None
    assert not spec.pid_file.exists()


def test_a_server_without_a_pid_is_reported(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pid file that is held but empty is reported with how to find who holds it."""
    monkeypatch.setattr(process, "_PID_WRITE_SECONDS", 0.1)
    spec = script(folder, "exec sleep 60")
    spawn(spec)
    pid = running_pid(spec.pid_file)
    spec.pid_file.write_text("", encoding="ascii")
    with pytest.raises(EngineError, match=r"its process id is not in it. Find it with `fuser"):
        running_pid(spec.pid_file)
    spec.pid_file.write_text(f"{pid}\n", encoding="ascii")
    end_engines(folder)


def test_a_server_that_ignores_the_request_is_killed(folder: DataFolder) -> None:
    """A server that does not stop within its grace is killed."""
    spec = script(folder, "trap '' TERM; echo trapped; while :; do sleep 0.1; done", grace=0.3)
    spawn(spec)
    while "trapped" not in spec.log.read_text(encoding="utf-8"):
        assert is_held(spec.pid_file)
    end_all([(spec.pid_file, spec.grace)])
    assert not is_held(spec.pid_file)


def test_the_log_of_the_run_before_is_kept(folder: DataFolder) -> None:
    """A restart does not erase what the server said before it died."""
    for said in ("first", "second"):
        spec = script(folder, f"echo {said}; exec sleep 60")
        spawn(spec)
        while said not in spec.log.read_text(encoding="utf-8"):
            assert is_held(spec.pid_file)
        end_all([(spec.pid_file, spec.grace)])
    assert folder.log("stream").read_text(encoding="utf-8") == "second\n"
    assert folder.log("stream").with_name("stream.log.1").read_text(encoding="utf-8") == "first\n"


def test_a_server_that_stops_at_once_is_quoted(folder: DataFolder) -> None:
    """The error for a server that stops while it starts ends with what the server said."""
    spawn(script(folder, "echo no space left on device; exit 1"))
    with pytest.raises(EngineError, match=r"stopped while it was starting[^$]*no space left on device"):
        wait_until_ready(folder, nowhere(), "stream", 5)


@pytest.mark.parametrize("name", ["graph", "stream", "policy"])
def test_a_server_that_does_not_answer_is_given_up(folder: DataFolder, name: EngineName) -> None:
    """The error for a server that does not answer names the time it had and its log."""
    spawn(script(folder, "exec sleep 60", name))
    with pytest.raises(EngineError, match=f"The {name} engine did not answer within 0 s. See its log, .*{name}.log"):
        wait_until_ready(folder, nowhere(), name, 0.2)
    end_engines(folder)


def test_a_program_that_does_not_exist_is_reported(folder: DataFolder) -> None:
    """A server whose program is gone is reported with what the shell said of it."""
    spec = ServerSpec(
        "stream", ("/nowhere/server",), folder.root, folder.pid_file("stream"), folder.log("stream"), grace=1.0
    )
    spawn(spec)
    with pytest.raises(EngineError, match="/nowhere/server"):
        wait_until_ready(folder, nowhere(), "stream", 5)


def test_a_folder_that_is_gone_is_reported(folder: DataFolder) -> None:
    """A server whose working folder is gone is not started."""
    spec = ServerSpec(
        "stream", ("/bin/true",), folder.root / "gone", folder.pid_file("stream"), folder.log("stream"), grace=1.0
    )
    with pytest.raises(EngineError, match="could not be started"):
        spawn(spec)


def test_a_folder_is_held_once(folder: DataFolder) -> None:
    """A data folder is held by one process at a time and can be held again afterwards."""
    with locked(folder), pytest.raises(EngineError, match="already run for another process"), locked(folder):
        pass
    with locked(folder):
        pass


def test_a_taken_port_is_not_chosen() -> None:
    """The ports chosen are different, on loopback, and free."""
    ports = free_ports(3)
    assert len(set(ports)) == 3
    for port in ports:
        with socket.create_server(("127.0.0.1", port)):  # as servers do, beside what is left of old connections
            pass
