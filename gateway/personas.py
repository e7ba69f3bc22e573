"""Whom a command line means: somebody of the cast, or whoever has the identifier."""

from typing import Literal

from resolvers.model import IDENTIFIER
from seed.cast import cast_json

Kind = Literal["accounts", "children"]


class PersonaError(Exception):
    """A command names nobody; the message says where the names are."""


def recorded_as(name: str, kind: Kind = "accounts") -> str:
    """What a name is on record under: an identifier of the cast, or any text, as of an account that was refused."""
    found: str = cast_json()[kind].get(name, name)
    return found


def named(name: str, kind: Kind = "accounts") -> str:
    """The identifier of an account or a child.

    Raises:
        PersonaError: the cast has nobody of the name, and it is no identifier.
    """
    found = recorded_as(name, kind)
    if not IDENTIFIER.fullmatch(found):
        raise PersonaError(
            f"{name} is no identifier, and nobody among the {kind} of the cast. Who there is, directory cast says."
        )
    return found
