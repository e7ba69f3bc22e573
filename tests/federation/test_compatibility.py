"""Apollo's subgraph compatibility suite against the directory's HTTP layer and federation code."""

import json
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.stream import STREAM
from gateway.engines import EngineSet
from gateway.folder import settings_of
from gateway.http import graphql_endpoint
from gateway.issuer import DemoIssuer
from gateway.services import services
from graph.constraints import constrain
from seed.cast import cast_json
from seed.load import load
from seed.population import population
from tests.conftest import empty
from tests.federation.node import KIT, SUITE, program, run
from tests.federation.products.serving import as_principal, products_pipeline
from tests.serving import served

PORTS = {"the router": 4000, "the subgraph users": 4002, "the subgraph inventory": 4003}
"""Where the suite's own tests and subgraphs expect each other."""
PACKAGE = SUITE / "node_modules" / "@apollo" / "federation-subgraph-compatibility-tests"
REQUIREMENTS = (
    "introspection",
    "@key single",
    "@key multiple",
    "@key composite",
    "repeatable @key",
    "@requires",
    "@provides",
    "ftv1",
    "@link",
    "@shareable",
    "@tag",
    "@override",
    "@inaccessible",
    "@composeDirective",
    "@interfaceObject",
)
PERSON = cast_json()["accounts"]["partner-caseworker"]


def check_free() -> None:
    """Fail, and say what to do, where another program has a port that the suite fixes."""
    for name, port in PORTS.items():
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                pytest.fail(f"Port {port} is taken, and the suite has {name} there. Stop what listens on it.")


@pytest.mark.parametrize("router", ["apollo-gateway", "hive-gateway"])
async def test_the_suite_passes_completely(embedded: EngineSet, tmp_path: Path, router: str) -> None:
    """Every requirement of the suite holds, behind either router, and each of its requests is on record."""
    check_free()
    settings = settings_of(tmp_path, embedded.engines, deadline=50)
    stated = {
        "authorization": f"Bearer {DemoIssuer(tmp_path).issue(PERSON)}",
        "x-access-purpose": "coordinate-services",
        "x-access-reason": "compatibility suite",
    }
    async with services(settings) as parts:
        await constrain(parts.driver)
        await empty(parts.driver)
        await load(parts.driver, population(100, 7, datetime.now(UTC).date()), lambda *_: None)
        before = await parts.stream.xlen(STREAM)
        endpoint = graphql_endpoint(
            products_pipeline(await parts.pipeline.current()),
            parts.authenticator,
            parts.meter,
            traces=True,
            deadline=50,
        )
        async with served(as_principal(endpoint, stated)) as port:
            url = f"http://127.0.0.1:{port}/"
            graph = str(tmp_path / "supergraph.graphql")
            schemas = PACKAGE / "dist" / "subgraphs"
            others = [
                word
                for name, where in (("users", 4002), ("inventory", 4003))
                for word in (name, f"http://127.0.0.1:{where}/", str(schemas / name / f"{name}.graphql"))
            ]
            composed = await run(KIT, "compose.mjs", graph, "products", url, str(PACKAGE / "products.graphql"), *others)
            assert composed[0] == 0, composed
            async with (
                program(schemas / "users", "index.js", ready="ready"),
                program(schemas / "inventory", "index.js", ready="ready"),
                program(KIT, f"routers/{router}.mjs", SUPERGRAPH=graph, PORT="4000", HOST="localhost", ENDPOINT="/"),
            ):
                code, said, errors = await run(SUITE, "suite.cjs", PRODUCTS_URL=url)
        assert code == 0, errors
        told = json.loads(said)
        assert told["told"] == []
        assert told["passed"] == dict.fromkeys(REQUIREMENTS, True)
        assert told["ran"]["tests"] == told["ran"]["passed"] >= len(REQUIREMENTS)
        assert await parts.stream.xlen(STREAM) - before >= told["ran"]["tests"]
