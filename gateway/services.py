"""What the gateway is made of, wired from the settings. Nothing here decides anything."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import httpx
from neo4j import AsyncDriver, AsyncGraphDatabase
from redis.asyncio import Redis

from audit.keys import writer_keys
from audit.seal import Sealer
from audit.stream import check_durable, check_writable, connect
from audit.writer import Writer
from gateway.identity import Authenticator
from gateway.jwks import KeySource
from gateway.meter import Meter
from gateway.metrics import Compared, Tally, decided, read
from gateway.policy.bundle import read_keys
from gateway.policy.files import PolicyFiles, read_policies
from gateway.policy.live import NOBODY, Fixed, LivePipeline, Served, Source, Watched
from gateway.policy.opa import OpaDecider
from gateway.policy.rego import RegoDecider
from gateway.policy.shadow import Shadowing
from gateway.policy.store import Store
from gateway.settings import Settings
from graph.reader import GraphReader
from resolvers.accounts import Accounts
from resolvers.decide import Decisions
from resolvers.document import Documents
from resolvers.pipeline import Pipeline
from resolvers.plan import Plans
from resolvers.planning import Planning
from resolvers.ports import Shadow
from resolvers.refusals import Refusal
from resolvers.shadow import UNSHADOWED
from schema.sdl import definition

Ping = Callable[[], Awaitable[object]]
_PROBED = 1.0
"""For how long the stream is not asked to write again, in seconds."""


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a running gateway.

    Attributes:
        settings: what it was made from.
        driver: the graph.
        stream: the audit stream.
        pipeline: what answers operations.
        authenticator: what turns a token into an account.
        meter: the allowances.
        reader: the graph, as the pipeline reads it.
        pings: for each engine, a call that fails when the engine cannot serve.
    """

    settings: Settings
    driver: AsyncDriver
    stream: Redis
    pipeline: LivePipeline
    authenticator: Authenticator
    meter: Meter
    reader: GraphReader
    pings: Mapping[str, Ping]


@asynccontextmanager
async def services(settings: Settings) -> AsyncIterator[Services]:
    """Connect everything, and close it in the end. Connecting is lazy: engines may come later."""
    async with AsyncExitStack() as stack:
        driver = await stack.enter_async_context(graph_driver(settings))
        stream = connect(settings.stream_url.get_secret_value(), settings.deadline / 2)
        stack.push_async_callback(stream.aclose)
        writing = writer_keys(settings.audit_keys)
        writer = Writer(stream, writing.signer, Sealer(writing.reading), settings.audit_replicas, Tally())
        stack.push_async_callback(writer.close)
        client = httpx.AsyncClient(base_url=settings.opa_url or "", timeout=settings.deadline / 2)
        await stack.enter_async_context(client)
        store, server = policy_store(settings), OpaDecider(client)
        stack.push_async_callback(server.aclose)
        source, policies = policy_source(settings, store, server)
        shadow: Shadow = UNSHADOWED
        if store is not None:
            shadow = Shadowing(store, Compared())
            stack.push_async_callback(shadow.aclose)
        keys = KeySource(settings.jwks)
        stack.push_async_callback(keys.aclose)
        meter = Meter(settings.stream_url.get_secret_value(), policies.allowances, settings.deadline / 2)
        stack.push_async_callback(meter.aclose)
        reader = GraphReader(driver, settings.deadline, tell=read)
        stack.push_async_callback(reader.aclose)
        pipeline = Pipeline(
            documents=Documents(),
            plans=Plans(),
            accounts=Accounts(reader),
            decisions=Decisions(NOBODY, policies.classes, tell=decided),
            reader=reader,
            meter=meter,
            recorder=writer,
            contacts=policies.contacts,
            search=policies.search,
            planning=Planning(settings.planning_share, settings.planning_account_share),
            representations=policies.representations,
            sdl=definition(authenticated=settings.authenticated),
            shadow=shadow,
        )
        yield Services(
            settings=settings,
            driver=driver,
            stream=stream,
            pipeline=LivePipeline(pipeline, source, meter),
            authenticator=Authenticator(
                keys,
                settings.issuer,
                settings.audience,
                settings.leeway,
                mediation_audience=settings.mediation_audience,
            ),
            meter=meter,
            reader=reader,
            pings={
                "identity": keys.ping,
                "graph": lambda: _graph_ready(driver, reader),
                "policy": lambda: _policy_ready(source),
                "stream": _StreamReady(stream, writer),
            },
        )


class _StreamReady:
    """Whether the stream takes entries. It is asked to write once in a while only: each time waits for its disk."""

    def __init__(self, stream: Redis, writer: Writer) -> None:
        self._stream, self._writer, self._written = stream, writer, float("-inf")

    async def __call__(self) -> None:
        if not self._writer.settled:
            raise Refusal("AUDIT_UNAVAILABLE")
        await check_durable(self._stream)
        if monotonic() - self._written > _PROBED:
            await check_writable(self._stream, self._writer.replicas)
            self._written = monotonic()


def policy_store(settings: Settings) -> Store | None:
    """The store of signed policies, if the settings name one.

    Raises:
        PolicyError: its keys cannot be read.
    """
    if settings.policy_store and settings.policy_key and settings.policy_second_key:
        return Store(settings.policy_store, read_keys(settings.policy_key, settings.policy_second_key))
    return None


def policy_source(settings: Settings, store: Store | None, server: OpaDecider) -> tuple[Source, PolicyFiles]:
    """Where the policy in force comes from, and the policies to begin with.

    Raises:
        PolicyError: there are none, or they may not be in force.
    """
    plain = read_policies(settings.policies) if settings.unsigned_policies else None
    if store and settings.policy == "embedded":
        watched = Watched(store, plain)
        return watched, watched.begun
    if store and (plain is None or store.live.exists()):
        return Served(store, server), store.live_policies()
    policies = plain or read_policies(settings.policies)
    return Fixed(policies, server if settings.policy == "opa" else RegoDecider(policies)), policies


async def _policy_ready(source: Source) -> None:
    _, decider = await source.current()
    await decider.decide({})


async def _graph_ready(driver: AsyncDriver, reader: GraphReader) -> None:
    if reader.lost.is_set():
        raise Refusal("GRAPH_UNAVAILABLE")
    await driver.verify_connectivity()


def graph_driver(settings: Settings) -> AsyncDriver:
    """The graph's driver: quiet about unknown properties, patient for half a deadline at most."""
    return AsyncGraphDatabase.driver(
        settings.graph_uri,
        auth=(settings.graph_user, settings.graph_password.get_secret_value()),
        max_connection_pool_size=settings.graph_pool,
        connection_timeout=settings.deadline / 2,
        connection_acquisition_timeout=settings.deadline / 2,
        notifications_min_severity="OFF",
        telemetry_disabled=True,  # it would be a message with each statement
    )
