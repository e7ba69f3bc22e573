"""What becomes of a request when a router strips, repeats, joins, batches or wants to keep something."""

import httpx
import pytest

from seed.cast import cast_json
from tests.federation.conftest import Served

ASKED = {"query": '{ child(id: "2e8e0808-7277-5402-bf9b-a62fe91e10ff") { givenName } }'}
ACCOUNTS = cast_json()["accounts"]
Headers = list[tuple[str, str]]


def usual(directory: Served) -> dict[str, str]:
    """The headers of a request as its user sent it."""
    return {
        "authorization": f"Bearer {directory.issuer.issue(ACCOUNTS['social-worker'])}",
        "x-access-purpose": "safeguarding",
        "x-access-reason": "a call",
        "x-on-behalf-of": directory.issuer.issue_mediation(ACCOUNTS["school-nurse"], ACCOUNTS["social-worker"]),
        "traceparent": f"00-{'1' * 32}-{'2' * 16}-01",
    }


async def post(directory: Served, headers: Headers, body: object = ASKED) -> httpx.Response:
    """Send a request as it comes out of a router."""
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(directory.url, json=body, headers=headers)


def code(response: httpx.Response) -> str | None:
    """Why a request was refused; None where it was answered. Either way nobody may keep it."""
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-access-receipt"]
    assert "ftv1" not in response.text
    errors = response.json().get("errors")
    assert ("data" in response.json()) is (errors is None)
    return str(errors[0]["extensions"]["code"]) if errors else None


@pytest.mark.parametrize(
    ("name", "stripped", "twice", "joined"),
    [
        ("authorization", "UNAUTHENTICATED", "UNAUTHENTICATED", "UNAUTHENTICATED"),
        ("x-access-purpose", "PURPOSE_UNKNOWN", "BAD_REQUEST", "PURPOSE_UNKNOWN"),
        ("x-access-reason", "REASON_REQUIRED", "BAD_REQUEST", None),
        ("x-on-behalf-of", None, "MEDIATION_INVALID", "MEDIATION_INVALID"),
        ("traceparent", None, None, None),
    ],
)
async def test_what_a_router_does_to_a_header(
    directory: Served, name: str, stripped: str | None, twice: str | None, joined: str | None
) -> None:
    """Stripped, repeated or joined with a comma, a header means less than it did or nothing, never more."""
    headers = usual(directory)
    assert code(await post(directory, [*headers.items()])) is None
    without = [(key, value) for key, value in headers.items() if key != name]
    assert code(await post(directory, without)) == stripped
    assert code(await post(directory, [*headers.items(), (name, headers[name])])) == twice
    assert code(await post(directory, [*without, (name, f"{headers[name]}, {headers[name]}")])) == joined


async def test_a_batch_is_refused(directory: Served) -> None:
    """Several operations in one request are refused: each is a request and a record of its own."""
    headers = [*usual(directory).items()]
    assert code(await post(directory, headers, [ASKED, ASKED])) == "BAD_REQUEST"
    assert code(await post(directory, headers, [ASKED])) == "BAD_REQUEST"


async def test_a_trace_is_not_given_unasked_by_the_settings(directory: Served) -> None:
    """A router that asks for federated tracing gets an answer without it, unless the settings say otherwise."""
    headers = [*usual(directory).items(), ("apollo-federation-include-trace", "ftv1")]
    assert code(await post(directory, headers)) is None


async def test_a_partners_machine_alone_reads_nothing(directory: Served) -> None:
    """A token of the program alone is refused; with the token of the program's user that user's account decides."""
    machine = {**usual(directory), "authorization": f"Bearer {directory.issuer.issue('kit', client='kit')}"}
    assert code(await post(directory, [*machine.items()])) == "PERSON_REQUIRED"
    token = directory.issuer.issue(ACCOUNTS["partner-caseworker"], client="kit")
    person = [(n, v) for n, v in usual(directory).items() if n not in {"authorization", "x-on-behalf-of"}]
    assert code(await post(directory, [*person, ("authorization", f"Bearer {token}")])) is None
