"""Start, find and stop the native stack of a data folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.engines import stream
from gateway.engines.folder import (
    HOST,
    DataFolder,
    credential,
    end_engines,
    free_ports,
    locked,
    open_folder,
    read_engines,
)
from gateway.engines.model import EngineError, EngineName, Engines, EngineSet
from gateway.engines.process import ServerSpec, running_pid, write_private
from gateway.engines.running import RunningSet
from gateway.signers import NAMES, store_of
from gateway.stack import neo4j, opa
from gateway.stack.tools import Progress, ensure_neo4j, ensure_tool, java, redis_server

_NAMES: tuple[EngineName, ...] = ("graph", "stream", "policy")
_SECONDS = 120.0


@dataclass(frozen=True)
class EngineStatus:
    """One server of the stack.

    Attributes:
        name: which engine it is.
        pid: its process id, or None when it does not run.
        address: where it answers, without credentials; empty when the stack is down.
        log: file with its output.
    """

    name: EngineName
    pid: int | None
    address: str
    log: Path


def stack_up(data: Path, progress: Progress, *, policies: Path, revision: str) -> Engines:
    """Start Neo4j, Open Policy Agent and Redis, or find them running, and return once all answer.

    They keep running after this process ends; `stack_down` stops them. From empty caches this takes minutes. Where the
    stack runs with another policy revision, the policy server alone is started anew.

    Args:
        data: data folder, private to its owner; not one of embedded engines.
        progress: receives a line at each step.
        policies: policy folder, with a `.manifest`.
        revision: revision that the policy server reports with each decision.

    Raises:
        EngineError: a tool is missing, or a server does not start.
    """
    folder = open_folder(data, "stack")
    with locked(folder):
        running = _running(data)
        if running is None:
            return _start(folder, progress, policies, revision).engines
        progress("The stack is already running")
        wanted = _wanted(folder, revision)
        if _revision_file(folder).read_text(encoding="utf-8") != wanted:
            progress(f"Serving policy revision {wanted}")
            _serve(folder, running, ensure_tool("opa", progress), policies, revision)
        return running


def stack_down(data: Path) -> None:
    """Stop the servers of the stack, in whatever state it is; their data stays.

    Raises:
        EngineError: the folder is in use, belongs to embedded engines, or a server does not end.
    """
    folder = open_folder(data, "stack")
    with locked(folder):
        end_engines(folder)


def stack_status(data: Path) -> tuple[EngineStatus, ...]:
    """What of the stack runs on a data folder; all down if there is no such folder."""
    folder = DataFolder(data.absolute())
    engines = _running(data)
    addresses: dict[EngineName, str] = {}
    if engines is not None:
        stream_address = "redis://" + engines.stream_url.rpartition("@")[2]
        addresses = {"graph": engines.graph_uri, "stream": stream_address, "policy": engines.opa_url or ""}
    return tuple(
        EngineStatus(name, running_pid(folder.pid_file(name)), addresses.get(name, ""), folder.log(name))
        for name in _NAMES
    )


@contextmanager
def real_engines(data: Path, progress: Progress, *, policies: Path, revision: str) -> Iterator[EngineSet]:
    """Run the native stack for the length of a block; a stack that is up on this folder is stopped first.

    Raises:
        EngineError: a tool is missing, or a server does not start.
    """
    folder = open_folder(data, "stack")
    with locked(folder):
        try:
            yield _start(folder, progress, policies, revision)
        finally:
            end_engines(folder)


def _start(folder: DataFolder, progress: Progress, policies: Path, revision: str) -> RunningSet:
    jars = ensure_neo4j(progress)
    program = ensure_tool("opa", progress)
    redis = redis_server()
    end_engines(folder)
    bolt_port, stream_port, opa_port = free_ports(3)
    graph_password = credential(folder, "graph")
    stream_password = credential(folder, "stream")
    engines = Engines(
        graph_uri=f"bolt://{HOST}:{bolt_port}",
        graph_user=neo4j.USER,
        graph_password=graph_password,
        stream_url=f"redis://:{stream_password}@{HOST}:{stream_port}/0",
        opa_url=f"http://{HOST}:{opa_port}",
    )
    graph = neo4j.server(folder, jars, java(), port=bolt_port, password=graph_password)
    log = stream.server(folder, redis, port=stream_port, password=stream_password)
    policy = _policy(folder, program, policies, revision, opa_port)
    running = RunningSet(folder, engines, {"policy": policy, "stream": log, "graph": graph}, _SECONDS)
    progress("Starting Neo4j, Open Policy Agent and Redis (about 10 s)")
    try:
        running.start()
    except BaseException:
        end_engines(folder)
        raise
    progress("The stack answers")
    return running


def _wanted(folder: DataFolder, revision: str) -> str:
    """What the policy server is to serve: the live bundle of the data folder's store, if there is one."""
    return "signed" if (store_of(folder.root) / "live.tar.gz").exists() else revision


def _policy(folder: DataFolder, program: Path, policies: Path, revision: str, port: int) -> ServerSpec:
    """How to serve it; an unsigned bundle is built first."""
    store, wanted = store_of(folder.root), _wanted(folder, revision)
    write_private(_revision_file(folder), wanted)
    if wanted == "signed":
        return opa.server(folder, program, store / "live.tar.gz", port=port, key=store / "keys" / f"{NAMES[0]}.pub")
    bundle = folder.part("policy") / "bundle.tar.gz"
    opa.build_bundle(program, policies, revision, bundle)
    return opa.server(folder, program, bundle, port=port)


def _serve(folder: DataFolder, engines: Engines, program: Path, policies: Path, revision: str) -> None:
    """Serve another bundle at the address of the policy server that runs."""
    if engines.opa_url is None:
        raise EngineError(f"{folder.engines_file} names no policy server. Stop the stack and start it again.")
    port = int(engines.opa_url.rsplit(":", 1)[1])
    spec = _policy(folder, program, policies, revision, port)
    RunningSet(folder, engines, {"policy": spec}, _SECONDS).restart("policy")


def _running(data: Path) -> Engines | None:
    try:
        return read_engines(data)
    except EngineError:
        return None


def _revision_file(folder: DataFolder) -> Path:
    return folder.part("policy") / "revision"
