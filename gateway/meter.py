"""Allowances of each account and client, counted in Redis for all workers; policy data says how much is allowed.

Counting is left to the ``limits`` library: fixed windows, one atomic script a count. What cannot be counted is refused.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Mapping
from copy import copy
from typing import Any, TypeVar

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from resolvers.refusals import Refusal
from resolvers.uses import Uses

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_Allowance = tuple[RateLimitItem, str, str]
"""An allowance, the use that it is for, and whose it is."""

COUNTS = "directory:limits"
"""What the names of all counts in Redis begin with."""


class Meter:
    """Spends allowances.

    Args:
        url: the address of the Redis that counts.
        allowances: for "account" and "client", and for "address" and "everyone" who did not sign in, for each kind of
            use, how many in how many minutes.
        timeout: how long counting may take, in seconds.
    """

    def __init__(self, url: str, allowances: Mapping[str, Mapping[str, Mapping[str, int]]], timeout: float) -> None:
        # a connection that its server has closed is tried again: what is counted twice by that is counted too much
        again = {"retry": Retry(NoBackoff(), 1), "retry_on_error": [RedisConnectionError]}
        options: dict[str, Any] = {"socket_timeout": timeout, "socket_connect_timeout": timeout, **again}
        storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix=COUNTS, **options)
        self._storage = storage
        self._limiter = FixedWindowRateLimiter(storage)
        self._items = _items(allowances)

    def under(self, allowances: Mapping[str, Mapping[str, Mapping[str, int]]]) -> "Meter":
        """The same counts, with other amounts allowed."""
        other = copy(self)
        other._items = _items(allowances)  # noqa: SLF001 - its own kind
        return other

    async def spend(self, account: str, client: str | None, uses: Uses, chances: Uses | None = None) -> None:
        """Take what an operation uses from the allowances.

        Args:
            account: who asks.
            client: the client that their token was issued to.
            uses: how much of each allowance.
            chances: what the operation may turn out to use besides; of that something has to be left.

        Raises:
            Refusal: an allowance is used up, or it cannot be counted.
        """
        spent, left = self._allowances(account, client, uses), self._allowances(account, client, chances or {})
        enough = await _counted(
            asyncio.gather(
                *(self._limiter.hit(item, use, name, cost=uses[use]) for item, use, name in spent),
                *(self._limiter.test(item, use, name) for item, use, name in left),
            )
        )
        if not all(enough):
            used_up = [each for each, some in zip([*spent, *left], enough, strict=True) if not some]
            ends = await _counted(asyncio.gather(*(self._limiter.get_window_stats(*each) for each in used_up)))
            until = max(window.reset_time for window in ends)
            raise Refusal("RATE_LIMITED", retry=max(1, math.ceil(until - time.time())))

    async def beyond(self, names: Mapping[str, str]) -> Mapping[str, int]:
        """Count a request, whatever it asks for.

        Args:
            names: for whom to count it: "account", "address" or "everyone", each with its name.

        Returns:
            By how many requests each of them is beyond what is allowed, this one included; whoever is within the
            allowance is left out.

        Raises:
            Refusal: it cannot be counted.
        """
        bounded = [(holder, self._items.get(holder, {}).get("requests"), name) for holder, name in names.items()]
        items = [(holder, item, name) for holder, item, name in bounded if item]
        counts = await _counted(
            asyncio.gather(
                *(self._storage.incr(item.key_for("requests", name), item.get_expiry()) for _, item, name in items)
            )
        )
        over = {holder: count - item.amount for (holder, item, _), count in zip(items, counts, strict=True)}
        return {holder: count for holder, count in over.items() if count > 0}

    def _allowances(self, account: str, client: str | None, uses: Uses) -> list[_Allowance]:
        """The allowances that these uses are taken from."""
        return [
            (item, use, name)
            for holder, name in (("account", account), ("client", client or "none"))
            for use, item in self._items[holder].items()
            if use in uses
        ]

    async def aclose(self) -> None:
        """Close the connections."""
        bridge: Any = self._storage.bridge  # the library keeps its client there, and closes it nowhere
        await bridge.storage.aclose()


async def _counted(counting: Awaitable[list[_T]]) -> list[_T]:
    try:
        return await counting
    except (RedisError, OSError) as error:
        _log.error("meter: %s", type(error).__name__)
        raise Refusal("METER_UNAVAILABLE") from None


def _items(allowances: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, RateLimitItem]]:
    return {
        holder: {use: RateLimitItemPerMinute(each["most"], each["minutes"], holder) for use, each in uses.items()}
        for holder, uses in allowances.items()
    }
