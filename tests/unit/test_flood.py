"""A flood: turned away unread, counted by whose it is, and told of without a record for each request."""

from typing import Any

import pytest
from starlette.types import Scope

from gateway.http.flood import network_of, turned_away
from resolvers.refusals import Refusal
from tests.edge import codes, edge
from tests.fakes import FakeMeter, FakeRecorder, down

QUERY = {"query": "{ __typename }"}
MOST = 3


@pytest.mark.parametrize("headers", [{"authorization": "Bearer a.b.c"}, {"x_access_reason": "%0a"}])
async def test_a_flood_without_a_sign_in_is_turned_away(headers: dict[str, str]) -> None:
    """Whatever is wrong with requests that nobody signed, only so many from an address are told; then 429."""
    here = edge(meter=(meter := FakeMeter(most={"address": MOST})))
    sent = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    answers = [await here.client.post("/graphql", json=QUERY, headers=sent) for _ in range(MOST + 20)]
    assert {answer.status_code for answer in answers[:MOST]} <= {400, 401}
    assert {(answer.status_code, *codes(answer)) for answer in answers[MOST:]} == {(429, "RATE_LIMITED")}
    assert {answer.headers["retry-after"] for answer in answers[MOST:]} == {"60"}
    told = [dict(entry.arguments)["flood"] for entry in here.recorder.entries[MOST:]]
    assert [each["turnedAway"] for each in told] == [{"address": count} for count in (1, 2, 4, 8, 16)]
    assert {each["from"] for each in told} == {"127.0.0.1"}
    receipts = [answer.json()["extensions"]["access"]["receipt"] for answer in answers]
    assert [receipt for receipt in receipts if receipt] == [entry.receipt for entry in here.recorder.entries]
    assert meter.requests["127.0.0.1"] == meter.requests["everyone"] == MOST + 20


async def test_who_is_signed_in_is_not_turned_away() -> None:
    """A sound token is answered while a flood from its address is turned away, and takes nothing of its allowance."""
    here = edge(meter=(meter := FakeMeter(most={"address": 0})))
    assert (await here.client.post("/graphql", json=QUERY)).status_code == 429
    assert (await here.post(QUERY)).status_code == 200
    assert (await here.post({"query": "{"})).status_code == 400
    assert meter.requests["127.0.0.1"] == 1


async def test_a_flood_by_somebody_is_turned_away_unread() -> None:
    """Beyond an account's allowance nothing that it sends is read or worked out, however often it asks."""
    here = edge(meter=FakeMeter(most={"account": MOST}))
    answers = [await here.post(QUERY if number < MOST else {"query": "{"}) for number in range(MOST + 20)]
    assert [answer.status_code for answer in answers] == [200] * MOST + [429] * 20
    told = [entry for entry in here.recorder.entries if entry.codes]
    assert [dict(entry.arguments)["flood"]["turnedAway"]["account"] for entry in told] == [1, 2, 4, 8, 16]
    assert {(entry.codes, entry.account, entry.operation) for entry in told} == {(("RATE_LIMITED",), "account-1", None)}


async def test_a_request_that_is_counted_late_is_refused_all_the_same() -> None:
    """A request that went ahead because much was left, and is beyond by the time it is counted, shows nothing."""
    here = edge(meter=FakeMeter(most={"account": 1}, ample=True))
    answers = [await here.post(QUERY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    _, entry = here.recorder.entries
    assert (entry.codes, entry.disclosed) == (("RATE_LIMITED",), ())
    assert entry.operation is not None  # it was read, and not turned away as a flood is


async def test_a_request_whose_count_fails_late_is_refused_all_the_same() -> None:
    """A request that went ahead because much was left is refused where it turns out that it cannot be counted."""
    here = edge(meter=(meter := FakeMeter(fails=lambda _account, _uses: False, ample=True)))
    assert (await here.post(QUERY)).status_code == 200
    meter.failure = Refusal("METER_UNAVAILABLE")
    answer = await here.post(QUERY)
    assert (answer.status_code, codes(answer)) == (503, ["METER_UNAVAILABLE"])


async def test_what_cannot_be_counted_is_refused_and_recorded() -> None:
    """While requests without a sign-in cannot be counted, they are refused for that reason, and recorded so."""
    recorder = FakeRecorder()
    here = edge(recorder=recorder, meter=FakeMeter(failure=Refusal("METER_UNAVAILABLE")))
    response = await here.client.post("/graphql", json=QUERY)
    assert (response.status_code, codes(response)) == (503, ["METER_UNAVAILABLE"])
    assert recorder.last.codes == ("METER_UNAVAILABLE",)


async def test_a_flood_while_the_stream_is_down_is_turned_away() -> None:
    """While nothing can be recorded, a request that would be is told so, and the rest of a flood is turned away."""
    here = edge(recorder=down(), meter=FakeMeter(most={"address": 0}))
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
    recorded = [count for count in range(1, 1_000_001) if turned_away({"everyone": count}, "x")]
    assert len(recorded) == 20
    assert recorded[-1] * 2 > 1_000_000
