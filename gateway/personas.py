"""Whom a command line means: somebody of the cast, or whoever has the identifier."""

from typing import Literal

from gateway.app import StartError
from resolvers.model import IDENTIFIER
from seed.cast import cast_json


def named(name: str, kind: Literal["accounts", "children"] = "accounts") -> str:
    """The identifier of somebody of the cast; any other name is taken for an identifier."""
    known: dict[str, str] = cast_json()[kind]
    return known.get(name, name)


def account_of(persona: str) -> str:
    """The identifier of an account.

    Raises:
        StartError: there is no such persona, and it is no identifier.
    """
    account = named(persona)
    if account == persona and not IDENTIFIER.fullmatch(persona):
        raise StartError(f"There is no {persona} in the cast. Who there is, directory cast says.")
    return account
