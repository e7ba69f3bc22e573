"""The demonstration's console: GraphiQL, with a switch for who is asking, about whom and what for.

It hands out tokens, so it exists in the demonstration alone, and answers only to names of this machine: a page of
another site can reach it under no name that it accepts.
GraphiQL's own files come from a package that carries them ready to serve; nothing is fetched from another host.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from graphql import introspection_from_schema
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from gateway.settings import ROOT
from schema.executable import SCHEMA
from schema.operations import OPERATIONS

BUNDLE = "graphene_django_graphiql_static"
"""The package with GraphiQL 2.4.7 and React 17; it is never imported."""
SCRIPTS = ("react.production.min.js", "react-dom.production.min.js", "graphiql.min.js")
STYLE = "graphiql.min.css"
HOSTS = ("127.0.0.1", "localhost")
"""The names by which a browser on this machine may call."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src data:; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Scripts and styles from here alone, none of them inline; the bundle's fonts and icons are data URLs."""

_STATIC = Path(__file__).parent / "static"
_USUAL = "coordinate-services"


class ConsoleError(Exception):
    """The console cannot be served; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody as whom the console can ask.

    Attributes:
        name: as in "social-worker".
        story: in one line.
        token: a bearer token.
    """

    name: str
    story: str
    token: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A child about whom the console can ask.

    Attributes:
        name: as in "open-child".
        story: in one line.
        id: the child's identifier.
    """

    name: str
    story: str
    id: str


def console_routes(personas: Sequence[Persona], subjects: Sequence[Subject] | None = None) -> list[BaseRoute]:
    """The routes of the console: the page at ``/``, its files and its personas under ``/console``.

    Args:
        personas: as whom one can ask.
        subjects: about whom one can ask; the cast's children if None.

    Raises:
        ConsoleError: GraphiQL's files are not installed.
    """
    content = orjson.dumps(_content(personas, _cast() if subjects is None else subjects))
    files = {path.name: path for path in (_STATIC / "console.js", _STATIC / "console.css")}
    files |= {name: _bundle() / name for name in (*SCRIPTS, STYLE)}

    async def page(_request: Request) -> Response:
        return FileResponse(_STATIC / "index.html", headers=_headers())

    async def start(_request: Request) -> Response:
        return Response(content, headers=_headers(), media_type="application/json")

    async def file(request: Request) -> Response:
        path = files.get(request.path_params["name"])
        return FileResponse(path, headers=_headers()) if path else Response("Not found", 404, _headers(), "text/plain")

    inner = Starlette(
        routes=[Route("/", page), Route("/console/personas", start), Route("/console/{name}", file)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False)],
    )
    return [Mount("/", inner, name="console")]


def _content(personas: Sequence[Persona], subjects: Sequence[Subject]) -> dict[str, Any]:
    """What the page starts with."""
    purposes = json.loads((ROOT / "policies" / "directory" / "purposes" / "data.json").read_text("utf-8"))
    return {
        "personas": [{**asdict(each), "purpose": _purpose(each.name, purposes)} for each in personas],
        "purposes": [{"name": name, "title": purpose["title"]} for name, purpose in purposes.items()],
        "subjects": [asdict(each) for each in subjects],
        "query": OPERATIONS["child"],
        "schema": introspection_from_schema(SCHEMA),
    }


def _purpose(role: str, purposes: Mapping[str, Mapping[str, Any]]) -> str:
    """The purpose to start with: the usual one, unless the persona's role has others alone."""
    own = [name for name, purpose in purposes.items() if role in purpose["roles"]]
    return own[0] if own and _USUAL not in own else _USUAL


def _cast() -> list[Subject]:
    from seed.cast import CAST  # noqa: PLC0415 - the population's names are large, and production has no console

    return [Subject(each.name, each.story, each.id) for each in CAST.children]


def _bundle() -> Path:
    found = find_spec(BUNDLE)
    if found is None or found.origin is None:
        raise ConsoleError("GraphiQL's files are not installed. Run `make setup` and try again.")
    return Path(found.origin).parent / "static" / BUNDLE


def _headers() -> dict[str, str]:
    return {
        "cache-control": "no-store",
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
