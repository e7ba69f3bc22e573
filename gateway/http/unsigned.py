"""Requests that nobody signed: each is recorded, so a flood of them must not cost a record each.

Beyond policy's allowance for an address, and for everybody without a sign-in together, they are turned away with 429.
The first that is turned away in a window is recorded, then the second, the fourth, the eighth and so on, each with how
many there were by then: so the audit stream always knows at least half of their number, and a million cost it twenty
entries. The count is Redis's, for all workers; nothing is kept here that could be lost.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Protocol

from starlette.types import Scope

from resolvers.refusals import Refusal

RETRY_SECONDS = 60
"""After how many seconds somebody who was turned away may try again."""


class Gauge(Protocol):
    """Counts requests without a sign-in."""

    async def unsigned(self, address: str) -> Mapping[str, int]:
        """By how many requests "address" and "everyone" are beyond what is allowed, this one included.

        Raises:
            Refusal: it cannot be counted.
        """


def network_of(scope: Scope) -> str:
    """Where a request came from: an IPv4 address, the /64 network of an IPv6 address, or "unknown".

    Whoever has one IPv6 address has such a network of them.
    """
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0]) if client else None
    except ValueError:
        return "unknown"
    if address is None:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)


def turned_away(network: str, beyond: Mapping[str, int]) -> tuple[Refusal, list[tuple[str, dict[str, Any]]] | None]:
    """The refusal of a request that is beyond an allowance, and what to record of it; None where it is not recorded."""
    refusal = Refusal("RATE_LIMITED", retry=RETRY_SECONDS)
    if any(count & (count - 1) == 0 for count in beyond.values()):
        return refusal, [("unsigned", {"from": network, "turnedAway": dict(beyond)})]
    return refusal, None
