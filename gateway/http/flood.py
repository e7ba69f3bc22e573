"""Floods: every refusal is recorded, so a flood of requests must not cost a record, or any other work, each.

Beyond policy's allowance for an account, for an address without a sign-in, and for everybody without one together,
requests are turned away with 429 unread. The first that is turned away in a window is recorded, then the second, the
fourth, the eighth and so on, each with how many there were by then: so the audit stream knows of at least half of them
at any time, and a million cost it twenty entries. The count is Redis's, for all workers; nothing is kept here to be
lost. Where a worker has not heard that little is left to an account, its request is counted beside what it asks for.
Should it turn out to be beyond, the pipeline refuses it and records it by itself, without its number: where that would
have been told, the stream knows of a quarter until the next.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Protocol

from starlette.types import Scope

from resolvers.ports import Bill

RETRY_SECONDS = 60
"""After how many seconds somebody who was turned away may try again."""


class Toll(Bill, Protocol):
    """A request that is being counted."""

    async def beyond(self) -> Mapping[str, int]:
        """By how many requests each holder is beyond what is allowed, this one included.

        Raises:
            Refusal: it cannot be counted.
        """


class Gauge(Protocol):
    """Counts requests."""

    def request(self, names: Mapping[str, str]) -> Toll:
        """Begin to count a request for each of these: kinds of holder with their names."""


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


def _is_recorded(count: int) -> bool:
    """Whether so many that were turned away are told of: one, two, four, eight and so on."""
    return count & (count - 1) == 0


def turned_away(beyond: Mapping[str, int], network: str) -> list[tuple[str, dict[str, Any]]] | None:
    """What to record of a request that is beyond an allowance; None where it is not recorded."""
    if any(map(_is_recorded, beyond.values())):
        return [("flood", {"from": network, "turnedAway": dict(beyond)})]
    return None
