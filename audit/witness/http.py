"""The witness over HTTP, by C2SP tlog-witness: one call, `add-checkpoint`."""

import base64
import logging
import re

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from audit.merkle import SIZE
from audit.note import Note, NoteError
from audit.witness.state import Declined, Request, Witness, WitnessError

_log = logging.getLogger(__name__)
_LARGEST = 64 * 1024
"""The longest request that is read, in bytes."""
_MOST = 63
"""The most hashes that a proof may have."""
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


def witness_app(witness: Witness) -> Starlette:
    """A witness as an ASGI application."""

    async def add_checkpoint(request: HttpRequest) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LARGEST:
                return PlainTextResponse("The request is too long.\n", 413)
        try:
            cosignature = await run_in_threadpool(witness.cosign, read_request(body))
        except Declined as declined:
            if declined.size is not None:
                return Response(f"{declined.size}\n", declined.status, media_type="text/x.tlog.size")
            return PlainTextResponse(f"{declined}\n", declined.status)
        except WitnessError as error:
            _log.error("witness: %s", error)
            return PlainTextResponse("The witness cannot cosign just now. Ask again later.\n", 503)
        return PlainTextResponse(cosignature.line)

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])


def read_request(body: bytes) -> Request:
    """A request from its body.

    Raises:
        Declined: it is malformed.
    """
    head, found, note = body.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    old = _OLD.fullmatch(lines[0])
    if not found or old is None or len(lines) > _MOST + 1:
        raise Declined(400, "A request is a line of the old size, the lines of the proof, an empty one, a checkpoint.")
    try:
        return Request(int(old[1]), [_hash(line) for line in lines[1:]], Note.parse(note))
    except NoteError as error:
        raise Declined(400, str(error)) from None


def write_request(request: Request) -> bytes:
    """A request's body."""
    lines = [f"old {request.old}", *(base64.b64encode(each).decode() for each in request.proof)]
    return "\n".join(lines).encode() + b"\n\n" + request.note.data


def _hash(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except ValueError:
        found = b""
    if len(found) != SIZE or base64.b64encode(found).decode() != line:
        raise NoteError("A line of the proof is not a SHA-256 in base64.")
    return found
