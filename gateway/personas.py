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
        raise PersonaError(f"There is no {name} among the {kind} of the cast. Who there is, directory cast says.")
    return found
