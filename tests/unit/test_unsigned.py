"""A flood without a sign-in: turned away, counted where it comes from, and told of without a record for each."""

from typing import Any

import pytest
from starlette.types import Scope

from gateway.http.unsigned import network_of, turned_away
from resolvers.refusals import Refusal
from tests.edge import codes, edge
from tests.fakes import FakeMeter, FakeRecorder, down

QUERY = {"query": "{ __typename }"}
MOST = 3


@pytest.mark.parametrize("headers", [{"authorization": "Bearer a.b.c"}, {"x_access_reason": "%0a"}])
async def test_a_flood_without_a_sign_in_is_turned_away(headers: dict[str, str]) -> None:
    """Whatever is wrong with requests that nobody signed, only so many from an address are told; then 429."""
    here = edge(meter=(meter := FakeMeter(most=MOST)))
    sent = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    answers = [await here.client.post("/graphql", json=QUERY, headers=sent) for _ in range(MOST + 20)]
    assert {answer.status_code for answer in answers[:MOST]} <= {400, 401}
    assert {(answer.status_code, *codes(answer)) for answer in answers[MOST:]} == {(429, "RATE_LIMITED")}
    assert {answer.headers["retry-after"] for answer in answers[MOST:]} == {"60"}
    told = [dict(entry.arguments)["unsigned"] for entry in here.recorder.entries[MOST:]]
    assert [each["turnedAway"] for each in told] == [{"address": count} for count in (1, 2, 4, 8, 16)]
    assert {each["from"] for each in told} == {"127.0.0.1"}
    receipts = [answer.json()["extensions"]["access"]["receipt"] for answer in answers]
    assert [receipt for receipt in receipts if receipt] == [entry.receipt for entry in here.recorder.entries]
    assert meter.addresses.total() == MOST + 20


async def test_who_is_signed_in_is_not_turned_away() -> None:
    """A sound token is answered while a flood from its address is turned away, and takes nothing of its allowance."""
    here = edge(meter=(meter := FakeMeter(most=0)))
    assert (await here.client.post("/graphql", json=QUERY)).status_code == 429
    assert (await here.post(QUERY)).status_code == 200
    assert (await here.post({"query": "{"})).status_code == 400
    assert meter.addresses.total() == 1


async def test_what_cannot_be_counted_is_refused_and_recorded() -> None:
    """While requests without a sign-in cannot be counted, they are refused for that reason, and recorded so."""
    recorder = FakeRecorder()
    here = edge(recorder=recorder, meter=FakeMeter(failure=Refusal("METER_UNAVAILABLE")))
    response = await here.client.post("/graphql", json=QUERY)
    assert (response.status_code, codes(response)) == (503, ["METER_UNAVAILABLE"])
    assert recorder.last.codes == ("METER_UNAVAILABLE",)


async def test_a_flood_while_the_stream_is_down_is_turned_away() -> None:
    """While nothing can be recorded, a request that would be is told so, and the rest of a flood is turned away."""
    here = edge(recorder=down(), meter=FakeMeter(most=0))
    answers = [await here.client.post("/graphql", json=QUERY) for _ in range(3)]
    assert [codes(answer) for answer in answers] == [["AUDIT_UNAVAILABLE"], ["AUDIT_UNAVAILABLE"], ["RATE_LIMITED"]]


@pytest.mark.parametrize(
    ("client", "network"),
    [
        (("192.0.2.7", 4000), "192.0.2.7"),
        (("::ffff:192.0.2.7", 4000), "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 4000), "2001:db8:1:2::/64"),
        (("somewhere", 4000), "unknown"),
        (None, "unknown"),
    ],
)
def test_a_network_is_what_one_client_has(client: Any, network: str) -> None:
    """An IPv4 address counts by itself, an IPv6 address with its /64, and what has no address with all such."""
    scope: Scope = {"type": "http", "client": client}
    assert network_of(scope) == network


def test_a_million_cost_twenty_records() -> None:
    """However large a flood is, what is recorded of it is the logarithm of it, and never less than half is known."""
    recorded = [count for count in range(1, 1_000_001) if turned_away("x", {"everyone": count})[1]]
    assert len(recorded) == 20
    assert recorded[-1] * 2 > 1_000_000
