"""Decisions by an OPA server beside the gateway.

Every answer carries the revision of the bundle that gave it. The revision is held under a lease of a quarter of a
second: when it runs out, the next request asks OPA again, and where OPA does not answer nothing is decided. A lease
that is half over is renewed beside the requests, so that those of a busy gateway seldom wait for it.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from resolvers.faults import described
from resolvers.ports import Verdict
from resolvers.refusals import Refusal
from resolvers.tasks import give_up

_log = logging.getLogger(__name__)
_PATH = "/v1/data/directory/decision/decision"
LEASE = 0.25
"""How long a confirmed revision is served, in seconds."""
FRESH = LEASE / 2
"""How old it may be before it is confirmed again meanwhile, in seconds."""


class OpaDecider:
    """Decides over HTTP.

    Args:
        client: an HTTP client whose base address is the OPA server's and whose timeout bounds a decision.
        clock: monotonic time in seconds.
    """

    def __init__(self, client: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._lock = asyncio.Lock()
        self._confirmed: tuple[str, float] | None = None
        self._failures = 0
        self._renewing: tuple[str, float] | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def revision(self) -> str:
        """The revision in force, confirmed within the lease.

        Raises:
            Refusal: OPA does not confirm it.
        """
        known = self._confirmed_within(LEASE)
        if known is None:
            return await self._renewed(LEASE)
        if self._confirmed_within(FRESH) is None and self._renewing is not self._confirmed and self._rests():
            self._renewing = self._confirmed  # once: whoever comes when the lease has run out tries again
            self._renewal = asyncio.create_task(self._renew())
        return known

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """Ask the one entrypoint.

        Raises:
            Refusal: OPA does not answer, or its answer is no decision.
        """
        decision, revision = await self._ask(question)
        if not isinstance(decision, dict):
            raise Refusal("POLICY_UNAVAILABLE")
        return Verdict(decision, revision)

    async def aclose(self) -> None:
        """Give up a renewal that is under way."""
        await give_up(self._renewal)

    def _rests(self) -> bool:
        return self._renewal is None or self._renewal.done()

    async def _renew(self) -> None:
        try:
            await self._renewed(FRESH)
        except Refusal:
            pass  # its cause was logged, and whoever comes once the lease has run out hears of it
        except Exception as error:  # noqa: BLE001 - nobody waits for it
            _log.error("policy: %s", described(error))

    async def _renewed(self, seconds: float) -> str:
        """A revision that was confirmed within so many seconds, by whoever asks first."""
        failures = self._failures
        async with self._lock:
            if known := self._confirmed_within(seconds):
                return known
            if self._failures != failures:
                raise Refusal("POLICY_UNAVAILABLE")  # one that hangs is not waited for one by one
            confirmed = await self._confirm()
            return self._confirmed_within(LEASE) or confirmed  # a decision may have been quicker, and know a newer one

    async def _confirm(self) -> str:
        try:
            return (await self._ask({}))[1]
        except Refusal:
            self._failures += 1
            raise

    def _confirmed_within(self, seconds: float) -> str | None:
        if self._confirmed is None or self._clock() - self._confirmed[1] > seconds:
            return None
        return self._confirmed[0]

    async def _ask(self, question: Mapping[str, Any]) -> tuple[Any, str]:
        asked = self._clock()
        try:
            response = await self._client.post(_PATH, params={"provenance": "true"}, json={"input": question})
            response.raise_for_status()
            body = response.json()
            (bundle,) = body["provenance"]["bundles"].values()
            revision = bundle["revision"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.error("policy: %s", type(error).__name__)
            raise Refusal("POLICY_UNAVAILABLE") from None
        if not (isinstance(revision, str) and revision):
            _log.error("policy: no revision")
            raise Refusal("POLICY_UNAVAILABLE")
        if self._confirmed is None or asked >= self._confirmed[1]:  # a slow answer tells of a time before
            self._confirmed = (revision, asked)
        return body.get("result"), revision
