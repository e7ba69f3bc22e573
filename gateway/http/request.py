"""A GraphQL-over-HTTP request, read from a body or a query string.

Source: GraphQL over HTTP, "Request". Stricter than it has to be where two readers could understand one request
differently: names that come twice, bytes that are not UTF-8, and numbers beyond what JSON readers agree on are refused.
"""

import asyncio
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.datastructures import Headers
from starlette.types import Receive

from resolvers.model import Ask
from resolvers.refusals import Refusal

MAX_LEVELS = 32
"""How deeply lists and objects of a request may be nested."""
MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader understands alike (RFC 7493, section 2.2)."""
_MAX_PARAMETERS = 16


async def read_body(receive: Receive, headers: Headers, *, longest: int, seconds: float) -> bytes:
    """The whole body.

    Args:
        receive: the ASGI channel.
        headers: the request's headers.
        longest: the most that is read, in bytes.
        seconds: how long the client may take to send it.

    Raises:
        Refusal: it is too long, it came too slowly, or the client left.
    """
    announced = headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > len(str(longest)) or int(announced) > longest):
        raise Refusal("REQUEST_TOO_LARGE")
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(seconds):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal("BAD_REQUEST")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > longest:
                    raise Refusal("REQUEST_TOO_LARGE")
    except TimeoutError:
        raise Refusal("REQUEST_TOO_SLOW") from None
    return bytes(body)


def posted(body: bytes) -> Ask:
    """The request in a JSON body.

    Raises:
        Refusal: it is not a well-formed GraphQL-over-HTTP request.
    """
    content = _json(body)
    if not isinstance(content, dict):
        raise Refusal("BAD_REQUEST")  # a list would be a batch, and there are none: one request, one record
    return _ask(content)


def queried(query_string: bytes, *, longest: int) -> Ask:
    """The request in a URL's query string.

    Args:
        query_string: as sent, percent-encoded.
        longest: the most that is read, in bytes.

    Raises:
        Refusal: it is too long, or it is not a well-formed GraphQL-over-HTTP request.
    """
    if len(query_string) > longest:
        raise Refusal("REQUEST_TOO_LARGE")
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except ValueError:
        raise Refusal("BAD_REQUEST") from None
    content: dict[str, Any] = dict(pairs)
    if len(content) != len(pairs):
        raise Refusal("BAD_REQUEST")
    for name in ("variables", "extensions"):
        if name in content:
            content[name] = _json(content[name].encode("utf-8"))
    content["operationName"] = content.get("operationName") or None
    return _ask(content)


def _ask(content: dict[str, Any]) -> Ask:
    text, name = content.get("query"), content.get("operationName")
    variables, extensions = content.get("variables"), content.get("extensions")
    if not isinstance(text, str) or not isinstance(name, str | None):
        raise Refusal("BAD_REQUEST")
    if not isinstance(variables, dict | None) or not isinstance(extensions, dict | None):
        raise Refusal("BAD_REQUEST")
    return Ask(text, name, variables or {})


def _json(raw: bytes) -> Any:
    """A JSON text; orjson refuses what is not UTF-8, lone surrogates and infinities, the second look the rest."""
    try:
        content = orjson.loads(raw)
        _SECOND_LOOK.decode(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refusal("BAD_REQUEST") from None
    if not _is_shallow(content):
        raise Refusal("BAD_REQUEST")
    return content


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name comes twice in one object")


def _bounded(digits: str) -> None:
    if len(digits) > len(str(-MAX_INTEGER)) or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("readers differ on an integer of this size")


def _any(_digits: str) -> None:
    """Fractions are orjson's business."""


_SECOND_LOOK = json.JSONDecoder(object_pairs_hook=_once, parse_float=_any, parse_int=_bounded)


def _is_shallow(content: Any) -> bool:
    level = [content]
    for _ in range(MAX_LEVELS + 1):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _within(outer)]
        if not level:
            return True
    return False


def _within(outer: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer
