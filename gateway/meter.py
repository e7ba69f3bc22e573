"""Allowances of each account and client, counted in Redis for all workers; policy data says how much is allowed.

Counting is left to the ``limits`` library: fixed windows, one atomic script a count. What cannot be counted is refused.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from resolvers.refusals import Refusal
from resolvers.uses import Uses

_log = logging.getLogger(__name__)


class Meter:
    """Spends allowances.

    Args:
        url: the address of the Redis that counts.
        allowances: for "account" and "client", for each kind of use, how many in how many minutes.
        timeout: how long counting may take, in seconds.
    """

    def __init__(self, url: str, allowances: Mapping[str, Mapping[str, Mapping[str, int]]], timeout: float) -> None:
        options: dict[str, Any] = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
        storage = RedisStorage(f"async+{url}", implementation="redispy", key_prefix="directory:limits", **options)
        self._storage = storage
        self._limiter = FixedWindowRateLimiter(storage)
        self._items: dict[str, dict[str, RateLimitItem]] = {
            holder: {use: RateLimitItemPerMinute(each["most"], each["minutes"], holder) for use, each in uses.items()}
            for holder, uses in allowances.items()
        }

    async def spend(self, account: str, client: str | None, uses: Uses) -> None:
        """Take what an operation uses from the allowances.

        Raises:
            Refusal: an allowance is used up, or it cannot be counted.
        """
        try:
            spent = await asyncio.gather(
                *(
                    self._limiter.hit(item, use, name, cost=uses[use])
                    for holder, name in (("account", account), ("client", client or "none"))
                    for use, item in self._items[holder].items()
                    if use in uses
                )
            )
        except (RedisError, OSError) as error:
            _log.error("meter: %s", type(error).__name__)
            raise Refusal("METER_UNAVAILABLE") from None
        if not all(spent):
            raise Refusal("RATE_LIMITED")

    async def aclose(self) -> None:
        """Close the connections."""
        bridge: Any = self._storage.bridge  # the library keeps its client there, and closes it nowhere
        await bridge.storage.aclose()
