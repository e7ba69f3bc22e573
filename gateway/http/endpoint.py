"""The endpoint: who asks, what do they state, what do they ask. Every step that fails is recorded, then refused.

Of a flood not every request is recorded, but how many there were; of a rush that is recorded afterwards.
No request needs a token against forgery from another site: each one, by GET too, must bring an Authorization header.
A browser sends that across origins only after a preflight, which is never granted here, and it holds no cookie or
other credential that it would add by itself.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.http import ftv1
from gateway.http.flood import RETRY_SECONDS, Gauge, network_of, turned_away
from gateway.http.load import RECORD_SECONDS, Load, Recording
from gateway.http.negotiate import MODERN, check_body_type, preferred
from gateway.http.request import posted, queried, read_body
from gateway.http.respond import answered, busy, refused
from gateway.http.stated import stated
from gateway.identity import Authenticator
from resolvers.faults import described
from resolvers.model import Access, Answer, Ask
from resolvers.ports import Bill
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Known:
    """What is known of a request so far, for its record."""

    access: Access
    scope: Scope
    account: str | None = None
    beyond: Mapping[str, int] = field(default_factory=dict)
    ask: Ask | None = None


class Answering(Recording, Protocol):
    """What answers operations: a pipeline, or one that follows the policy in force."""

    async def answer(self, ask: Ask, account_id: str, access: Access, toll: Bill | None = None) -> Answer:
        """Answer an operation whose request is being counted, or refuse it, recorded either way."""


def graphql_endpoint(
    pipeline: Answering,
    authenticator: Authenticator,
    gauge: Gauge,
    *,
    max_body: int = 100_000,
    deadline: float = 5.0,
    body_seconds: float = 2.0,
    most: int = 32,
    traces: bool = False,
) -> "Endpoint":
    """The GraphQL endpoint, as an ASGI application. Close it in the end.

    Args:
        pipeline: answers operations.
        authenticator: tells who asks.
        gauge: counts requests.
        max_body: the longest request, in bytes.
        deadline: how long a request may take from its first byte to its answer, in seconds.
        body_seconds: how long the client may take to send the body.
        most: how many operations may be under way at once; any more is refused at once, so that these keep their pace.
        traces: whether a router that asks for a trace gets one.
    """
    return Endpoint(pipeline, authenticator, gauge, max_body, deadline, body_seconds, Load(most, pipeline), traces)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What ``graphql_endpoint`` makes."""

    pipeline: Answering
    authenticator: Authenticator
    gauge: Gauge
    max_body: int
    deadline: float
    body_seconds: float
    load: Load
    traces: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = Headers(scope=scope)
        media_type = preferred(headers.getlist("accept"))
        try:
            response = await self._answer(scope, receive, headers, media_type)
        except Refusal as refusal:
            signed = "authorization" in headers
            response = refused(refusal, media_type or MODERN, method=scope["method"], signed=signed)
        await response(scope, receive, send)

    async def aclose(self) -> None:
        """Record what of a rush is not recorded yet."""
        await self.load.aclose()

    async def _answer(self, scope: Scope, receive: Receive, headers: Headers, media_type: str | None) -> Response:
        began = time.time_ns()
        known, limit = _Known(Access(None, None), scope), asyncio.timeout(self.deadline)
        try:
            async with limit:
                known.access = stated(headers)
                token = await self.authenticator.principal(headers.getlist("authorization"))
                known.account, known.access = token.account, replace(known.access, client=token.client)
                if self.load.turns_away(token.account):  # before anything is read or counted
                    return busy(media_type or MODERN)
                toll = self.gauge.request({"account": token.account})
                known.beyond = {} if toll.ample else await toll.beyond()
                if known.beyond:
                    raise Refusal("RATE_LIMITED", retry=RETRY_SECONDS)  # noqa: TRY301 - recorded below like every refusal
                if known.access.mediated:
                    other = await self.authenticator.asked_for(headers.getlist("x-on-behalf-of"), token)
                    known.access = replace(known.access, on_behalf_of=other)
                media_type = _offered(scope["method"], media_type)
                known.ask = await self._ask(scope, receive, headers)
                if self.load.turns_away(token.account):  # others came while the body was read
                    return busy(media_type)
                with self.load.admitted():
                    answer = await self.pipeline.answer(known.ask, token.account, known.access, toll)
                traced = self.traces and ftv1.asked_for(headers)
                return answered(answer, media_type, ftv1.trace(began, time.time_ns()) if traced else None)
        except Refusal as refusal:
            raise await self._recorded(known, refusal) from None
        except Exception as error:  # noqa: BLE001 - whatever fails, nothing is shown
            if limit.expired():
                raise await self._recorded(known, Refusal("DEADLINE")) from None
            _log.error("request failed: %s", described(error))
            raise await self._recorded(known, Refusal("INTERNAL")) from None

    async def _ask(self, scope: Scope, receive: Receive, headers: Headers) -> Ask:
        if scope["method"] == "GET":
            return queried(scope["query_string"], longest=self.max_body)
        check_body_type(headers.getlist("content-type"), headers.getlist("content-encoding"))
        return posted(await read_body(receive, headers, longest=self.max_body, seconds=self.body_seconds))

    async def _recorded(self, known: _Known, refusal: Refusal) -> Refusal:
        """The refusal once it is recorded, as the pipeline's own are already; another if it cannot be recorded.

        Of a flood only some are recorded, with the number of the others.
        """
        if refusal.receipt or refusal.code == "AUDIT_UNAVAILABLE":
            return refusal
        try:
            async with asyncio.timeout(RECORD_SECONDS):
                if known.account is None:
                    refusal = await self._unsigned(known, refusal)
                told = turned_away(known.beyond, network_of(known.scope)) if known.beyond else []
                if told is None:
                    return refusal
                return await self.pipeline.refuse(known.ask, known.account, known.access, refusal, told)
        except Refusal as unrecorded:
            return unrecorded
        except Exception as error:  # noqa: BLE001 - whatever fails, it is not recorded
            _log.error("refusal not recorded: %s", described(error))
            return Refusal("AUDIT_UNAVAILABLE")

    async def _unsigned(self, known: _Known, refusal: Refusal) -> Refusal:
        """What somebody without a sign-in is told: the refusal, unless there were too many from there."""
        try:
            known.beyond = await self.gauge.request(
                {"address": network_of(known.scope), "everyone": "everyone"}
            ).beyond()
        except Refusal as uncounted:
            return uncounted
        return Refusal("RATE_LIMITED", retry=RETRY_SECONDS) if known.beyond else refusal


def _offered(method: str, media_type: str | None) -> str:
    """The response type, once it is known that the method and one of the types are offered here."""
    if method not in {"GET", "POST"}:
        raise Refusal("METHOD_NOT_ALLOWED")
    if media_type is None:
        raise Refusal("NOT_ACCEPTABLE")
    return media_type
