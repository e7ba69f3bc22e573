"""Whom a command line means: a persona of the cast, or an account by its identifier."""

import re

from gateway.app import StartError
from seed.cast import cast_json

_IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What an account's identifier looks like."""


def account_of(persona: str) -> str:
    """The identifier of an account.

    Raises:
        StartError: there is no such persona, and it is no identifier.
    """
    account = cast_json()["accounts"].get(persona, persona)
    if account == persona and not _IDENTIFIER.fullmatch(persona):
        raise StartError(f"There is no {persona} in the cast. Who there is, directory cast says.")
    return account
