"""Real routers between people and the directory: queries across both subgraphs, and every rule still in force."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from audit.stream import STREAM
from gateway.conformance import CASES, Router, conforms
from seed.cast import SHIELDED_MARKERS, cast_json
from tests.commands import DIRECTORY, run
from tests.federation.conftest import Served
from tests.federation.node import KIT, NODE
from tests.serving import served

CHILDREN = cast_json()["children"]
ACROSS = """query($id: ID!) { child(id: $id) { givenName address { postcode } access { shielded }
  helpline { reference adviser meetingPlace } } }"""
CONTACTS = "{ helplineContacts { givenName address { postcode } helpline { reference meetingPlace } } }"


def token(directory: Served, persona: str) -> str:
    """The token of a person of the cast."""
    return directory.issuer.issue(cast_json()["accounts"][persona])


async def ask(url: str, directory: Served, persona: str, query: str, **variables: Any) -> httpx.Response:
    """Ask a router as a person of the cast."""
    headers = {
        "authorization": f"Bearer {token(directory, persona)}",
        "x-access-purpose": "safeguarding",
        "x-access-reason": "call from the family",
    }
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(url, json={"query": query, "variables": variables}, headers=headers)


async def test_a_query_goes_across_both_subgraphs(directory: Served, router: str) -> None:
    """One query shows a child of the directory with the partner's own record of her."""
    answer = (await ask(router, directory, "social-worker", ACROSS, id=CHILDREN["open-child"])).json()
    assert answer["data"]["child"]["givenName"] == "Nia"
    assert answer["data"]["child"]["address"]["postcode"]
    assert answer["data"]["child"]["helpline"] == {
        "reference": "HL-104",
        "adviser": "Mel Okafor",
        "meetingPlace": "Ambermere library",
    }


async def test_the_partner_heeds_the_shield(directory: Served, router: str) -> None:
    """The partner's own field that would place a child is withheld where the directory says that she is shielded."""
    child = (await ask(router, directory, "social-worker", ACROSS, id=CHILDREN["shielded-child"])).json()["data"][
        "child"
    ]
    assert child["access"] == {"shielded": True}
    assert child["helpline"] == {"reference": "HL-117", "adviser": "Mel Okafor", "meetingPlace": None}


async def test_the_partners_children_are_asked_for_in_one_request(directory: Served, router: str) -> None:
    """A list of the partner's own costs the directory one record, in order, with null for a child it does not know."""
    before = await directory.stream.xlen(STREAM)
    contacts = (await ask(router, directory, "social-worker", CONTACTS)).json()["data"]["helplineContacts"]
    assert [child and child["givenName"] for child in contacts] == ["Nia", "Isla", contacts[2]["givenName"], None]
    assert contacts[1]["address"] is None
    assert contacts[2]["givenName"]
    assert await directory.stream.xlen(STREAM) - before == 1


async def test_nothing_hidden_reaches_a_partners_caseworker(directory: Served, router: str) -> None:
    """By no path across the subgraphs does a hidden value come through a router."""
    for query, variables in ((ACROSS, {"id": CHILDREN["shielded-child"]}), (CONTACTS, {})):
        text = (await ask(router, directory, "partner-caseworker", query, **variables)).text
        assert [marker for marker in SHIELDED_MARKERS if marker in text] == []


async def test_the_routers_of_the_kit_conform(directory: Served, router: str) -> None:
    """Each router of the kit, configured as it stands there, passes every case of the command."""
    async with httpx.AsyncClient(timeout=60) as client:
        outcomes = await conforms(Router(client, router, directory.issuer))
    assert {each.case.name: each.wrong for each in outcomes} == {case.name: None for case in CASES}


Bad = Callable[[Request, ASGIApp], Awaitable[Response]]


def behind(url: str, keep: Callable[[Request, bytes], object], add: dict[str, str], strip: set[str]) -> ASGIApp:
    """A router that keeps answers under some key, adds headers and strips headers."""
    kept: dict[object, Response] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        key = keep(request, body)
        if key is None or key not in kept:
            sent = {n: v for n, v in request.headers.items() if n not in {*strip, "host", "content-length"}}
            async with httpx.AsyncClient(timeout=60) as client:
                found = await client.post(url, content=body, headers={**add, **sent})
            own = {n: v for n, v in found.headers.items() if n in {"content-type", "cache-control"} - strip}
            kept[key] = Response(found.content, found.status_code, own)
        await kept[key](scope, receive, send)

    return app


def nothing(_request: Request, _body: bytes) -> object:
    """Keep nothing."""
    return None


@pytest.mark.parametrize(
    ("keep", "add", "strip", "wrong"),
    [
        (lambda _request, body: body, {}, set(), {"caches, cleared first", "caches, uncleared first"}),
        (nothing, {"x-access-purpose": "safeguarding"}, set(), {"purpose and reason"}),
        (nothing, {}, {"authorization"}, {"open record", "clearance"}),
        (nothing, {}, {"cache-control"}, {"not stored"}),
    ],
    ids=["shares answers", "states a purpose", "strips the token", "lets caches keep"],
)
async def test_a_router_that_breaks_a_rule_is_found_out(
    directory: Served, keep: Callable[[Request, bytes], object], add: dict[str, str], strip: set[str], wrong: set[str]
) -> None:
    """A router that shares answers, states a purpose, strips tokens or drops the marks fails the cases for it."""
    async with served(behind(directory.url, keep, add, strip)) as port, httpx.AsyncClient(timeout=60) as client:
        outcomes = await conforms(Router(client, f"http://127.0.0.1:{port}/", directory.issuer))
    assert wrong <= {each.case.name for each in outcomes if each.wrong}


async def test_the_command_says_what_holds(directory: Served, router: str) -> None:
    """`directory conformance` prints pass for every case and ends with 0."""
    words = ("conformance", "--router", router, "--data", str(directory.data), "--json")
    done = await asyncio.to_thread(run, DIRECTORY, *words)
    assert done.returncode == 0, done
    told = json.loads(done.stdout)
    assert told["passed"] is True
    assert [each["case"] for each in told["cases"]] == [case.name for case in CASES]


CLIENTS = ((str(NODE), "client/ask.ts"), (sys.executable, "client/ask.py"))


@pytest.mark.parametrize("words", CLIENTS, ids=["TypeScript", "Python"])
async def test_the_clients_of_the_kit_show_what_may_be_shown(
    directory: Served, router: str, words: tuple[str, str]
) -> None:
    """Either client says that a child is shielded and whom to call, or says why it is refused."""
    child, more = CHILDREN["shielded-child"], {"ROUTER": router, "TOKEN": token(directory, "social-worker")}
    done = await asyncio.to_thread(run, *words, child, more=more, cwd=KIT)
    assert done.returncode == 0, done
    assert "SHIELDED: call National relay for shielded records, 0808 157 0110" in done.stdout
    assert "address: not shown" in done.stdout
    assert "helpline: HL-117" in done.stdout
    more["TOKEN"] = token(directory, "suspended")
    refused = await asyncio.to_thread(run, *words, child, more=more, cwd=KIT)
    assert refused.returncode != 0
    assert "The account is suspended." in refused.stderr
    assert "(ACCOUNT_SUSPENDED)" in refused.stderr
