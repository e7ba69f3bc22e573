"""Accounts, as far as they are known here. Every read rechecks the version, so a stale fact opens nothing.

Whoever changes an account has to raise its version. For one who forgets, facts are read anew after a minute.
"""

import time
from collections.abc import Callable

from cachetools import TTLCache

from resolvers.model import Account
from resolvers.ports import Reader
from resolvers.refusals import Refusal

KEPT = 60.0
"""For how long facts are remembered, in seconds."""


class Accounts:
    """A bounded cache of account facts.

    Args:
        reader: the graph.
        size: how many accounts are remembered.
        clock: seconds that never go back.
    """

    def __init__(self, reader: Reader, size: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._reader = reader
        self._known: TTLCache[str, Account] = TTLCache(size, KEPT, clock)

    async def get(self, account_id: str) -> Account:
        """The facts of an account, possibly from memory.

        Raises:
            Refusal: there is no such account, or the graph does not answer.
        """
        return self._known.get(account_id) or await self.refresh(account_id)

    async def refresh(self, account_id: str) -> Account:
        """The facts of an account as the graph has them now.

        Raises:
            Refusal: there is no such account, or the graph does not answer.
        """
        self._known.pop(account_id, None)
        account = await self._reader.account(account_id)
        if account is None:
            raise Refusal("ACCOUNT_UNKNOWN")
        self._known[account_id] = account
        return account
