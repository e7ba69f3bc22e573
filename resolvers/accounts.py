"""Accounts, as far as they are known here. Every read rechecks the version, so a stale fact opens nothing."""

from cachetools import LRUCache

from resolvers.model import Account
from resolvers.ports import Reader
from resolvers.refusals import Refusal


class Accounts:
    """A bounded cache of account facts."""

    def __init__(self, reader: Reader, size: int = 10_000) -> None:
        self._reader = reader
        self._known: LRUCache[str, Account] = LRUCache(size)

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
