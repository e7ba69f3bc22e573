"""Allowances of each account and client; policy data says how much is allowed. What cannot be counted is refused."""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from gateway.counts import Counted, Counts, Use
from resolvers.refusals import Refusal
from resolvers.uses import Uses

Allowances = Mapping[str, Mapping[str, Mapping[str, int]]]
"""For "account" and "client", and for "address" and "everyone" who did not sign in, for each kind of use, how many
("most") in how many "minutes"."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What is being counted. Await it before anything is shown. It counts although nobody waits any more.

    Attributes:
        ample: whether so much is left, as far as is known, that what it pays for may begin meanwhile.
    """

    _uses: Sequence[Use]
    _counted: asyncio.Future[list[Counted]]
    ample: bool

    def __await__(self) -> Generator[Any, Any, None]:
        """Wait for the counts.

        Raises:
            Refusal: an allowance is used up, or it cannot be counted.
        """
        counts = yield from self._counted.__await__()
        beyond = [counted.left for use, counted in zip(self._uses, counts, strict=True) if use.is_beyond(counted)]
        if beyond:
            raise Refusal("RATE_LIMITED", retry=max(1, *beyond))

    async def beyond(self) -> Mapping[str, int]:
        """By how much each holder is beyond what is allowed, this use included; whoever is within it is left out.

        Raises:
            Refusal: it cannot be counted.
        """
        counts = await self._counted
        over = {use.holder: counted.used - use.most for use, counted in zip(self._uses, counts, strict=True)}
        return {holder: count for holder, count in over.items() if count > 0}


class Meter:
    """Spends allowances. Close it in the end.

    Args:
        url: the address of the Redis that counts.
        allowances: how much is allowed.
        timeout: how long counting may take, in seconds.
    """

    def __init__(self, url: str, allowances: Allowances, timeout: float) -> None:
        self._counts, self._allowed = Counts(url, timeout), allowances

    def under(self, allowances: Allowances) -> "Meter":
        """The same counts, with other amounts allowed."""
        other = copy(self)
        other._allowed = allowances  # noqa: SLF001 - its own kind
        return other

    def spend(self, account: str, client: str | None, uses: Uses, chances: Uses | None = None) -> Bill:
        """Begin to take what an operation uses from the allowances.

        Args:
            account: who asks.
            client: the client that their token was issued to.
            uses: how much of each allowance.
            chances: what the operation may turn out to use besides; of that something has to be left.
        """
        holders = {"account": account, "client": client or "none"}
        return self._bill([*self._bounded(holders, uses), *self._bounded(holders, dict.fromkeys(chances or (), 0))])

    def request(self, names: Mapping[str, str]) -> Bill:
        """Begin to count a request, whatever it asks for.

        Args:
            names: for whom to count it: "account", "address" or "everyone", each with its name.
        """
        return self._bill(self._bounded(names, {"requests": 1}))

    def _bill(self, uses: Sequence[Use]) -> Bill:
        return Bill(uses, self._counts.add(uses), all(map(self._counts.is_ample, uses)))

    def _bounded(self, holders: Mapping[str, str], uses: Uses) -> list[Use]:
        """Those uses that are bounded."""
        return [
            Use(f"{holder}:{kind}:{name}", uses[kind], 60 * allowed["minutes"], allowed["most"])
            for holder, name in holders.items()
            for kind, allowed in self._allowed.get(holder, {}).items()
            if kind in uses
        ]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._counts.aclose()
