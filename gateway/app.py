"""The composition root: routes over services, opened and closed with the server."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import TypedDict, cast

from neo4j.exceptions import DriverError, Neo4jError
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from audit.keys import verifier
from audit.questions import Archive
from audit.stream import UnsafeStreamError, check_durable
from gateway.console import Persona, console_routes
from gateway.http import Endpoint, graphql_endpoint, live, ready
from gateway.metrics import Metrics, archive_lag
from gateway.pages import enlarge
from gateway.services import Services, services
from gateway.settings import Settings, read_settings
from gateway.trail.archive import ArchiveQuestions
from gateway.trail.pipeline import MOST_REQUESTS, TrailPipeline
from graph.constraints import constrain
from graph.warm import warm
from resolvers.refusals import Refusal
from resolvers.uses import shape
from resolvers.warm import readings
from schema.operations import OPERATIONS

ARCHIVE_SECONDS = 60.0
"""How old the oldest entry may be that the archive does not hold, before readiness warns."""
_AGAIN = 0.5
"""How long to wait before a lost graph is tried again, in seconds."""


class StartError(Exception):
    """The gateway cannot start; the message says why and what to do."""


class State(TypedDict):
    """What a request finds in the server's state."""

    graphql: ASGIApp
    trail: ASGIApp | None
    ready: ASGIApp
    metrics: ASGIApp


def create_app(settings: Settings | None = None, personas: Sequence[Persona] = ()) -> Starlette:
    """The gateway as an ASGI application.

    Args:
        settings: what to run with; the environment's if None.
        personas: accounts that a demonstration offers in its console; there is no console without them.
    """
    chosen = settings or read_settings()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        async with services(chosen) as parts:
            await prepare(parts)
            with _settled(), ThreadPoolExecutor(MOST_REQUESTS, "trail") as threads:
                endpoint = graphql_endpoint(
                    parts.pipeline,
                    parts.authenticator,
                    parts.meter,
                    max_body=chosen.max_body,
                    deadline=chosen.deadline,
                    most=chosen.max_requests,
                    traces=chosen.ftv1,
                )
                trail = _trail(parts, threads)
                watch = asyncio.create_task(_rewarm(parts))
                checks = ready(parts.pings, {"archive": lambda: _archived(parts)})
                try:
                    yield State(graphql=endpoint, trail=trail, ready=checks, metrics=Metrics(parts.stream))
                finally:
                    watch.cancel()
                    await asyncio.gather(*(each.aclose() for each in (endpoint, trail) if each))

    routes = [Route("/graphql", _GRAPHQL), Route("/livez", live), Route("/readyz", _Held("ready"))]
    if chosen.audit_archive:
        routes.append(Route("/trail", _Held("trail")))
    if chosen.metrics:
        routes.append(Route("/metrics", _Held("metrics")))
    return _Gateway(routes=[*routes, *(console_routes(personas) if personas else [])], lifespan=lifespan)


def _trail(parts: Services, threads: Executor) -> Endpoint | None:
    """The endpoint for questions about the trail; none without an archive."""
    chosen = parts.settings
    if chosen.audit_archive is None:
        return None
    archive = Archive(chosen.audit_archive, verifier(chosen.audit_keys / "log.pub"))
    return graphql_endpoint(
        TrailPipeline(parts.pipeline, ArchiveQuestions(archive, threads), threads),
        parts.authenticator,
        parts.meter,
        max_body=chosen.max_body,
        deadline=chosen.deadline,
        most=MOST_REQUESTS,
    )


async def _archived(parts: Services) -> None:
    """Make sure that the archive keeps pace.

    Raises:
        RuntimeError: it does not, or there is none.
    """
    lag = await archive_lag(parts.stream)
    if lag is None or lag > ARCHIVE_SECONDS:
        raise RuntimeError("The archive lags.")


@contextmanager
def _settled() -> Iterator[None]:
    """Put all that stays on large pages, and leave it out of every later garbage collection.

    A collection of it would take a tenth second. Nothing is answered meanwhile, and a client who sends ever new
    documents brings one about every few seconds. What is kept of documents costs each some 40 ms, and an answer's own
    objects would be looked through twice before it leaves, although hardly any of them hold cycles: so young and old
    are looked through a tenth as often as usual.
    """
    young, middle, old = gc.get_threshold()
    gc.collect()
    gc.freeze()
    enlarge()
    gc.set_threshold(10 * young, middle, old)  # the others count collections of the one before
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)
        gc.unfreeze()


class _Gateway(Starlette):
    """Starlette, whose layers what is asked most goes past: nothing that is added to it holds for the endpoint.

    The endpoint answers what fails by itself, and uvicorn what fails there as these layers would: with status 500. The
    route is for whoever asks by another spelling, such as a slash in the end.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await _GRAPHQL(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _Held:
    """An application that the lifespan made."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await cast("ASGIApp", scope["state"][self._name])(scope, receive, send)


_GRAPHQL = _Held("graphql")


async def _rewarm(parts: Services) -> None:
    """Whenever the graph was lost, have it plan the known statements again as soon as it is back."""
    while True:
        await parts.reader.lost.wait()
        losses = parts.reader.losses
        try:
            await _planned(parts)
            if parts.reader.losses == losses:  # else it was lost again meanwhile
                parts.reader.lost.clear()
        except (DriverError, Neo4jError, OSError):
            await asyncio.sleep(_AGAIN)


async def _planned(parts: Services) -> None:
    """Have the graph plan the known statements: then they, and no others, are no new shapes for anybody."""
    if parts.settings.warm:
        await warm(parts.driver, OPERATIONS.values())
    shapes = parts.pipeline.base.shapes
    shapes.forget()
    shapes.sent(shape(statement, reading.inputs) for statement, reading in readings(OPERATIONS.values()))


async def prepare(parts: Services) -> None:
    """Make sure that the engines can be relied on, and have the graph plan the known statements.

    Raises:
        StartError: an engine does not answer, or the stream could lose acknowledged entries.
    """
    try:
        await check_durable(parts.stream)
        await parts.pings["policy"]()
        await constrain(parts.driver)
        await _planned(parts)
    except UnsafeStreamError as error:
        raise StartError(str(error)) from None
    except RedisError:
        raise StartError("The audit stream does not answer. Start Redis, or correct DIRECTORY_STREAM_URL.") from None
    except (DriverError, Neo4jError, OSError):
        raise StartError("The graph does not answer. Start it, or correct DIRECTORY_GRAPH_URI.") from None
    except Refusal as refusal:
        where = {"POLICY_UNAVAILABLE": "DIRECTORY_OPA_URL"}.get(refusal.code, "DIRECTORY_GRAPH_URI")
        raise StartError(f"{refusal.sentence} Start the engine, or correct {where}.") from None
