"""Follows one key set: cached, renewed in time, looked at again for an unknown key, and never trusted for ever."""

import asyncio
import time
from collections.abc import Callable

import httpx

from gateway.jwks.keys import KeySet, usable_keys
from gateway.jwks.origin import OriginError, origin_of
from resolvers.refusals import Refusal

REFRESH_SECONDS = 300.0
"""After how long a key set is read again, so that a withdrawn key is noticed."""
TRUST_SECONDS = 3600.0
"""How long keys are trusted while their origin cannot be reached."""


class KeySource:
    """The keys of one issuer.

    Args:
        url: where they are published: an ``https:`` URL, an ``http:`` URL on loopback, or a ``file:`` URL.
        transport: replaces the network, in tests.
        clock: seconds, monotonic.

    Raises:
        ValueError: the URL is of another kind.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origin, self._clock = origin_of(url, transport), clock
        self._looking: asyncio.Task[None] | None = None
        self._raw: bytes | None = None
        self._set = KeySet(0, {})
        self._looked_at = self._read_at = float("-inf")
        self._failed = False

    async def current(self) -> KeySet:
        """The keys in force.

        Raises:
            Refusal: none are known, or none that may still be trusted.
        """
        due = self._origin.changed() or self._clock() - self._read_at >= REFRESH_SECONDS
        if due and not (self._looking and self._trusted()):
            await self._look()
        if not self._trusted():
            raise Refusal("IDENTITY_UNAVAILABLE")
        return self._set

    async def renewed(self) -> KeySet:
        """The keys after a look for new ones, which happens at most once in the origin's interval.

        Raises:
            Refusal: the last look failed, so whether there are new ones cannot be said.
        """
        await self._look()
        if self._failed or not self._trusted():
            raise Refusal("IDENTITY_UNAVAILABLE")
        return self._set

    async def ping(self) -> None:
        """Check that tokens can be checked.

        Raises:
            Refusal: they cannot.
        """
        await self.current()

    async def aclose(self) -> None:
        """Release the origin."""
        if self._looking:
            self._looking.cancel()
        await self._origin.aclose()

    def _trusted(self) -> bool:
        return self._clock() - self._read_at < TRUST_SECONDS

    async def _look(self) -> None:
        """Look once, however many wait for it: whoever leaves before it ends does not end it for the others."""
        if self._looking is None:
            if self._clock() - self._looked_at < self._origin.interval:
                return
            self._looking = asyncio.create_task(self._read())
        await asyncio.shield(self._looking)

    async def _read(self) -> None:
        self._looked_at, self._failed = self._clock(), True
        try:
            raw = await self._origin.read()
            if raw != self._raw:
                self._set, self._raw = KeySet(self._set.version + 1, usable_keys(raw)), raw
        except (OriginError, ValueError):
            return
        finally:
            self._looking = None
        self._read_at, self._failed = self._clock(), False
