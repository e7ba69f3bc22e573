"""The OPA adapter: a revision is served for a second, and whatever is no decision decides nothing."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest

from gateway.policy.opa import FRESH, LEASE, OpaDecider
from resolvers.refusals import Refusal

DECISION = {"allowed": True, "refusals": [], "capacity": {}, "grants": {}}


def body(result: Any = DECISION, revision: Any = "r1", **more: Any) -> bytes:
    """A response of OPA's data API with provenance."""
    return orjson.dumps({"result": result, "provenance": {"bundles": {"policies": {"revision": revision}}}, **more})


@dataclass
class Server:
    """An OPA server and a clock.

    Attributes:
        answer: the response's body, or what the connection fails with.
        status: the response's status.
        now: the time, in seconds.
    """

    answer: bytes | Exception = field(default_factory=body)
    status: int = 200
    now: float = 1000.0
    asked: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, letting others run first."""
        self.asked.append(request)
        await asyncio.sleep(0)
        if isinstance(self.answer, Exception):
            raise self.answer
        return httpx.Response(self.status, content=self.answer)

    @property
    def decider(self) -> OpaDecider:
        """An adapter of this server."""
        client = httpx.AsyncClient(transport=httpx.MockTransport(self), base_url="http://opa.example")
        return OpaDecider(client, lambda: self.now)


async def test_a_decision_is_one_post_with_provenance() -> None:
    """The question goes as the input of the one entrypoint, and the verdict names the bundle's revision."""
    server = Server()
    verdict = await server.decider.decide({"today": "2026-03-02"})
    assert (verdict.decision, verdict.revision) == (DECISION, "r1")
    (request,) = server.asked
    assert str(request.url) == "http://opa.example/v1/data/directory/decision/decision?provenance=true"
    assert (request.method, orjson.loads(request.content)) == ("POST", {"input": {"today": "2026-03-02"}})


WRONG: dict[str, Any] = {
    "undefined": {"answer": orjson.dumps({"provenance": {"bundles": {"b": {"revision": "r1"}}}})},
    "null": {"answer": body(None)},
    "a list": {"answer": body([])},
    "true": {"answer": body(True)},
    "text": {"answer": body("allowed")},
    "an error": {"status": 500},
    "a redirect": {"status": 302},
    "not found": {"status": 404},
    "no content": {"status": 204, "answer": b""},
    "no JSON": {"answer": b"<html>"},
    "no UTF-8": {"answer": b"\xff"},
    "no object": {"answer": b"[]"},
    "no provenance": {"answer": orjson.dumps({"result": DECISION})},
    "a null provenance": {"answer": orjson.dumps({"result": DECISION, "provenance": None})},
    "no bundle": {"answer": orjson.dumps({"result": DECISION, "provenance": {"bundles": {}}})},
    "bundles that are a list": {"answer": orjson.dumps({"result": DECISION, "provenance": {"bundles": [1]}})},
    "two bundles": {"answer": orjson.dumps({"result": DECISION, "provenance": {"bundles": {"a": {}, "b": {}}}})},
    "a bundle that is text": {"answer": orjson.dumps({"result": DECISION, "provenance": {"bundles": {"a": "r1"}}})},
    "no revision": {"answer": orjson.dumps({"result": DECISION, "provenance": {"bundles": {"a": {}}}})},
    "an empty revision": {"answer": body(revision="")},
    "a null revision": {"answer": body(revision=None)},
    "a number for a revision": {"answer": body(revision=1)},
    "a timeout": {"answer": httpx.ReadTimeout("Ada")},
    "a refused connection": {"answer": httpx.ConnectError("Ada")},
    "a broken connection": {"answer": httpx.RemoteProtocolError("Ada")},
    "a full pool": {"answer": httpx.PoolTimeout("Ada")},
}


@pytest.mark.parametrize("name", sorted(WRONG))
async def test_what_is_no_decision_decides_nothing(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever comes instead of one decision under one named revision means that nothing can be decided."""
    with pytest.raises(Refusal) as caught:
        await Server(**WRONG[name]).decider.decide({})
    assert caught.value.codes == ("POLICY_UNAVAILABLE",)
    assert "Ada" not in caplog.text


async def test_a_revision_is_confirmed_for_its_lease() -> None:
    """Within a lease the revision is told without asking; after it OPA is asked again."""
    server = Server()
    decider = server.decider
    assert [await decider.revision() for _ in range(3)] == ["r1"] * 3
    server.now += LEASE
    assert await decider.revision() == "r1"
    assert len(server.asked) == 1
    server.now += 0.001
    server.answer = body(revision="r2")
    assert await decider.revision() == "r2"
    assert len(server.asked) == 2


async def test_a_lease_is_renewed_before_it_runs_out() -> None:
    """Once a lease is half over, requests are still served by it, while one question renews it for all of them."""
    server = Server()
    decider = server.decider
    await decider.revision()
    server.now, server.answer = server.now + FRESH + 0.001, body(revision="r2")
    assert [await decider.revision() for _ in range(20)] == ["r1"] * 20
    assert decider._renewal is not None
    await decider._renewal
    assert len(server.asked) == 2
    server.now += FRESH
    assert await decider.revision() == "r2"
    assert len(server.asked) == 2


async def test_a_renewal_that_fails_takes_nothing_from_the_lease() -> None:
    """Where OPA does not answer, the lease is served to its end and no longer."""
    server = Server()
    decider = server.decider
    await decider.revision()
    server.now, server.answer = server.now + LEASE, httpx.ConnectError("gone")
    assert await decider.revision() == "r1"
    assert decider._renewal is not None
    await decider._renewal
    assert [await decider.revision() for _ in range(5)] == ["r1"] * 5
    await decider._renewal
    assert len(server.asked) == 2
    server.now += 0.001
    with pytest.raises(Refusal, match="POLICY_UNAVAILABLE"):
        await decider.revision()


async def test_a_renewal_ends_with_the_gateway() -> None:
    """A renewal that is under way when the gateway stops is given up."""
    server = Server()
    decider = server.decider
    await decider.revision()
    server.now += LEASE
    await decider.revision()
    assert decider._renewal is not None
    await decider.aclose()
    assert decider._renewal.cancelled()


async def test_a_lapsed_lease_refuses() -> None:
    """When OPA does not confirm the revision after its lease, nothing is decided; when it does again, all is."""
    server = Server()
    decider = server.decider
    await decider.revision()
    server.now, server.answer = server.now + 2 * LEASE, httpx.ConnectError("gone")
    for _ in range(2):
        with pytest.raises(Refusal, match="POLICY_UNAVAILABLE"):
            await decider.revision()
    server.answer = body()
    assert await decider.revision() == "r1"


async def test_a_lease_runs_from_when_it_was_asked_for() -> None:
    """However long OPA took to answer, the lease counts from the question, since the answer may be that old."""
    server = Server()
    decider = server.decider

    async def slow(request: httpx.Request) -> httpx.Response:
        server.now += LEASE + 0.5
        return await Server.__call__(server, request)

    decider._client = httpx.AsyncClient(transport=httpx.MockTransport(slow), base_url="http://opa.example")
    await decider.revision()
    await decider.revision()
    assert len(server.asked) == 2


async def test_a_decision_renews_the_lease() -> None:
    """A decision confirms the revision as well, so a busy gateway asks for it alone only when it decides nothing."""
    server = Server()
    decider = server.decider
    await decider.decide({})
    assert await decider.revision() == "r1"
    assert len(server.asked) == 1


async def test_a_crowd_asks_once() -> None:
    """Requests that find the lease lapsed at once share one question."""
    server = Server()
    decider = server.decider
    assert await asyncio.gather(*(decider.revision() for _ in range(20))) == ["r1"] * 20
    assert len(server.asked) == 1


async def test_a_crowd_fails_once() -> None:
    """Where OPA fails, whoever waited for the same question fails with it, and whoever comes then asks anew."""
    server = Server(httpx.ReadTimeout("hangs"))
    decider = server.decider
    found = await asyncio.gather(*(decider.revision() for _ in range(20)), return_exceptions=True)
    assert {type(each) for each in found} == {Refusal}
    assert len(server.asked) == 1
    server.answer = body()
    assert await decider.revision() == "r1"


async def test_who_leaves_takes_nobody_along() -> None:
    """Where whoever asked OPA has left, one of those who waited asks in their place."""
    server = Server()
    decider = server.decider
    leaving, staying = (asyncio.create_task(decider.revision()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == "r1"


async def test_a_slow_answer_does_not_bring_back_a_revision() -> None:
    """What OPA says late, of a question before the last one, confirms nothing."""
    server = Server()
    decider = server.decider
    slow = asyncio.create_task(decider.decide({}))
    await asyncio.sleep(0)  # it has asked by now
    server.now += 1
    decider._confirmed = ("r2", server.now)
    assert (await slow).revision == "r1"
    assert await decider.revision() == "r2"


async def test_a_policy_without_a_decision_still_has_a_revision() -> None:
    """To confirm a revision the decision itself need not be defined."""
    server = Server(orjson.dumps({"provenance": {"bundles": {"b": {"revision": "r9"}}}}))
    assert await server.decider.revision() == "r9"
