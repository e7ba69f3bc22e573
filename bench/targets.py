"""The targets: what is compared, started on the engines."""

import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import jwt

from bench import answer
from bench.bare import bare_driver
from bench.figures import BARE, EMBEDDED, GATEWAY, NEO4J, POSTGRAPHILE
from bench.http import Http, Request, body, process
from bench.model import Json, Target
from bench.node import PEERS, node
from bench.people import ASKERS, Asker
from bench.stage import Asked, Stage
from gateway.engines.folder import free_ports
from gateway.engines.model import EngineName, EngineSet
from gateway.folder import environment_of
from gateway.issuer import DemoIssuer
from schema.operations import OPERATIONS
from seed.cast_shielded import HALF_SIBLING, SHIELDED, SHIELDED_CARERS

PORTALS = 8
"""Programs that the accounts use: each may ask for a thousand records in a second."""
_TOKENS = 4 * 60 * 60
_SECRET = "a secret of this run alone, of the length that it should have"  # noqa: S105 - it guards invented people
_HIDDEN = (SHIELDED.id, HALF_SIBLING.id)
PURPOSE, REASON = "coordinate-services", "team around the child meeting"
"""For what purpose everybody asks, and why."""


@contextmanager
def targets(on: Stage, workers: int) -> Iterator[list[Target]]:
    """Every target, each with so many processes, for the length of a block."""
    today = on.people.today.isoformat()
    graph = on.real.pid("graph")
    assert graph is not None, "Neo4j has died"
    ids = [child for child, _ in on.turns()]
    with ExitStack() as stack:
        yield [
            stack.enter_context(gateway(on, GATEWAY, on.real, on.folder / "real", workers=workers)),
            stack.enter_context(neo4j_graphql(on, graph, workers)),
            stack.enter_context(postgraphile(on, workers)),
            stack.enter_context(bare_driver(BARE, on.real.engines, graph, workers=workers, ids=ids, today=today)),
            stack.enter_context(gateway(on, EMBEDDED, on.embedded, on.folder / "embedded", workers=workers)),
        ]


@contextmanager
def gateway(
    on: Asked, name: str, engines: EngineSet, data: Path, *, workers: int, metrics: bool = False
) -> Iterator[Http]:
    """This gateway, as `directory serve` starts it; all of its settings are the usual ones, but for metrics if told."""
    (port,) = free_ports(1)
    askers = headers(data, (asker for _, asker in on.turns()))

    def about(child: str, asker: Asker) -> Request:
        return Request(askers[asker], body(OPERATIONS["child"], {"id": child}))

    requests, hidden = [about(*turn) for turn in on.turns()], [about(child, ASKERS[0]) for child in _HIDDEN]
    environment = {**environment_of(data, engines.engines), "DIRECTORY_PORT": str(port)}
    environment["DIRECTORY_METRICS"] = str(metrics)
    command = [str(Path(sys.executable).with_name("directory")), "serve", "--workers", str(workers)]
    with process(command, environment, on.folder / f"{_slug(name)}.log", port) as pid:
        parts = {"gateway": [pid], **_engines(engines)}
        file = on.folder / f"{_slug(name)}.requests"
        yield _ready(Http(name, port, "/graphql", requests, answer.of_gateway, parts, file, hidden))


def headers(data: Path, askers: Iterable[Asker]) -> dict[Asker, dict[str, str]]:
    """What each asker sends besides the question: a token for one of the portals, a purpose and a reason."""
    issuer = DemoIssuer(data)
    return {
        asker: {
            "authorization": f"Bearer {issuer.issue(asker.id, seconds=_TOKENS, client=f'portal-{at % PORTALS}')}",
            "x-access-purpose": PURPOSE,
            "x-access-reason": REASON,
        }
        for at, asker in enumerate(dict.fromkeys(askers))
    }


def _engines(engines: EngineSet) -> dict[str, Sequence[int]]:
    names: dict[EngineName, str] = {"graph": "Neo4j", "policy": "OPA", "stream": "Redis"}
    if engines.engines.opa_url is None:
        names = {"graph": "ArcadeDB", "stream": "Redis"}
    return {shown: [pid] for name, shown in names.items() if (pid := engines.pid(name))}


@contextmanager
def neo4j_graphql(on: Stage, graph: int, workers: int) -> Iterator[Http]:
    """@neo4j/graphql on Apollo Server, on the same Neo4j."""
    engines = on.real.engines
    given = {"GRAPH": engines.graph_uri, "GRAPH_USER": engines.graph_user, "GRAPH_PASSWORD": engines.graph_password}
    query, today = (PEERS / "child.neo4j.graphql").read_text("utf-8"), on.people.today.isoformat()
    requests = [Request(_signed(asker), body(query, {"id": child, "today": today})) for child, asker in on.turns()]
    with _peer(on, "neo4j.mjs", given, workers) as (pid, port):
        parts = {"Node": [pid], "Neo4j": [graph]}
        file, family = on.folder / "neo4j.requests", {"children": _HIDDEN, "carers": SHIELDED_CARERS}
        yield _ready(Http(NEO4J, port, "/", requests, answer.of_neo4j, parts, file, [_about_family("neo4j", family)]))


@contextmanager
def postgraphile(on: Stage, workers: int) -> Iterator[Http]:
    """PostGraphile on PostgreSQL."""
    query = (PEERS / "child.postgraphile.graphql").read_text("utf-8")
    requests = [Request(_signed(asker), body(query, {"id": child})) for child, asker in on.turns()]
    with _peer(on, "postgraphile.mjs", {"DATABASE": on.tables.url("server")}, workers) as (pid, port):
        parts = {"Node": [pid], "PostgreSQL": [on.tables.pid]}
        file = on.folder / "postgraphile.requests"
        family = dict(zip(("child", "sibling", "mother", "father"), (*_HIDDEN, *SHIELDED_CARERS), strict=True))
        hidden = [_about_family("postgraphile", family)]
        yield _ready(Http(POSTGRAPHILE, port, "/graphql", requests, answer.of_postgraphile, parts, file, hidden))


@contextmanager
def _peer(on: Stage, program: str, given: Mapping[str, str], workers: int) -> Iterator[tuple[int, int]]:
    (port,) = free_ports(1)
    environment = {**given, "SECRET": _SECRET, "PORT": str(port), "WORKERS": str(workers)}
    environment |= {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    with process([node(), PEERS / program], environment, on.folder / f"{program}.log", port) as pid:
        yield pid, port


def _about_family(peer: str, variables: Mapping[str, Json]) -> Request:
    """A peer's question about a shielded child, her family and where they go."""
    query = (PEERS / f"family.{peer}.graphql").read_text("utf-8")
    return Request(_signed(ASKERS[0]), body(query, variables))


def _signed(asker: Asker) -> dict[str, str]:
    """A token as the peers take it, with what their rules ask about."""
    claims = {"sub": asker.id, "aud": "postgraphile", "role": "reader", "roles": ["social-worker"]}
    told = {**claims, "practitioner": asker.practitioner, "exp": int(time.time()) + _TOKENS}
    return {"authorization": f"Bearer {jwt.encode(told, _SECRET, algorithm='HS256')}"}


def _ready(target: Http) -> Http:
    target.write()
    return target


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)
