"""The endpoint: what a request states, what is recorded, and that whatever fails shows nothing."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway.http import live, ready
from resolvers.refusals import Refusal
from tests.edge import LEGACY, MODERN, codes, edge, signed
from tests.fakes import REVISION, FakeDecider, FakeReader, FakeRecorder, down
from tests.tokens import Publisher, token

ASKED = {"query": "{ __typename }"}
CHILD = {"query": '{ child(id: "1") { id } }'}


def failing(failure: Exception) -> FakeReader:
    """A graph whose every read fails."""

    async def before() -> None:
        raise failure

    return FakeReader(before)


def hanging() -> FakeReader:
    """A graph that never answers."""

    async def before() -> None:
        await asyncio.Event().wait()

    return FakeReader(before)


async def test_an_answer_carries_its_receipt_and_its_policy() -> None:
    """An answer names the record that was made before it, and the policy revision that allowed it."""
    served = edge()
    response = await served.post(CHILD)
    access = {"receipt": served.recorder.last.receipt, "policy": REVISION}
    assert response.json() == {"data": {"child": None}, "extensions": {"access": access}}
    assert served.recorder.last.outcome == "answered"


async def test_no_answer_is_kept_or_guessed_at() -> None:
    """No response is stored by a cache, and no browser guesses its type."""
    for response in (await edge().post(ASKED), await edge().post(b""), await edge().client.get("/graphql")):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "authorization" in response.headers["vary"]


async def test_a_failed_sign_in_is_recorded() -> None:
    """A request without a sound token is recorded with what is known of it."""
    served = edge()
    headers = {"authorization": "Bearer x.y.z", "x-access-purpose": "safeguarding"}
    response = await served.client.post("/graphql", json=ASKED, headers=headers)
    entry = served.recorder.last
    assert (entry.outcome, entry.account, entry.codes) == ("refused", None, ("UNAUTHENTICATED",))
    assert entry.access.purpose == "safeguarding"
    assert response.json()["extensions"]["access"]["receipt"] == entry.receipt


async def test_two_authorization_headers_are_no_sign_in() -> None:
    """A request with two tokens is refused, whichever of them is sound."""
    headers = [("content-type", LEGACY), *signed().items(), ("authorization", f"Bearer {token(sub='other')}")]
    assert (await edge().client.post("/graphql", json=ASKED, headers=headers)).status_code == 401


async def test_a_sign_in_that_cannot_be_checked_is_no_sign_in() -> None:
    """While the issuer cannot be reached the answer is 503, and tells when to ask again."""
    response = await edge(publisher=Publisher(httpx.ConnectError("refused"))).post(ASKED)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert codes(response) == ["IDENTITY_UNAVAILABLE"]


@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_closed_gate_is_forbidden(accept: str) -> None:
    """A refusal of policy is 403 in both types, with every code and advice for a person, and without data."""
    refusals = ("TRAINING_LAPSED", "VETTING_LAPSED")
    served = edge(decider=FakeDecider(refusals))
    response = await served.post(CHILD, accept=accept)
    assert response.status_code == 403
    assert response.json() == {
        "errors": [
            {
                "message": "Complete the mandatory training, then ask your account administrator to record it.",
                "extensions": {"code": "TRAINING_LAPSED", "codes": [*refusals]},
            }
        ],
        "extensions": {"access": {"receipt": served.recorder.last.receipt}},
    }


async def test_an_unknown_account_is_forbidden() -> None:
    """A sound token of somebody whom the directory does not know is refused."""
    response = await edge(reader=FakeReader(unknown=frozenset({"account-1"}))).post(CHILD)
    assert (response.status_code, codes(response)) == (403, ["ACCOUNT_UNKNOWN"])


@pytest.mark.parametrize("content", [CHILD, b"", {"query": "{"}])
async def test_nothing_is_said_that_cannot_be_recorded(content: object) -> None:
    """While the audit stream is down there is no answer and no other refusal, only that."""
    response = await edge(recorder=down()).post(content)
    assert response.status_code == 503
    assert response.json()["extensions"] == {"access": {"receipt": None}}
    assert codes(response) == ["AUDIT_UNAVAILABLE"]
    assert "data" not in response.json()


async def test_a_broken_recorder_is_like_one_that_is_down(caplog: pytest.LogCaptureFixture) -> None:
    """If recording fails in an unforeseen way nothing is shown, and the log does not repeat the failure's words."""
    served = edge(recorder=FakeRecorder(failure=RuntimeError("Zoë Example")))
    for content in (CHILD, b""):
        response = await served.post(content)
        assert (response.status_code, codes(response)) == (503, ["AUDIT_UNAVAILABLE"])
    assert "RuntimeError" in caplog.text
    assert "Zoë" not in response.text


async def test_an_unforeseen_failure_says_nothing() -> None:
    """Whatever fails unforeseen is answered with 500, a receipt and no detail."""
    served = edge(reader=failing(RuntimeError("Zoë Example")))
    response = await served.post(CHILD)
    assert (response.status_code, codes(response)) == (500, ["INTERNAL"])
    assert "Zoë" not in response.text
    assert served.recorder.last.receipt == response.json()["extensions"]["access"]["receipt"]


async def test_a_failure_before_the_pipeline_says_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What fails unforeseen at the edge is recorded and answered alike, and its words reach neither log nor client."""
    monkeypatch.setattr("gateway.http.endpoint.posted", lambda body: {}[body.decode()])
    served = edge()
    response = await served.post({"query": "{ child } # Zoe Example"})
    assert (response.status_code, codes(response)) == (500, ["INTERNAL"])
    assert served.recorder.last.codes == ("INTERNAL",)
    assert "KeyError" in caplog.text
    assert "Zoe" not in caplog.text + response.text


async def test_an_unreachable_graph_is_unavailable() -> None:
    """A graph that does not answer is a 503."""
    response = await edge(reader=failing(Refusal("GRAPH_UNAVAILABLE"))).post(CHILD)
    assert (response.status_code, codes(response)) == (503, ["GRAPH_UNAVAILABLE"])


async def test_the_deadline_ends_a_request() -> None:
    """A request that takes too long is given up, recorded, and answered without data."""
    served = edge(reader=hanging(), deadline=0.05)
    response = await served.post(CHILD)
    assert (response.status_code, codes(response)) == (503, ["DEADLINE"])
    assert served.recorder.last.codes == ("DEADLINE",)
    assert served.recorder.last.operation is not None
    assert "data" not in response.json()


async def test_a_record_that_hangs_does_not_hold_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a refusal cannot be recorded in time either, the answer is that access cannot be recorded."""

    class Hanging(FakeRecorder):
        async def record(self, entry: object) -> str:  # noqa: ARG002 - a port
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("gateway.http.endpoint.RECORD_SECONDS", 0.05)
    response = await edge(recorder=Hanging(), deadline=0.05).post(CHILD)
    assert (response.status_code, codes(response)) == (503, ["AUDIT_UNAVAILABLE"])


async def test_a_slow_body_is_given_up() -> None:
    """A body that does not arrive in time is answered with 408, before the deadline."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"query": '
        await asyncio.Event().wait()

    served = edge(body_seconds=0.05)
    sent = {"content-type": LEGACY, **signed()}
    response = await served.client.post("/graphql", content=chunks(), headers=sent)
    assert (response.status_code, codes(response)) == (408, ["REQUEST_TOO_SLOW"])
    assert response.headers["connection"] == "close"


async def test_a_client_that_leaves_is_recorded() -> None:
    """A client that goes away before it has sent everything has asked nothing, and that is recorded."""
    served = edge()
    sent: list[object] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    headers = {"content-type": LEGACY, **signed()}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": raw}
    await served.client._transport.app(scope, receive, send)  # type: ignore[attr-defined]
    assert served.recorder.last.codes == ("BAD_REQUEST",)


async def test_no_other_site_can_ask() -> None:
    """No request works without an Authorization header, and no preflight is granted to send one."""
    served = edge()
    preflight = {"origin": "https://elsewhere.example", "access-control-request-headers": "authorization"}
    asked = [
        await served.client.get("/graphql", params=ASKED),
        await served.client.post("/graphql", content=b"query=x", headers={"content-type": "text/plain"}),
        await served.client.options("/graphql", headers=preflight),
    ]
    assert [response.status_code for response in asked] == [401, 401, 401]
    assert not any(name.startswith("access-control") for response in asked for name in response.headers)


async def test_the_probes_tell_life_from_readiness() -> None:
    """The process is alive whatever it depends on; it is ready if every part answers, and names those that do not."""

    async def answers() -> None:
        """A part that is up."""

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def fails() -> None:
        raise ConnectionError("secret-host:6379")

    def app(warnings: object = None, **pings: object) -> httpx.AsyncClient:
        routes = [Route("/livez", live), Route("/readyz", ready(pings, warnings or {}))]  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://gateway")

    assert (await app(graph=fails).get("/livez")).json() == {"status": "alive"}
    assert (await app(graph=answers).get("/readyz")).json() == {"status": "ready"}
    warned = await app({"archive": fails}, graph=answers).get("/readyz")
    assert (warned.status_code, warned.json()) == (200, {"status": "ready", "warnings": ["archive"]})
    response = await app(graph=answers, stream=fails).get("/readyz")
    assert (response.status_code, response.json()) == (503, {"status": "not ready", "down": ["stream"]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.http.health.PING_SECONDS", 0.05)
        assert (await app(policy=hangs).get("/readyz")).json()["down"] == ["policy"]


async def test_who_asks_meanwhile_hears_the_same() -> None:
    """However many ask at once whether the gateway is ready, each part is asked once; the next ask anew."""
    asked, release, arrived = [0], asyncio.Event(), asyncio.Semaphore(0)

    async def slow() -> None:
        asked[0] += 1
        await release.wait()

    probe = ready({"graph": slow})

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.release()
        await probe(scope, receive, send)

    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")
    waiting = [asyncio.create_task(client.get("/readyz")) for _ in range(50)]
    for _ in waiting:
        await arrived.acquire()
    waiting[0].cancel()  # whoever asked first may leave
    release.set()
    assert {(await each).status_code for each in waiting[1:]} == {200}
    assert asked == [1]
    assert (await client.get("/readyz")).status_code == 200
    assert asked == [2]
