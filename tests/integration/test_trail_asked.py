"""Auditors ask the running gateway who saw a child's record; nobody else learns anything, and asking is on record."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from audit.archive.service import Service
from audit.chain import read_receipt
from audit.stream import ARCHIVE, STREAM, connect, entries
from gateway.archiver import archiver_of
from schema.operations import OPERATIONS
from seed.cast import SHIELDED_IDS
from tests.edge import codes
from tests.integration.conftest import CAST, Directory

pytestmark = pytest.mark.anyio

CHILD = CAST["children"]["open-child"]
HISTORY = """query($child: ID!) {
  history(child: $child) { more accesses { receipt account purpose records { type id shown withheld { field } } } }
}"""
TRAIL = "query($account: ID!) { trail(account: $account) { accesses { receipt outcome codes records { id } } } }"


async def archived(directory: Directory) -> None:
    """Move what is in the stream into the archive."""
    service = Service(archiver_of(directory.settings), says=lambda _: None)
    await asyncio.to_thread(service.once)


@pytest.fixture(autouse=True)
async def _no_archive_is_left(directory: Directory) -> AsyncIterator[None]:
    yield
    stream: Any = connect(directory.engines.engines.stream_url, 5)
    await stream.xgroup_destroy(STREAM, ARCHIVE)
    await stream.aclose()


async def ask(directory: Directory, persona: str, query: str, purpose: str = "audit-review", **variables: Any) -> Any:
    """Ask about the trail."""
    return await directory.ask(persona, query, variables, purpose, path="/trail")


def receipt(response: httpx.Response) -> str:
    """The name of an answer's record."""
    return read_receipt(response.json()["extensions"]["access"]["receipt"]).id


async def test_who_saw_a_childs_record(directory: Directory) -> None:
    """Auditor and account administrator see who saw a child's record and what of it; that they asked is on record."""
    seen = await directory.ask("social-worker", "query($c: ID!) { child(id: $c) { number gender } }", {"c": CHILD})
    await archived(directory)
    for persona in ("auditor", "account-administrator"):
        response = await ask(directory, persona, HISTORY, child=CHILD)
        assert response.status_code == 200, response.text
        history = response.json()["data"]["history"]
        (access,) = [each for each in history["accesses"] if each["receipt"] == receipt(seen)]
        assert (access["account"], access["purpose"]) == (CAST["accounts"]["social-worker"], "coordinate-services")
        assert access["records"] == [{"type": "Child", "id": CHILD, "shown": ["number", "gender"], "withheld": []}]
        stream = connect(directory.engines.engines.stream_url, 5)
        newest = await anext(entries(stream, last=1, follow=False))
        await stream.aclose()
        assert (newest["receipt"], newest["account"]) == (receipt(response), CAST["accounts"][persona])


async def test_a_review_does_not_tell_where_a_child_goes(directory: Directory) -> None:
    """Of what was seen of a child, only she and her carers are told by identifier, not who works with her."""
    child = CAST["children"]["shielded-child"]
    await directory.ask("duty-manager", OPERATIONS["child"], {"id": child}, "safeguarding")
    await archived(directory)
    records = "{ accesses { records { path type id child shown } } }"
    for question, given in (("history(child: $id)", child), ("trail(account: $id)", CAST["accounts"]["duty-manager"])):
        response = await ask(directory, "auditor", f"query($id: ID!) {{ all: {question} {records} }}", id=given)
        assert [each for each in SHIELDED_IDS if each in response.text and each != child] == []
        found = [each for access in response.json()["data"]["all"]["accesses"] for each in access["records"]]
        assert {"Service", "Practitioner", "Involvement", "Organisation"} <= {each["type"] for each in found}
        assert {each["type"] for each in found if each["id"]} == {"Child", "Care", "Carer"}


async def test_the_full_trail_of_an_account(directory: Directory) -> None:
    """All that an account asked for is told, what was refused to it included."""
    refused = await directory.ask("social-worker", "{ me { id } }", purpose="audit-review")
    assert codes(refused) == ["PURPOSE_NOT_FOR_ROLE"]
    await archived(directory)
    response = await ask(directory, "auditor", TRAIL, account=CAST["accounts"]["social-worker"])
    (access,) = [each for each in response.json()["data"]["trail"]["accesses"] if each["receipt"] == receipt(refused)]
    assert access == {**access, "outcome": "refused", "codes": ["PURPOSE_NOT_FOR_ROLE"], "records": []}


async def test_an_auditor_sees_their_own_authority_alone(directory: Directory) -> None:
    """What a national partner's caseworker saw is no part of what an authority's auditor is told."""
    turning = CAST["children"]["turning-18"]
    seen = await directory.ask("partner-caseworker", "query($c: ID!) { child(id: $c) { number } }", {"c": turning})
    assert seen.json()["data"]["child"]
    await archived(directory)
    for query, variables in (
        (HISTORY, {"child": turning}),
        (TRAIL, {"account": CAST["accounts"]["partner-caseworker"]}),
    ):
        response = await ask(directory, "auditor", query, **variables)
        (found,) = response.json()["data"].values()
        assert receipt(seen) not in {each["receipt"] for each in found["accesses"]}


@pytest.mark.parametrize("persona", ["social-worker", "duty-manager", "partner-caseworker"])
@pytest.mark.parametrize(
    ("purpose", "code"), [("audit-review", "PURPOSE_NOT_FOR_ROLE"), ("safeguarding", "PURPOSE_NOT_HERE")]
)
async def test_nobody_else_may_ask(directory: Directory, persona: str, purpose: str, code: str) -> None:
    """Whoever is no auditor and no account administrator is refused, for whatever purpose."""
    await archived(directory)
    response = await ask(directory, persona, HISTORY, purpose, child=CHILD)
    assert (response.status_code, codes(response)) == (403, [code])
    assert "data" not in response.json()
