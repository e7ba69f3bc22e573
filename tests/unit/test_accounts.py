"""What is remembered of accounts."""

import pytest

from resolvers.accounts import KEPT, Accounts
from resolvers.model import Account
from resolvers.refusals import Refusal
from tests.fakes import FakeReader, account


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class Counting(FakeReader):
    """A reader that counts how often it is asked for an account, and may know none."""

    asked = 0
    known = True

    async def account(self, account_id: str) -> Account | None:
        """The facts of an account."""
        self.asked += 1
        return account(account_id) if self.known else None


async def test_facts_are_remembered_for_a_minute() -> None:
    """An account is read once a minute, and when it is asked for anew; what is forgotten opens nothing."""
    reader, clock = Counting(), Clock()
    accounts = Accounts(reader, clock=clock)
    for at, asked in ((0.0, 1), (KEPT - 1, 1), (KEPT, 2), (2 * KEPT - 1, 2)):
        clock.now = at
        assert (await accounts.get("a")).id == "a"
        assert reader.asked == asked
    await accounts.refresh("a")
    assert reader.asked == 3
    reader.known, clock.now = False, 4 * KEPT
    with pytest.raises(Refusal, match="ACCOUNT_UNKNOWN"):
        await accounts.get("a")
