"""Whom a command line means: somebody of the cast, or whoever has the identifier."""

from typing import Literal

from resolvers.model import IDENTIFIER
from seed.cast import cast_json


class PersonaError(Exception):
    """A command names nobody; the message says where the names are."""


def named(name: str, kind: Literal["accounts", "children"] = "accounts") -> str:
    """The identifier of an account or a child.

    Raises:
        PersonaError: the cast has nobody of the name, and it is no identifier.
    """
    found: str = cast_json()[kind].get(name, name)
    if not IDENTIFIER.fullmatch(found):
        raise PersonaError(
            f"{name} is no identifier, and nobody among the {kind} of the cast. Who there is, directory cast says."
        )
    return found


def recorded_as(name: str) -> str:
    """What an account is recorded under: a persona's identifier, or any text, as of somebody who was refused."""
    found: str = cast_json()["accounts"].get(name, name)
    return found
