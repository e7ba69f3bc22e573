"""The pool leaves no guard out."""

from random import Random

from graphql.execution.values import VariableValues

from graph.compile import compile_statement
from resolvers.document import Documents
from resolvers.plan import Plans
from tests.generative.operations import Drawn, draw_operation
from tests.guards.mutants import Guard, noted
from tests.guards.pool import pool
from tests.guards.world import guard_world


def compiled_guards(texts: list[str]) -> set[Guard]:
    """Every guard in the statements of some operations."""
    documents, plans, met = Documents(), Plans(), set[Guard]()
    with noted(met):
        for text in texts:
            operation = documents.operation(text, None)
            conditions = dict.fromkeys(operation.conditions, True)
            plan = plans.plan(operation, VariableValues({}, conditions))
            for statement in (each for stage in plan.stages for each in stage):
                for kind in ("dated", "placed"):
                    kinds = [kind if part.kind == "search" else part.kind for part in statement.parts]
                    compile_statement(statement, kinds)
    return met


def test_the_pool_passes_every_guard_that_any_operation_passes() -> None:
    """Two hundred random operations compile to no guard that the pool does not take out on trial."""
    drawn: list[Drawn] = [draw_operation(Random(seed)) for seed in range(200)]  # noqa: S311 - no secrets

    unknown = compiled_guards([one.text for one in drawn]) - compiled_guards([one.text for one in pool(guard_world())])
    assert sorted(unknown) == []
