"""What an operation uses of an account's allowance: counted from the plan and its arguments, never from the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from resolvers.tree import Plan

Uses = Mapping[str, int]
"""How much of each allowance: "records" asked for, "searches", and "shapes" of statement not sent before."""


@dataclass(frozen=True, slots=True)
class Shapes:
    """The statement shapes that this process has sent: a graph has planned them already."""

    _seen: LRUCache[str, bool] = field(default_factory=lambda: LRUCache(4096))

    def new(self, plan: Plan) -> list[str]:
        """The shapes of a plan that have not been sent."""
        shapes = {statement.signature for statements in plan.stages for statement in statements if statement.parts}
        return sorted(shape for shape in shapes if shape not in self._seen)

    def sent(self, shapes: Sequence[str]) -> None:
        """Remember shapes."""
        for shape in shapes:
            self._seen[shape] = True


def uses_of(inputs: Mapping[int, Any], shapes: Sequence[str]) -> Uses:
    """What an operation uses.

    Args:
        inputs: for each part, the ids to start from, or what a search was given.
        shapes: the new shapes among its statements.
    """
    searches = sum(isinstance(given, Mapping) for given in inputs.values())
    lookups = sum(len(given) for given in inputs.values() if not isinstance(given, Mapping))
    used = {"records": max(1, lookups + searches), "searches": searches, "shapes": len(shapes)}
    return {name: count for name, count in used.items() if count}
