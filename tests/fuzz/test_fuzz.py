"""A gateway that is sent anything answers or refuses, keeps its memory, and serves everybody else."""

import asyncio
from collections.abc import Iterator

import pytest
from graphql.execution.values import VariableValues

from gateway.engines import EngineSet
from resolvers.document import Documents
from resolvers.plan import Plans
from tests.fuzz.documents import wide
from tests.fuzz.largest import largest
from tests.fuzz.run import ALLOWANCES, Findings, doubled, fuzz
from tests.timing.served import Served, served

SECONDS = 20.0
MEMORY = 40.0
"""How much more memory the gateway may hold after a short run, in MiB: too short for a line, its caches are full."""
SLOWER = 25.0
"""How many times longer the slowest of a hundred answers may take: a bound against stalls, not a measurement."""
LONGEST = 10_000.0
"""The deadline, and the time that recording a refusal may take, doubled."""
DOCUMENTED = {"DEADLINE", "AUDIT_UNAVAILABLE", "METER_UNAVAILABLE", "not ready"}
"""The 503 that a busy machine may cause: what takes too long is given up."""


@pytest.fixture(name="gateway", scope="module")
def _gateway(embedded: EngineSet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(embedded.engines, tmp_path_factory.mktemp("fuzzed"), ALLOWANCES) as running:
        yield running


@pytest.fixture(name="found", scope="module")
def _found(gateway: Served) -> Findings:
    return asyncio.run(fuzz(gateway, SECONDS, lambda _name, _seconds: None))


def test_nothing_that_is_sent_breaks_it(found: Findings) -> None:
    """No status of 500 and above but a documented refusal, no traceback in the log, and hardly more memory."""
    assert [*found.fuzzed.broken, *found.shaped.broken] == []
    assert {*found.fuzzed.refused, *found.shaped.refused} <= DOCUMENTED
    assert found.tracebacks == 0
    assert found.memory[-1][1] - found.memory[0][1] < MEMORY
    assert found.fuzzed.by_class["4xx"] > found.fuzzed.by_class["2xx"] > 0


def test_everybody_else_is_served(found: Findings) -> None:
    """Every well-behaved client is answered, under anything and under a flood of new shapes, without a stall."""
    assert max(found.ratio("fuzz"), found.ratio("shapes")) < SLOWER


def test_a_client_runs_out_of_new_shapes(found: Findings) -> None:
    """Somebody who sends nothing but statements that the graph has to plan anew is refused most of them."""
    assert found.shaped.by_class["4xx"] > found.shaped.by_class["2xx"]


def test_doubling_fragments_are_refused_at_once() -> None:
    """A kilobyte that would become a billion fields is refused in less than ten milliseconds."""
    size, milliseconds = doubled()
    assert 900 < size <= 1024
    assert milliseconds < 10


def test_large_documents_leave_room() -> None:
    """However many large documents are sent, what is kept of them and of their plans is bounded by their length."""
    documents, plans = Documents(), Plans()
    for number in range(100):
        operation = documents.operation(f"{wide(1998)}#{number}", None)
        plans.plan(operation, VariableValues({}, {}))
    kept = sum(len(operation.text) for operation in documents._operations.values())
    assert 0 < kept < 1_024_000
    assert len(plans._plans) == len(documents._operations) < 80


def test_the_largest_operations_are_answered(gateway: Served, found: Findings) -> None:  # noqa: ARG001 - after it
    """What is just within the bounds is answered, or on a machine that is too busy given up at the deadline."""
    taken = [each for both in largest(gateway).values() for each in both]
    assert {each.code for each in taken} <= {None, "DEADLINE"}
    assert all(each.milliseconds < LONGEST for each in taken)
