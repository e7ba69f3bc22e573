"""The tree of what is read: walked parents first, and told apart by its relations alone."""

import pytest
from graphql.execution.values import VariableValues

from resolvers.draft import Cutter, Draft
from resolvers.limits import MAX_DEPTH, MAX_NODES
from resolvers.refusals import Refusal
from resolvers.tree import Part
from schema.catalogue import CATALOGUE
from tests.rewritten import planned


def root_of(text: str) -> Part:
    """The first part of an operation's plan."""
    return planned(text)[0].parts[0]


def test_a_walk_meets_parents_first() -> None:
    """A walk meets each node once, after its parent and before its siblings to come, numbered as met."""
    part = root_of('{ child(id: "1") { involvements { service { name } child { id } } carers { carer { id } } } }')
    walked = list(part.root.walk())
    assert [node.path for node in walked] == [
        "child",
        "child.carers",
        "child.carers.carer",
        "child.involvements",
        "child.involvements.child",
        "child.involvements.service",
    ]
    assert [node.index for node in walked] == list(range(6))


def test_a_signature_tells_relations_apart_and_nothing_else() -> None:
    """Two trees have one signature if they follow the same relations, whatever values they want."""
    one = root_of('{ child(id: "1") { number carers { relationship } } }').root
    same = root_of('{ child(id: "2") { gender address { postcode } c: carers { parentalResponsibility } } }').root
    deeper = root_of('{ child(id: "1") { number carers { carer { id } } } }').root
    assert one.signature == same.signature != deeper.signature
    assert (one.wanted, same.wanted) == (frozenset({"number"}), frozenset({"gender", "address"}))
    assert same.asked == {"gender", "address", "carers"}


def test_arguments_are_bound_to_each_requests_variables() -> None:
    """The arguments of a field are coerced with the variables of the request; what is not given has its default."""
    text = 'query($o: Boolean) { child(id: "1") { involvements(open: $o) { id } } }'
    (node,) = root_of(text).root.children
    assert node.arguments is not None
    assert node.arguments.bind(VariableValues({}, {"o": False})) == {"kind": None, "open": False}
    assert node.arguments.bind(VariableValues({}, {})) == {"kind": None, "open": None}
    assert node.record is CATALOGUE["Involvement"]


def test_a_null_for_what_may_not_be_null_is_the_clients_mistake() -> None:
    """A variable that is null where the argument may not be is refused as such, with its place."""
    text = 'query($id: ID = "1") {\n  child(id: $id) { id }\n}'
    plan, _ = planned(text)
    given: dict[str, object] = {"id": None}
    with pytest.raises(Refusal) as caught:
        plan.roots[0].arguments.bind(_variables(text, given))
    assert caught.value.codes == ("VARIABLES_INVALID",)
    (error,) = caught.value.errors
    assert "'$id'" in error.message
    assert [(place.line, place.column) for place in error.locations or ()] == [(2, 13)]


def _variables(text: str, given: dict[str, object]) -> VariableValues:
    _, variables = planned(text)
    return VariableValues(variables.sources, given)


def chain(length: int) -> Draft:
    """A draft that is so many relations deep."""
    top = draft = Draft("Organisation", "organisation", "organisation")
    for step in range(length):
        relation, target = (("services", "Service"), ("organisation", "Organisation"))[step % 2]
        draft = draft.child(relation, target, relation, None)
    return top


@pytest.mark.parametrize("length", range(3 * MAX_DEPTH + 2))
def test_a_chain_is_cut_where_it_is_too_deep(length: int) -> None:
    """A chain of relations is cut into the parts that its depth needs, one a stage, each full but the last."""
    cutter = Cutter()
    cutter.part(chain(length), "ids")
    depths = [sum(1 for _ in part.root.walk()) - 1 for part in cutter.parts if part is not None]
    assert sum(depths) == length
    assert depths[:-1] == [MAX_DEPTH] * (len(depths) - 1)
    assert [part.stage for part in cutter.parts if part is not None] == list(range(len(depths)))


def test_a_wide_tree_is_cut_where_it_is_too_large() -> None:
    """As many relations as a statement may hold stay in it; the next is read from the same ids in the next stage."""
    for count, parts in ((MAX_NODES - 1, 1), (MAX_NODES, 2)):
        draft, cutter = Draft("Child", "child", "child"), Cutter()
        for number in range(count):
            draft.child(f"{number}", "Involvement", "involvements", None)
        cutter.part(draft, "ids")
        assert len(cutter.parts) == parts
        first = cutter.parts[0]
        assert first is not None
        assert len(first.root.children) == MAX_NODES - 1


def test_a_cut_part_starts_from_the_record_it_was_cut_from() -> None:
    """The root of a part behind a cut has the type and path of the record above the cut, and wants no value of it."""
    deep = "services { practitioners { services { practitioners { services { name } } } } }"
    plan, _ = planned(f'{{ organisation(id: "1") {{ {deep} }} }}')
    first, second = plan.parts
    above = list(first.root.walk())[-1]
    assert above.deferred == second.number
    assert (second.root.type, second.root.path, second.root.wanted) == (above.type, above.path, frozenset())
