"""A router as a front-end meets it: asked by a person of the cast, or by nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.issuer import DemoIssuer
from seed.cast import cast_json

CHILDREN: Mapping[str, str] = cast_json()["children"]
_ACCOUNTS: Mapping[str, str] = cast_json()["accounts"]
PURPOSE = "safeguarding"
REASON = "conformance of a router"

RECORD = """query Record($id: ID!) { child(id: $id) { id number givenName familyName formerNames { familyName }
  dateOfBirth gender address { lines postcode } authority { name } leadProfessional { name phone }
  involvements { kind service { name phone } practitioner { name phone } access { contact { name } } }
  carers { relationship carer { givenName familyName phone address { lines postcode }
    children { child { id givenName address { postcode } involvements { service { name } } } } } }
  access { shielded withheld { field reason } contact { name phone } } } }"""
FIND = "query Find($by: ChildSearch!) { findChildren(by: $by) { tooMany candidates { id } } }"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the data, or None; the codes of the errors; the headers and the whole text."""

    data: Any
    codes: tuple[str, ...]
    headers: httpx.Headers
    text: str

    @property
    def child(self) -> Any:
        """The child of a record that was asked for, or None."""
        return (self.data or {}).get("child")


@dataclass(frozen=True, slots=True)
class Router:
    """A router under test.

    Attributes:
        client: an HTTP client.
        url: the router's GraphQL endpoint.
        issuer: issues the tokens of the cast, as the directory behind the router trusts them.
    """

    client: httpx.AsyncClient
    url: str
    issuer: DemoIssuer

    async def ask(
        self,
        persona: str | None,
        query: str = RECORD,
        variables: Mapping[str, Any] | None = None,
        *,
        without: str = "",
    ) -> Reply:
        """Ask as a person of the cast, or as nobody.

        Args:
            persona: who asks; nobody sends no token.
            query: the operation.
            variables: its variables.
            without: a header that is left out.

        Raises:
            httpx.HTTPError: the router does not answer.
        """
        headers = {"x-access-purpose": PURPOSE, "x-access-reason": REASON, "accept": "application/json"}
        if persona is not None:
            headers["authorization"] = f"Bearer {self.issuer.issue(_ACCOUNTS[persona])}"
        sent = {name: value for name, value in headers.items() if name != without}
        response = await self.client.post(
            self.url, json={"query": query, "variables": dict(variables or {})}, headers=sent
        )
        return _reply(response)

    async def record(self, persona: str | None, child: str, *, without: str = "") -> Reply:
        """Ask for all of a child's record, by her name in the cast."""
        return await self.ask(persona, RECORD, {"id": CHILDREN.get(child, child)}, without=without)


def _reply(response: httpx.Response) -> Reply:
    try:
        body = response.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    errors = body.get("errors") or []
    codes = tuple(str(error.get("extensions", {}).get("code")) for error in errors)
    return Reply(body.get("data"), codes, response.headers, response.text)
