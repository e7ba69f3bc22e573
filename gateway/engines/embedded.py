"""The embedded engines: ArcadeDB and Redis or Valkey, started for one data folder and ended with their starter."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.engines import arcade, stream
from gateway.engines.folder import (
    GRACE,
    HOST,
    DataFolder,
    credential,
    end_engines,
    free_ports,
    locked,
    open_folder,
    read_engines,
)
from gateway.engines.model import EngineError, Engines, EngineSet
from gateway.engines.process import open_log
from gateway.engines.running import RunningSet
from gateway.pins import pins

__all__ = ["embedded_engines", "embedded_set", "read_engines"]

_CHECKOUT = Path(__file__).parents[2]


@contextmanager
def embedded_engines(data: Path, *, heap_mib: int = 512, seconds: float = 60.0) -> Iterator[Engines]:
    """Run the embedded engines on a data folder; see `embedded_set`, of which this is the addresses alone."""
    with embedded_set(data, heap_mib=heap_mib, seconds=seconds) as running:
        yield running.engines


@contextmanager
def embedded_set(data: Path, *, heap_mib: int = 512, seconds: float = 60.0) -> Iterator[EngineSet]:
    """Run the embedded engines on a data folder, which is made if it is not there; they end with the block.

    They also end when this process dies in any way, and engines that were left on the folder are ended first.
    Everything listens on loopback, on ports chosen at the start, behind random passwords kept in the folder.

    Args:
        data: data folder, private to its owner.
        heap_mib: limit of the graph engine's heap in MiB.
        seconds: how long each engine may take to answer.

    Raises:
        EngineError: they cannot be started here.
    """
    folder = open_folder(data, "embedded")
    with locked(folder) as lock, _supervised(folder, lock):
        end_engines(folder)
        running = _prepare(folder, heap_mib, seconds)
        running.start()
        yield running


def _prepare(folder: DataFolder, heap_mib: int, seconds: float) -> RunningSet:
    bolt_port, http_port, stream_port = free_ports(3)
    graph_password = credential(folder, "graph")
    stream_password = credential(folder, "stream")
    secret = folder.secret_file("graph")
    graph = arcade.server(folder, bolt_port=bolt_port, http_port=http_port, password_file=secret, heap_mib=heap_mib)
    program = stream.embedded_program(folder, pins().redis_minimum)
    log = stream.server(folder, program, port=stream_port, password=stream_password)
    engines = Engines(
        graph_uri=f"bolt://{HOST}:{bolt_port}",
        graph_user=arcade.USER,
        graph_password=graph_password,
        stream_url=f"redis://:{stream_password}@{HOST}:{stream_port}/0",
    )
    return RunningSet(folder, engines, {"graph": graph, "stream": log}, seconds)


@contextmanager
def _supervised(folder: DataFolder, lock: int) -> Iterator[None]:
    """Have a child process watch this one; it ends the engines after the block, or when this process dies."""
    with (
        open_log(folder.log("supervisor")) as log,
        subprocess.Popen(  # noqa: S603 - this interpreter, this package
            [sys.executable, "-m", "gateway.engines.supervisor", str(folder.root)],
            cwd=_CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=(lock,),
            start_new_session=True,
        ) as supervisor,
    ):
        if supervisor.stdout is None or supervisor.stdin is None or not supervisor.stdout.readline():
            raise EngineError(f"The engines' supervisor did not start. See its log, {folder.log('supervisor')}.")
        os.truncate(lock, 0)
        os.write(lock, f"{supervisor.pid}\n".encode())  # for people; only the lock itself counts
        try:
            yield
        finally:
            supervisor.stdin.close()
            supervisor.wait(sum(GRACE.values()) + 30)
            end_engines(folder)  # a supervisor that was killed has left them
