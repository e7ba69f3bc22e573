"""Plans: canonical, cut into small statements, and the same for everything that asks for the same."""

from typing import Any

import pytest
from graphql.execution.values import VariableValues
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.document import Documents
from resolvers.limits import MAX_DEPTH, MAX_NODES
from resolvers.plan import Plans
from resolvers.tree import Node, Plan
from schema.catalogue import INLINE
from tests.rewritten import drawn, planned, rewritten

EXAMPLES = settings(max_examples=25, derandomize=True, database=None, deadline=None)
SEEDS = st.integers(0, 2**32)


def plan_of(text: str, **variables: Any) -> Plan:
    """The plan of an operation."""
    return Plans().plan(Documents().operation(text, None), VariableValues({}, variables))


def signatures(plan: Plan) -> list[list[str]]:
    """The signature of each statement, stage by stage."""
    return [[statement.signature for statement in statements] for statements in plan.stages]


def children(plan: Plan) -> list[Node]:
    """The nodes below the root of a plan with one part."""
    return list(plan.parts[0].root.children)


@EXAMPLES
@given(SEEDS, SEEDS)
def test_a_plan_is_canonical(seed: int, other: int) -> None:
    """Other aliases, variables, literals, fragments' names and another order make the same statements."""
    text = drawn(seed)
    assert signatures(planned(rewritten(text, other).text)[0]) == signatures(planned(text)[0])


@EXAMPLES
@given(SEEDS)
def test_no_statement_is_larger_than_the_limits(seed: int) -> None:
    """However deep and wide the operation, each part of a statement holds so many relations and no more in depth."""
    plan, _ = planned(drawn(seed))
    for part in plan.parts:
        assert steps(part.root) <= MAX_DEPTH
        assert sum(1 + weight(node) for node in part.root.walk()) <= MAX_NODES
    for stage in plan.stages:
        for statement in stage:
            whole = sum(1 for part in statement.parts for _ in part.root.walk())
            assert whole <= MAX_NODES or len(statement.parts) == 1


def steps(node: Node) -> int:
    """How many relations the tree below a node is deep; the ends of a link come with the link."""
    for child in node.children:
        assert child.inline is ((node.type, child.relation) in INLINE)
    return max([steps(child) + (not child.inline) for child in node.children], default=0)


def weight(node: Node) -> int:
    """Minus the ends of a link that are read with it."""
    return -sum(child.inline for child in node.children)


@EXAMPLES
@given(SEEDS)
def test_every_part_is_read_once_its_ids_are_known(seed: int) -> None:
    """Each part is read in one statement; a part behind a cut in the stage right after the one that meets its ids."""
    plan, _ = planned(drawn(seed))
    stages = {part.number: number for number, stage in enumerate(plan.stages) for each in stage for part in each.parts}
    assert sorted(stages) == sorted(part.number for part in plan.parts) == list(range(len(plan.parts)))
    for part in plan.parts:
        assert part.stage == stages[part.number]
        for node in part.root.walk():
            if node.deferred is not None:
                assert stages[node.deferred] == part.stage + 1


def test_equal_arguments_are_one_relation() -> None:
    """One field under several aliases is one node where its arguments are equal, in whichever order they stand."""
    plan = plan_of(
        """{ child(id: "1") {
      a: involvements(kind: GP, open: true) { since } b: involvements(open: true, kind: GP) { until } id
    } }""".replace("GP", "UNIVERSAL")
    )
    (node,) = children(plan)
    assert node.wanted == {"since", "until"}


def test_other_arguments_are_another_relation() -> None:
    """One field with other arguments, or with a variable in their place, is another node."""
    text = """query($open: Boolean) { child(id: "1") {
      a: involvements { id } b: involvements(open: true) { id } c: involvements(open: $open) { id }
    } }"""
    assert [node.relation for node in children(plan_of(text))] == ["involvements"] * 3


def test_the_order_of_relations_and_roots_makes_no_statement() -> None:
    """Two relations of one name, and two root fields, make the same statement in either order."""
    some, all_ = "b: involvements(open: true) { service { id } }", "a: involvements { id }"
    roots = (f'c: child(id: "1") {{ {some} {all_} }}', "me { practitioner { id } }", 's: service(id: "1") { id }')
    swapped = (roots[2], f'c: child(id: "1") {{ {all_} {some} }}', roots[1])
    assert signatures(plan_of(f"{{ {' '.join(roots)} }}")) == signatures(plan_of(f"{{ {' '.join(swapped)} }}"))


def test_the_same_root_twice_is_read_once() -> None:
    """Two root fields with equal arguments are one part; with other arguments they are two."""
    assert len(plan_of('{ a: child(id: "1") { id } b: child(id: "1") { gender } }').parts) == 1
    assert len(plan_of('{ a: child(id: "1") { id } b: child(id: "2") { id } }').parts) == 2


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("@skip(if: true)", False),
        ("@skip(if: false)", True),
        ("@include(if: true)", True),
        ("@include(if: false)", False),
        ("@include(if: true) @skip(if: true)", False),
        ("@include(if: false) @skip(if: false)", False),
        ("@skip(if: $yes)", False),
        ("@include(if: $yes)", True),
    ],
)
def test_a_condition_is_as_if_it_were_not_there(condition: str, kept: bool) -> None:
    """What a condition leaves out is not read; what it lets in is read as without it, wherever it stands."""
    heading = "query($yes: Boolean!) { __typename @skip(if: $yes)"
    full = plan_of('{ child(id: "1") { id carers { relationship } } }')
    bare = plan_of('{ child(id: "1") { id } }')
    for text in (
        f'child(id: "1") {{ id carers {condition} {{ relationship }} }}',
        f'child(id: "1") {{ id ... {condition} {{ carers {{ relationship }} }} }}',
        f'child(id: "1") {{ id ...f {condition} }}',
    ):
        fragment = "fragment f on Child { carers { relationship } }" if "...f" in text else ""
        plan = plan_of(f"{heading} {text} }} {fragment}", yes=True)
        assert signatures(plan) == signatures(full if kept else bare)


def test_plans_are_kept_by_their_conditions_alone() -> None:
    """One document has one plan for all values of its variables but those that its conditions read."""
    text = "query($id: ID!, $no: Boolean!) { child(id: $id) { id carers @skip(if: $no) { relationship } } }"
    plans, operation = Plans(), Documents().operation(text, None)

    def plan(no: bool, known: str) -> Plan:
        return plans.plan(operation, VariableValues({}, {"id": known, "no": no}))

    assert plan(True, "1") is plan(True, "2")
    assert plan(True, "1") is not plan(False, "1")
    assert (len(plan(True, "1").parts[0].root.children), len(plan(False, "1").parts[0].root.children)) == (0, 1)


def test_plans_are_kept_apart_by_operation() -> None:
    """Two operations of one document have plans of their own."""
    text, plans = 'query a { me { id } } query b { child(id: "1") { id } }', Plans()
    found = [plans.plan(Documents().operation(text, name), VariableValues({}, {})) for name in ("a", "b", "a")]
    assert [plan.parts[0].root.type for plan in found] == ["Account", "Child", "Account"]


def test_entities_read_the_types_that_are_asked_for() -> None:
    """A router's list reads one part for each type with a selection, and none for the rest."""
    text = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Child { id } ... on Service { id } } }"
    assert sorted(part.root.type for part in plan_of(text).parts) == ["Child", "Service"]


def test_a_plan_without_records_reads_one_statement() -> None:
    """An operation that asks for no record still asks the graph once, whether its account is as it was known."""
    plan = plan_of("{ a: __typename __schema { queryType { name } } }")
    assert (plan.parts, signatures(plan), plan.introspects) == ((), [[""]], True)
    assert (plan.typenames, plan.order) == (("a",), ("a", "__schema"))
