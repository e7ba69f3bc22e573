"""Allowances of each account and client; policy data says how much is allowed. What cannot be counted is refused."""

from collections.abc import Mapping
from copy import copy

from gateway.counts import Counts, Use
from resolvers.refusals import Refusal
from resolvers.uses import Uses

Allowances = Mapping[str, Mapping[str, Mapping[str, int]]]
"""For "account" and "client", and for "address" and "everyone" who did not sign in, for each kind of use, how many
("most") in how many "minutes"."""


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
        holders = {"account": account, "client": client or "none"}
        spent, left = self._bounded(holders, uses), self._bounded(holders, dict.fromkeys(chances or (), 0))
        counts = await self._counts.add([use for use, _ in (*spent, *left)])
        used_up = [
            counted.left
            for counted, (use, most) in zip(counts, (*spent, *left), strict=True)
            if counted.used > most or (not use.uses and counted.used >= most)
        ]
        if used_up:
            raise Refusal("RATE_LIMITED", retry=max(1, *used_up))

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
        bounded = {holder: self._bounded({holder: name}, {"requests": 1}) for holder, name in names.items()}
        allowed = [(holder, use, most) for holder, each in bounded.items() for use, most in each]
        counts = await self._counts.add([use for _, use, _ in allowed])
        over = {holder: counted.used - most for counted, (holder, _, most) in zip(counts, allowed, strict=True)}
        return {holder: count for holder, count in over.items() if count > 0}

    def _bounded(self, holders: Mapping[str, str], uses: Uses) -> list[tuple[Use, int]]:
        """Those uses that are bounded, each with how many are allowed."""
        return [
            (Use(f"{holder}:{kind}:{name}", uses[kind], 60 * allowed["minutes"]), allowed["most"])
            for holder, name in holders.items()
            for kind, allowed in self._allowed.get(holder, {}).items()
            if kind in uses
        ]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._counts.aclose()
