"""The two responses: an answer, and a refusal."""

from functools import cache
from typing import Any

import orjson
from starlette.responses import Response

from gateway.errors import status_of
from gateway.http.negotiate import LEGACY
from resolvers.model import Answer
from resolvers.refusals import Refusal

RETRY_SECONDS = 1
"""After how many seconds a client may ask again, where nothing more is known."""

RECEIPT = "x-access-receipt"
"""The header with the receipt: a router passes on headers more readily than the extensions of a subgraph."""
_ALWAYS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "vary": "accept, authorization, x-access-purpose, x-access-reason, x-on-behalf-of",
}


def answered(answer: Answer, media_type: str, trace: str | None) -> Response:
    """The response to an operation that was answered.

    Args:
        answer: what was answered.
        media_type: what the client prefers.
        trace: a trace for the router that asked for one. It then has the extensions to itself, since it passes none of
            them on; the receipt is in its header.
    """
    access = {"access": {"receipt": answer.receipt, "policy": answer.revision}}
    content = {"data": answer.data, "extensions": {"ftv1": trace} if trace else access}
    return _response(content, 200, media_type, {RECEIPT: answer.receipt})


def refused(refusal: Refusal, media_type: str, *, method: str, signed: bool) -> Response:
    """The response to a request that was refused.

    Args:
        refusal: why; its receipt names the record.
        media_type: what the client prefers.
        method: the request's.
        signed: whether it brought credentials at all.
    """
    status = status_of(refusal.code, legacy=media_type == LEGACY, safe_method=method == "GET")
    headers: dict[str, str] = {RECEIPT: refusal.receipt} if refusal.receipt else {}
    if status == 401:  # noqa: PLR2004 - the statuses of HTTP speak for themselves
        headers["www-authenticate"] = 'Bearer error="invalid_token"' if signed else "Bearer"
    elif status == 405:  # noqa: PLR2004
        headers["allow"] = "POST" if refusal.code == "OPERATION_KIND" else "GET, POST"
    elif status in {429, 503}:
        headers["retry-after"] = str(refusal.retry or RETRY_SECONDS)
    elif status in {408, 413}:
        headers["connection"] = "close"
    content = {"errors": _errors(refusal), "extensions": {"access": {"receipt": refusal.receipt}}}
    return _response(content, status, media_type, headers)


@cache
def busy(media_type: str) -> Response:
    """The response to a request of a rush, which is recorded later: made once, since there are many of them.

    Args:
        media_type: what the client prefers.
    """
    return refused(Refusal("OVERLOADED"), media_type, method="POST", signed=True)  # as by any other method


def _errors(refusal: Refusal) -> list[dict[str, Any]]:
    extensions: dict[str, Any] = {"code": refusal.code}
    if len(refusal.codes) > 1:
        extensions["codes"] = list(refusal.codes)
    if not refusal.errors:
        return [{"message": refusal.sentence, "extensions": extensions}]
    return [
        {
            "message": error.message,
            "locations": [{"line": place.line, "column": place.column} for place in error.locations or ()],
            "extensions": extensions,
        }
        for error in refusal.errors
    ]


def _response(content: dict[str, Any], status: int, media_type: str, headers: dict[str, str]) -> Response:
    return Response(
        orjson.dumps(content),
        status,
        headers={**_ALWAYS, **headers, "content-type": f"{media_type}; charset=utf-8"},
    )
