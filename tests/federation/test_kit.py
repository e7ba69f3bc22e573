"""The partner kit as it is committed: composed from what is served, every router passing on the same headers."""

import re

import pytest
from graphql import parse
from ruamel.yaml import YAML

from gateway.http.stated import HEADERS
from gateway.settings import ROOT
from schema.catalogue import CATALOGUE
from schema.sdl import definition
from tests.federation.node import KIT, run


async def test_the_committed_supergraph_is_current() -> None:
    """examples/partner/supergraph.graphql is what composing the two committed schemas yields, without a hint."""
    update = "Compose it anew: (cd examples/partner && npm run compose)"
    assert await run(KIT, "compose.mjs", "-") == (0, (KIT / "supergraph.graphql").read_text("utf-8"), ""), update


async def test_the_schema_with_authenticated_composes_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With ``@authenticated`` the schema composes, and the supergraph keeps the directive."""
    path = tmp_path_factory.mktemp("sdl") / "directory.graphql"
    path.write_text(definition(authenticated=True), encoding="utf-8")
    code, composed, _ = await run(KIT, "compose.mjs", "-", "directory", "http://127.0.0.1:1/", str(path))
    assert code == 0
    assert composed.count("  @authenticated\n") == len(CATALOGUE)


async def test_a_schema_that_does_not_compose_is_told_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where a partner's schema contradicts the directory's, composing fails and says where."""
    path = tmp_path_factory.mktemp("sdl") / "partner.graphql"
    text = (KIT / "subgraph/schema.graphql").read_text("utf-8")
    path.write_text(text.replace("id: ID!", "id: ID!\n  givenName: String"), encoding="utf-8")
    directory = ("directory", "http://127.0.0.1:1/", str(ROOT / "schema/directory.graphql"))
    code, _, said = await run(KIT, "compose.mjs", "-", *directory, "partner", "http://127.0.0.1:2/", str(path))
    assert code == 1
    assert "Child.givenName" in said


def test_every_router_passes_on_what_the_directory_reads() -> None:
    """The routers' configurations name exactly the headers that the directory reads."""
    routers = (KIT / "routers/headers.mjs").read_text("utf-8")
    assert set(re.findall(r'^  "([a-z-]+)",$', routers, re.MULTILINE)) == HEADERS
    apollo = YAML(typ="safe").load(KIT / "routers/apollo-router.yaml")
    assert {each["propagate"]["named"] for each in apollo["headers"]["all"]["request"]} == HEADERS


def test_rover_composes_the_same_schemas() -> None:
    """The configuration for rover names the schemas and addresses that the kit's own composition uses."""
    rover = YAML(typ="safe").load(KIT / "supergraph.yaml")["subgraphs"]
    composed = (KIT / "compose.mjs").read_text("utf-8")
    for name, each in rover.items():
        parse((KIT / each["schema"]["file"]).read_text("utf-8"))
        assert f'"{name}", "{each["routing_url"]}", here("{each["schema"]["file"]}")' in composed


async def test_the_clients_types_are_current(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The generated types fit the schema that the router offers, and the client fits them."""
    folder = tmp_path_factory.mktemp("types")
    api = str(folder / "api.graphql")
    assert (await run(KIT, "compose.mjs", str(folder / "supergraph.graphql"), API=api))[0] == 0
    assert (KIT / "client/api.graphql").read_text("utf-8") == (folder / "api.graphql").read_text("utf-8")
    checked = await run(KIT, "node_modules/.bin/graphql-codegen", "--check")
    assert checked[0] == 0, f"Generate them anew: (cd examples/partner && npm run types)\n{checked}"
    assert await run(KIT, "node_modules/.bin/tsc") == (0, "", "")
