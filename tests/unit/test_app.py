"""The start: each engine that cannot be relied on is named in a sentence, and a lost graph is planned for anew."""

import asyncio
import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from neo4j.exceptions import AuthError, ClientError, ServiceUnavailable
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as Lost
from starlette.routing import Route

from audit.stream import UnsafeStreamError
from gateway import app
from gateway.app import StartError, create_app, prepare
from gateway.console import Persona
from gateway.http import Endpoint
from gateway.settings import Settings
from resolvers.refusals import SENTENCES, Refusal
from schema.operations import OPERATIONS
from tests.evidence import keys_folder
from tests.fakes import FakeRecorder, pipeline
from tests.unit.test_load import Records


@dataclass
class Engines:
    """What the start does with the engines, and what fails of it.

    Attributes:
        failures: for each step, what it fails with, once for each item.
        done: the steps, in order.
    """

    failures: dict[str, list[Exception]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def step(self, name: str) -> Callable[..., Any]:
        """A step."""

        async def run(*given: Any) -> None:
            self.done.append(name)
            if name == "warm":
                assert list(given[1]) == list(OPERATIONS.values())
            if self.failures.get(name):
                raise self.failures[name].pop(0)
            await asyncio.sleep(0)

        return run


@pytest.fixture(name="engines")
def _engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    engines = Engines()
    for step, name in (("stream", "check_durable"), ("constrain", "constrain"), ("warm", "warm")):
        monkeypatch.setattr(app, name, engines.step(step))
    monkeypatch.setattr(app, "_AGAIN", 0.001)
    return engines


def parts(engines: Engines, *, warm: bool = True) -> Any:
    """The services, as far as the start needs them."""
    return SimpleNamespace(
        stream=None,
        driver=None,
        settings=SimpleNamespace(warm=warm),
        pings={"policy": engines.step("policy")},
        pipeline=SimpleNamespace(base=pipeline(FakeRecorder())),
        reader=SimpleNamespace(lost=asyncio.Event(), losses=0),
    )


async def test_the_engines_are_checked_before_serving(engines: Engines) -> None:
    """The start checks the stream's durability, then the policy, makes the constraints and plans what is known."""
    await prepare(parts(engines))
    assert engines.done == ["stream", "policy", "constrain", "warm"]


async def test_planning_ahead_can_be_left_out(engines: Engines) -> None:
    """Where the settings say so, nothing is planned before serving."""
    await prepare(parts(engines, warm=False))
    assert "warm" not in engines.done


GRAPH = "The graph does not answer. Start it, or correct DIRECTORY_GRAPH_URI."
STREAM = "The audit stream does not answer. Start Redis, or correct DIRECTORY_STREAM_URL."


@pytest.mark.parametrize(
    ("step", "failure", "sentence"),
    [
        ("stream", UnsafeStreamError("Set appendfsync to always."), "Set appendfsync to always."),
        ("stream", Lost("secret"), STREAM),
        ("stream", AuthenticationError("secret"), STREAM),
        ("constrain", ServiceUnavailable("secret"), GRAPH),
        ("constrain", AuthError("secret"), GRAPH),
        ("constrain", OSError("secret"), GRAPH),
        ("warm", ClientError("secret"), GRAPH),
        (
            "policy",
            Refusal("POLICY_UNAVAILABLE"),
            f"{SENTENCES['POLICY_UNAVAILABLE']} Start the engine, or correct DIRECTORY_OPA_URL.",
        ),
    ],
)
async def test_an_engine_that_cannot_be_relied_on_is_named(
    engines: Engines, step: str, failure: Exception, sentence: str
) -> None:
    """The gateway does not start, and says which engine, what to do and which setting, but no detail."""
    engines.failures[step] = [failure]
    with pytest.raises(StartError) as caught:
        await prepare(parts(engines))
    assert str(caught.value) == sentence


async def test_a_lost_graph_is_planned_for_anew(engines: Engines) -> None:
    """Once the graph was lost, planning is tried until it succeeds, and only then does it count as found."""
    engines.failures["warm"] = [ServiceUnavailable("gone"), ClientError("starting"), OSError("gone")]
    lost = parts(engines)
    watch = asyncio.create_task(app._rewarm(lost))
    await asyncio.sleep(0.01)
    assert engines.done == []
    for _ in range(2):
        engines.done.clear()
        lost.reader.lost.set()
        async with asyncio.timeout(2):
            while lost.reader.lost.is_set():  # noqa: ASYNC110 - nobody tells when a graph is found
                await asyncio.sleep(0.001)
    assert engines.done == ["warm"]
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch


async def test_a_graph_that_is_lost_again_meanwhile_is_planned_for_again(engines: Engines) -> None:
    """A loss while the statements are planned is not forgotten when that ends: all is planned once more."""
    lost = parts(engines)

    async def planned(*_: Any) -> None:
        engines.done.append("warm")
        if len(engines.done) == 1:
            lost.reader.losses += 1  # the graph came and went

    watch = asyncio.create_task(app._rewarm(lost))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "warm", planned)
        lost.reader.lost.set()
        async with asyncio.timeout(2):
            while lost.reader.lost.is_set():  # noqa: ASYNC110 - nobody tells when a graph is found
                await asyncio.sleep(0.001)
    assert engines.done == ["warm", "warm"]
    watch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watch


def nowhere(**more: Any) -> Settings:
    """Settings whose engines are not there."""
    given = {
        "graph_uri": "bolt://127.0.0.1:1",
        "graph_password": "x",
        "stream_url": "redis://127.0.0.1:1/0",
        "audit_keys": keys_folder(),
        "issuer": "https://issuer.example",
        "jwks": "https://issuer.example/jwks.json",
        "policy": "embedded",
        "unsigned_policies": True,
        "deadline": 1.0,
    }
    return Settings.model_validate({**given, **more})


@pytest.mark.parametrize("policy", [{}, {"policy": "opa", "opa_url": "http://127.0.0.1:1"}])
async def test_without_engines_the_gateway_does_not_start(policy: dict[str, str]) -> None:
    """A gateway whose engines do not answer ends its start with a sentence, whoever decides."""
    application = create_app(nowhere(**policy))
    with pytest.raises(StartError, match="The audit stream does not answer"):
        async with application.router.lifespan_context(application):
            pass


async def test_each_engine_is_asked_whether_it_is_ready(engines: Engines) -> None:
    """A gateway whose engines have gone is alive and not ready, and answers nobody."""
    application = create_app(nowhere())
    async with application.router.lifespan_context(application) as state:

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await application({**scope, "state": state}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://directory.example") as client:
            assert (await client.get("/livez")).status_code == 200
            assert (await client.get("/readyz")).status_code == 503
            assert (await client.post("/graphql", json={"query": "{ me { id } }"})).status_code in {401, 503}
            assert (await client.post("/graphql/")).headers["location"].endswith("/graphql")
    assert engines.done == ["stream", "constrain", "warm"]


@pytest.mark.usefixtures("engines")
async def test_a_gateway_looks_for_garbage_less_often() -> None:
    """While a gateway runs, garbage is looked for a tenth as often and not in what was there before; then as ever."""
    before, application = gc.get_threshold(), create_app(nowhere())
    async with application.router.lifespan_context(application):
        assert gc.get_threshold() == (10 * before[0], *before[1:])
        assert gc.get_freeze_count()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


@pytest.mark.usefixtures("engines")
async def test_a_gateway_lies_on_large_pages_before_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the time that a gateway answers, all that stays in its memory was put on large pages, once."""
    frozen: list[int] = []
    monkeypatch.setattr("gateway.app.enlarge", lambda: frozen.append(gc.get_freeze_count()))
    application = create_app(nowhere())
    async with application.router.lifespan_context(application):
        (settled,) = frozen
        assert settled


@pytest.mark.usefixtures("engines")
async def test_a_rush_is_told_before_a_gateway_stops(tmp_path: Path) -> None:
    """What either endpoint has refused in a rush is recorded by the time that a gateway has stopped."""
    application, records = create_app(nowhere(audit_archive=tmp_path)), Records()
    async with application.router.lifespan_context(application) as state:
        for name in ("graphql", "trail"):
            load = cast("Mapping[str, Endpoint]", state)[name].load
            load.most, load.recording = 0, records
            assert load.turns_away(name)
        assert records.told == []
    assert sorted(records.told) == [("graphql", 1), ("trail", 1)]


@pytest.mark.parametrize("personas", [(), (Persona("nurse", "School nurse", "token"),)])
async def test_the_console_is_the_demonstrations(personas: tuple[Persona, ...]) -> None:
    """There is a console only where there are personas to ask as."""
    paths = {getattr(route, "path", None) for route in create_app(nowhere(), personas).routes}
    assert {"/graphql", "/livez", "/readyz"} <= paths
    assert (len(paths) > 3) == bool(personas)


@pytest.mark.parametrize(
    ("given", "path"), [({"audit_archive": "/archive"}, "/trail"), ({"metrics": True}, "/metrics")]
)
def test_what_is_not_asked_for_is_not_served(given: dict[str, Any], path: str) -> None:
    """Without an archive there is no trail to ask, and metrics are served only where the settings say so."""
    served = {route.path for route in create_app(nowhere(**given)).routes if isinstance(route, Route)}
    plain = {route.path for route in create_app(nowhere()).routes if isinstance(route, Route)}
    assert served - plain == {path}
