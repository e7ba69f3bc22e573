"""Which organisations may be named to a child, on both engines."""

import pytest

from graph.subjects import nameable
from tests.integration.conftest import CAST, Directory

pytestmark = pytest.mark.anyio
_ALL = "MATCH (o:Organisation) RETURN o.id AS id, o.name AS name"
_OF = (
    "MATCH (:Child {id: $id})<-[:OF]-(i:Involvement)-[:AT]->(:Service)-[:PART_OF]->(o) "
    "RETURN o.id AS id, i.kind AS kind"
)


async def found(directory: Directory, query: str, **given: str) -> list[dict[str, str]]:
    """Rows from the graph."""
    records, _, _ = await directory.driver.execute_query(query, given)
    return [record.data() for record in records]


async def test_an_open_child_may_know_every_organisation(directory: Directory) -> None:
    """To a child without a shield and without a sensitive service, every organisation may be named."""
    names = {row["id"]: row["name"] for row in await found(directory, _ALL)}
    assert await nameable(directory.driver, CAST["children"]["open-child"], names) == names
    assert await nameable(directory.driver, CAST["children"]["open-child"], [*list(names)[:1], "nobody"])


@pytest.mark.parametrize("child", ["shielded-child", "half-sibling"])
async def test_nobody_is_named_who_could_place_a_child(directory: Directory, child: str) -> None:
    """To a shielded child, and to one whom a sibling's shield protects, no organisation is named; nor to an unknown."""
    names = [row["id"] for row in await found(directory, _ALL)]
    assert await nameable(directory.driver, CAST["children"][child], names) is None
    assert await nameable(directory.driver, "nobody", names) is None


async def test_a_sensitive_service_is_not_given_away(directory: Directory) -> None:
    """Of a child with a sensitive service its organisation is not named, and all others are."""
    child = CAST["children"]["sensitive-service-child"]
    names = {row["id"]: row["name"] for row in await found(directory, _ALL)}
    sensitive = {row["id"] for row in await found(directory, _OF, id=child) if row["kind"] == "SENSITIVE"}
    assert sensitive
    expected = {id_: None if id_ in sensitive else name for id_, name in names.items()}
    assert await nameable(directory.driver, child, [*names, "gone"]) == expected
