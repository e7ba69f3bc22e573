"""Statements and parameters that tell a log nothing.

The driver writes each statement and its parameters into a line for its debug log, and composes that line even where no
log is kept: it took a tenth of an answer's time, and would hold whom somebody searched for.
"""

from typing import Any


class Unlogged(dict[str, Any]):
    """Parameters."""

    def __repr__(self) -> str:
        return "{…}"


class UnloggedText(str):
    """A statement. It remains what it is where the driver asks for its text."""

    __slots__ = ()

    def __str__(self) -> str:
        return self

    def __repr__(self) -> str:
        return "…"
