"""Whatever a router or a partner's subgraph sends as a representation, it shows, invents and probes nothing."""

import json
from typing import Any

import httpx
import pytest

from audit.stream import STREAM, entries
from seed.cast import SHIELDED_MARKERS, cast_json
from tests.federation.conftest import Served

CHILDREN = cast_json()["children"]
SHIELDED, OPEN, TURNING = (CHILDREN[name] for name in ("shielded-child", "open-child", "turning-18"))
NOBODY = "00000000-0000-4000-8000-000000000000"
ENTITIES = """query($r: [_Any!]!) { _entities(representations: $r) { __typename
  ... on Child { id givenName familyName address { lines postcode } formerNames { familyName } gender
    involvements { service { name } } access { shielded withheld { field reason } contact { name } } }
  ... on Service { id name phone access { shielded } } } }"""
FORGERIES: list[dict[str, Any]] = [
    {"address": {"postcode": "AB1 2CD", "lines": ["here"]}, "givenName": "Forged"},
    {"access": {"shielded": False, "withheld": [], "contact": None}},
    {"shielded": False, "roles": ["management-team"], "local": "true", "tie": "direct"},
    {"postcode": SHIELDED_MARKERS[0], "familyName": "Fairbourne"},
    {"id_": OPEN, "ID": OPEN, "key": {"id": OPEN}},
    {"involvements": [{"service": {"name": "Forged"}}], "__proto__": {"id": OPEN}},
    {"x" * 50: ["y" * 1000] * 10},
]


async def sent(directory: Served, persona: str, representations: Any, **more: Any) -> httpx.Response:
    """Send representations to the directory as a router does."""
    token = directory.issuer.issue(cast_json()["accounts"][persona])
    headers = {"authorization": f"Bearer {token}", "x-access-purpose": "safeguarding", "x-access-reason": "a call"}
    body = {"query": ENTITIES, "variables": {"r": representations}, **more}
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(directory.url, json=body, headers=headers)


def of(record_id: str, type_name: str = "Child", **more: Any) -> dict[str, Any]:
    """A representation."""
    return {"__typename": type_name, "id": record_id, **more}


async def entities(directory: Served, persona: str, *representations: Any) -> str:
    """The entities as bytes of the answer."""
    response = await sent(directory, persona, list(representations))
    assert response.status_code == 200, response.text
    return json.dumps(response.json()["data"]["_entities"])


@pytest.mark.parametrize("forged", FORGERIES, ids=lambda forged: next(iter(forged))[:12])
@pytest.mark.parametrize("persona", ["social-worker", "partner-caseworker"])
async def test_what_is_forged_is_not_there(directory: Served, forged: dict[str, Any], persona: str) -> None:
    """With any other field in a representation, true or false, the answer is the same to the byte."""
    for record_id in (SHIELDED, OPEN, NOBODY):
        plain = await entities(directory, persona, of(record_id))
        assert await entities(directory, persona, of(record_id, **forged)) == plain
    assert [marker for marker in SHIELDED_MARKERS if marker in await entities(directory, persona, of(SHIELDED))] == []


async def test_what_is_no_reference_is_null_in_its_place(directory: Served) -> None:
    """Mixed with sound ones, representations of nothing, of no type and of the wrong type are null where they stand."""
    wrong: list[Any] = [{}, [], 1, "x", {"__typename": "Child"}, {"id": OPEN}, of(OPEN, "Service"), of(OPEN, "Account")]
    wrong += [of(OPEN, "Query"), of(OPEN, "_Service"), {"__typename": "Child", "id": [OPEN]}, of(OPEN, ""), of("")]
    wrong += [{"__typename": "Child", "id": {"in": [OPEN]}}, {"__typename": ["Child"], "id": OPEN}, of(NOBODY)]
    mixed = [each for pair in zip([of(OPEN)] * len(wrong), wrong, strict=True) for each in pair]
    found = json.loads(await entities(directory, "social-worker", *mixed))
    assert found[1::2] == [None] * len(wrong)
    assert {each["givenName"] for each in found[::2]} == {"Nia"}


async def test_duplicates_are_answered_each_and_recorded_once(directory: Served) -> None:
    """A record that is named several times is answered each time alike, read once, and on record once."""
    before = await directory.stream.xlen(STREAM)
    found = json.loads(
        await entities(directory, "social-worker", of(OPEN), of(TURNING), of(OPEN), of(NOBODY), of(OPEN))
    )
    assert found[0] == found[2] == found[4]
    assert found[1]["id"] == TURNING
    assert found[3] is None
    assert await directory.stream.xlen(STREAM) - before == 1
    (entry,) = [each async for each in entries(directory.stream, last=1, follow=False)]
    ids = [each for record in entry["records"] if record["type"] == "Child" for each in record["ids"]]
    assert sorted(ids) == sorted([OPEN, TURNING])


async def test_the_longest_list_is_one_record_and_a_longer_one_a_refusal(directory: Served) -> None:
    """A hundred representations cost one append; one more is refused with a code, read by nobody and on record."""
    for length, refused in ((1, False), (100, False), (101, True)):
        before = await directory.stream.xlen(STREAM)
        response = await sent(directory, "social-worker", [of(OPEN)] * length)
        assert await directory.stream.xlen(STREAM) - before == 1
        codes = [error["extensions"]["code"] for error in response.json().get("errors", [])]
        assert codes == (["TOO_MANY_REPRESENTATIONS"] if refused else [])


async def test_an_oversized_representation_is_refused_whole(directory: Served) -> None:
    """A representation that is longer than a request may be, or nested deeper, is refused before it is looked at."""
    for content, code in (("x" * 200_000, "REQUEST_TOO_LARGE"), (_nested(40), "BAD_REQUEST")):
        response = await sent(directory, "social-worker", [of(OPEN, more=content)])
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]
        assert "data" not in response.json()


def _nested(levels: int) -> Any:
    found: Any = "x"
    for _ in range(levels):
        found = [found]
    return found
