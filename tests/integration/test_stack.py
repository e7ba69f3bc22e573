"""The native stack: real Neo4j, Open Policy Agent and Redis, started, found, restarted and stopped."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest
import redis

from gateway.engines import EngineError, Engines, EngineSet
from gateway.engines.embedded import embedded_engines, read_engines
from gateway.signers import store_of
from gateway.stack import missing_tools, real_engines, stack_down, stack_status, stack_up
from gateway.workbench.opa import pinned_opa
from tests.conftest import POLICIES
from tests.policy.signed import Signer, empty_store

pytestmark = pytest.mark.skipif(bool(missing_tools()), reason="; ".join(missing_tools()) or "nothing is missing")

POLICY = """package directory.decision

decision := {"allowed": false, "asked": input.ask}
"""
BROKEN = "package directory.decision\n\ndecision := nowhere\n"


@pytest.fixture(name="policies", scope="module")
def _policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policies")
    (folder / ".manifest").write_text('{"roots": ["directory"], "rego_version": 1}', encoding="utf-8")
    (folder / "decision.rego").write_text(POLICY, encoding="utf-8")
    (folder / "decision_test.rego").write_text("package directory.decision_test\n\ntest_x if false\n", encoding="utf-8")
    return folder


@pytest.fixture(name="stack", scope="module")
def _stack(tmp_path_factory: pytest.TempPathFactory, policies: Path) -> Iterator[tuple[Path, EngineSet]]:
    data = tmp_path_factory.mktemp("stack") / "a data folder"
    with real_engines(data, print, policies=policies, revision="first") as running:
        yield data, running


def decide(engines: Engines) -> dict[str, Any]:
    """Ask the policy server, with the revision that it decides by."""
    request = urllib.request.Request(  # noqa: S310 - the scheme is http
        f"{engines.opa_url}/v1/data/directory/decision/decision?provenance=true",
        data=json.dumps({"input": {"ask": 1}}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310 - the scheme is http
        answer: dict[str, Any] = json.load(response)
    return answer


def test_every_server_answers(stack: tuple[Path, EngineSet]) -> None:
    """Neo4j, Redis and the policy server answer, and other commands find them by the data folder."""
    data, running = stack
    engines = read_engines(data)
    assert engines == running.engines
    with neo4j.GraphDatabase.driver(engines.graph_uri, auth=(engines.graph_user, engines.graph_password)) as graph:
        versions = graph.execute_query("CALL dbms.components() YIELD versions RETURN versions", database_="neo4j")
    assert versions.records[0]["versions"][0].startswith("20")
    with redis.Redis.from_url(engines.stream_url, decode_responses=True) as stream:
        assert stream.config_get("appendfsync") == {"appendfsync": "always"}
    answer = decide(engines)
    assert answer["result"] == {"allowed": False, "asked": 1}
    assert [bundle["revision"] for bundle in answer["provenance"]["bundles"].values()] == ["first"]


def test_a_killed_server_comes_back(stack: tuple[Path, EngineSet]) -> None:
    """The policy server and Redis come back at the same address after SIGKILL."""
    _, running = stack
    for name in ("policy", "stream"):
        pid = running.pid("policy" if name == "policy" else "stream")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    running.restart("policy")
    running.restart("stream")
    assert running.died() == ()
    assert decide(running.engines)["result"]["allowed"] is False


def test_a_data_folder_stays_private(stack: tuple[Path, EngineSet]) -> None:
    """Everything in the data folder belongs to its owner alone, the servers' own files included."""
    data, _ = stack
    assert [path for path in data.rglob("*") if path.stat().st_mode & 0o077] == []


def test_kinds_of_engines_do_not_mix(stack: tuple[Path, EngineSet]) -> None:
    """Embedded engines refuse the data folder of the native stack."""
    data, _ = stack
    with pytest.raises(EngineError, match="holds the data of the stack engines"), embedded_engines(data):
        pass


def test_a_broken_policy_is_reported(policies: Path, tmp_path: Path) -> None:
    """A policy that does not compile is named, and nothing is left running."""
    broken = tmp_path / "policies"
    broken.mkdir()
    (broken / ".manifest").write_bytes((policies / ".manifest").read_bytes())
    (broken / "decision.rego").write_text(BROKEN, encoding="utf-8")
    with pytest.raises(EngineError, match="do not build"):
        stack_up(tmp_path / "data", print, policies=broken, revision="x")
    assert [status.pid for status in stack_status(tmp_path / "data")] == [None, None, None]


def test_the_stack_outlives_its_command(policies: Path, tmp_path: Path) -> None:
    """What is up is found again rather than started twice, a new policy revision is served, and down stops all."""
    engines = stack_up(tmp_path, print, policies=policies, revision="one")
    try:
        pids = [status.pid for status in stack_status(tmp_path)]
        assert None not in pids
        assert all("@" not in status.address for status in stack_status(tmp_path))
        assert stack_up(tmp_path, print, policies=policies, revision="one") == engines
        assert [status.pid for status in stack_status(tmp_path)] == pids
        assert stack_up(tmp_path, print, policies=policies, revision="two") == engines
        assert [status.pid for status in stack_status(tmp_path)][:2] == pids[:2]
        assert [bundle["revision"] for bundle in decide(engines)["provenance"]["bundles"].values()] == ["two"]
    finally:
        stack_down(tmp_path)
    assert [status.pid for status in stack_status(tmp_path)] == [None, None, None]
    with pytest.raises(EngineError, match="No engines run"):
        read_engines(tmp_path)


def test_the_stack_serves_what_is_live_and_signed(tmp_path: Path) -> None:
    """Once the store has a live revision that is served, and the next one without a restart; a tampered one is not."""
    progress, signer = list[str](), Signer(pinned_opa(print), empty_store(store_of(tmp_path)))
    for revision in ("r1", "r2"):
        signer.sign(revision)

    def served() -> str:
        (bundle,) = decide(engines)["provenance"]["bundles"].values()
        return str(bundle["revision"])

    engines = stack_up(tmp_path, progress.append, policies=POLICIES, revision="plain")
    try:
        assert served() == "plain"
        signer.live("r1")
        assert stack_up(tmp_path, progress.append, policies=POLICIES, revision="plain") == engines
        assert (served(), progress[-1]) == ("r1", "Serving policy revision signed")
        pids = [status.pid for status in stack_status(tmp_path)]
        signer.live("r2")
        while served() != "r2":
            pass
        signer.store.live.write_bytes(b"nonsense")
        assert stack_up(tmp_path, progress.append, policies=POLICIES, revision="plain") == engines
        assert {served() for _ in range(50)} == {"r2"}
        assert [status.pid for status in stack_status(tmp_path)] == pids
    finally:
        stack_down(tmp_path)
    with pytest.raises(EngineError):
        stack_up(tmp_path, progress.append, policies=POLICIES, revision="plain")
    assert [status.pid for status in stack_status(tmp_path)] == [None, None, None]
