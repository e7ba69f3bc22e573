"""What an operation uses of an account's allowance.

What is taken for reading follows from the plan and its arguments alone; what was not found is taken afterwards, and
counts the same whether it does not exist or may not be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from resolvers.tree import Plan, Statement

Uses = Mapping[str, int]
"""How much of each allowance.

Before anything: "documents" that have to be parsed. For reading: "records" asked for, "searches", and "shapes" of
statement not sent before. After it: "unknown" records that were asked for by identifier and not found, and "fruitless"
searches.
"""


def shape(statement: Statement, inputs: Mapping[int, Any], *, mediated: bool = False) -> str:
    """What tells apart the statements that a graph has to plan anew: their texts differ if and only if these do.

    Args:
        statement: the statement.
        inputs: for each part, the ids to start from, or what a search was given.
        mediated: whether somebody asks for somebody else.
    """
    return " ".join(("mediated",) * mediated + (*statement.kinds(inputs), statement.signature))


@dataclass(frozen=True, slots=True)
class Shapes:
    """The statement shapes that this process has sent: a graph has planned them already."""

    _seen: LRUCache[str, bool] = field(default_factory=lambda: LRUCache(4096))

    def new(self, plan: Plan, inputs: Mapping[int, Any], *, mediated: bool = False) -> list[str]:
        """The shapes of a plan that have not been sent."""
        shapes = {
            shape(statement, inputs, mediated=mediated)
            for statements in plan.stages
            for statement in statements
            if statement.parts
        }
        return sorted(each for each in shapes if each not in self._seen)

    def sent(self, shapes: Iterable[str]) -> None:
        """Remember shapes."""
        for each in shapes:
            self._seen[each] = True

    def forget(self) -> None:
        """Remember none: the graph was lost, and may come back with nothing planned."""
        self._seen.clear()


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


def chances_of(inputs: Mapping[int, Any]) -> Uses:
    """What an operation may turn out to use when nothing is found."""
    return {"fruitless" if isinstance(given, Mapping) else "unknown": 1 for given in inputs.values() if given}


def missed(inputs: Mapping[int, Any], results: Mapping[int, Sequence[Any]], too_many: frozenset[int]) -> Uses:
    """What an operation used by finding nothing.

    Args:
        inputs: for each part, the ids to start from, or what a search was given.
        results: the rows of each part.
        too_many: the searches that found too many.
    """
    used = {"unknown": 0, "fruitless": 0}
    for part, given in inputs.items():
        if isinstance(given, Mapping):
            used["fruitless"] += not results[part] and part not in too_many
        elif given:
            used["unknown"] += len(given) - len(results[part])
    return {name: count for name, count in used.items() if count}
