"""What a document would cost: exact on small ones, and cheap to tell of hostile ones."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import cost
from resolvers.cost import Cost, check_cost
from resolvers.limits import MAX_FIELDS, MAX_FRAGMENTS, MAX_NESTING, MAX_OPERATIONS, MAX_PAIRS
from resolvers.refusals import Refusal


def refused(text: str) -> bool:
    """Whether a document is refused as too large."""
    try:
        check_cost(parse(text))
    except Refusal as refusal:
        return refusal.codes == ("OPERATION_TOO_LARGE",)
    return False


def doubling(fragments: int) -> str:
    """A document whose every fragment spreads the next one twice."""
    chain = " ".join(f"fragment f{n} on T{{...f{n + 1} ...f{n + 1}}}" for n in range(fragments))
    return f"{{...f0}} {chain} fragment f{fragments} on T{{a}}"


@dataclass
class Counted(dict[str, FragmentDefinitionNode]):
    """Fragments by name that count how often one is taken apart."""

    taken: list[str] = field(default_factory=list)

    def get(self, name: str, default: Any = None) -> Any:
        """A fragment, counted."""
        self.taken.append(name)
        return super().get(name, default)


def test_doubling_fragments_are_refused_without_their_work() -> None:
    """A document of 1 KB that stands for a thousand million fields is refused, each fragment being read once."""
    text = doubling(30)
    assert len(text) < 1_000
    assert refused(text)
    fragments = Counted()
    for definition in parse(doubling(10)).definitions:
        if isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
    assert cost._fragment("f0", fragments, {}, 0) == Cost(1024, 11)
    assert sorted(fragments.taken) == sorted(fragments)


@pytest.mark.parametrize("tail", ["...a", "b { ...a }", "... on T { ...a }", "...c } fragment c on T { ...a"])
def test_a_fragment_that_spreads_itself_is_refused(tail: str) -> None:
    """A cycle of fragments is refused, used or not, however it closes."""
    for start in ("{ x }", "{ ...a }"):
        assert refused(f"{start} fragment a on T {{ x {tail} }}")


def test_an_unknown_fragment_is_for_validation_to_name() -> None:
    """A fragment that the document does not hold costs nothing: validation says that it is missing."""
    assert not refused("{ a ...missing }")


def test_the_limit_of_fields_is_exact() -> None:
    """As many fields as the limit says are accepted, and one more is not, whether written out or spread."""
    exact = " ".join(f"a{n}" for n in range(MAX_FIELDS))
    spread = f"{{...f ...f}} fragment f on T {{{' '.join(f'a{n}' for n in range(MAX_FIELDS // 2))}}}"
    assert not refused(f"{{{exact}}}")
    assert refused(f"{{{exact} a}}")
    assert not refused(spread)
    assert refused(spread.replace("...f}", "...f b}", 1))


def test_the_limit_of_depth_is_exact() -> None:
    """As much depth as the limit says is accepted, and one more level is not, whatever the level is made of."""
    levels = MAX_NESTING - 1
    for opening in ("a{", "...{", "...on T{"):
        assert not refused("{" + opening * levels + "a" + "}" * levels + "}")
        assert refused("{" + opening * (levels + 1) + "a" + "}" * (levels + 1) + "}")


@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_chain_of_fragments_is_refused(*, backwards: bool) -> None:
    """A chain of as many fragments as a document may hold is refused in whichever order it is written."""
    chain = [f"fragment f{n} on T{{...f{n + 1}}}" for n in range(MAX_FRAGMENTS - 1)]
    assert refused(
        " ".join(["{...f0}", *(reversed(chain) if backwards else chain), f"fragment f{MAX_FRAGMENTS - 1} on T{{a}}"])
    )


def test_the_limit_of_pairs_is_exact() -> None:
    """What stands under one name in one place is compared each with each: so many pairs are accepted, and no more."""
    most = next(n for n in range(MAX_PAIRS) if n * (n + 1) // 2 > MAX_PAIRS)
    assert not refused(f"{{{'a ' * most}}}")
    assert refused(f"{{{'a ' * (most + 1)}}}")
    assert refused(f"{{{'a: b ' * (most + 1)}}}")
    half = f"fragment f on T {{{'a ' * (most // 2 + 1)}}}"
    assert refused(f"{{...f ... on T {{ ...f }}}} {half}")
    assert not refused(f"{{x {{...f}} y {{...f}}}} {half}")
    deep = next(n for n in range(MAX_PAIRS) if n * (n + 1) > MAX_PAIRS)
    assert not refused(f"{{{'a { b } ' * deep}}}")
    assert refused(f"{{{'a { b } ' * (deep + 1)}}}")


def test_fragments_of_nothing_are_not_written_out() -> None:
    """Fragments that double and hold no field cost nothing: validation says what is missing."""
    assert not refused(doubling(35).replace("{a}", "{...missing}"))


def test_the_numbers_of_fragments_and_operations_are_bounded() -> None:
    """As many fragments and operations as the limits say are accepted, and one more of either is not."""
    operations = [f"query q{n} {{a}}" for n in range(MAX_OPERATIONS + 1)]
    fragments = [f"fragment f{n} on T {{a}}" for n in range(MAX_FRAGMENTS + 1)]
    assert not refused(" ".join(operations[1:] + fragments[1:]))
    assert refused(" ".join(operations + fragments[1:]))
    assert refused(" ".join(operations[1:] + fragments))


def test_every_operation_of_a_document_counts() -> None:
    """A document with one operation that is too large is refused, whichever of them is to run."""
    assert refused(f"query a {{a}} query b {{{'a ' * (MAX_FIELDS + 1)}}}")


def naive(document: DocumentNode) -> Cost:
    """The size of a document's one operation by writing out every fragment."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def size(selections: SelectionSetNode | None) -> Cost:
        fields = depth = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                below = size(fragments[selection.name.value].selection_set)
            else:
                assert isinstance(selection, FieldNode | InlineFragmentNode)
                below = size(selection.selection_set)
            fields += below.fields + isinstance(selection, FieldNode)
            depth = max(depth, below.depth + 1)
        return Cost(fields, depth)

    (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return size(operation.selection_set)


def drawn(r: Random) -> str:
    """A small document with fragments that spread later ones."""
    count = r.randint(0, 4)

    def selection(first: int, depth: int) -> str:
        kinds = ["a", "b"] + [f"...f{n}" for n in range(first, count)]
        if depth < 3:
            kinds += [f"c {{ {selection(first, depth + 1)} }}", f"... {{ {selection(first, depth + 1)} }}"]
        return " ".join(r.choice(kinds) for _ in range(r.randint(1, 4)))

    fragments = [f"fragment f{n} on T {{ {selection(n + 1, 1)} }}" for n in range(count)]
    return " ".join([f"{{ {selection(0, 0)} }}", *fragments])


@settings(max_examples=150, derandomize=True, database=None, deadline=None)
@given(st.integers(0, 2**32))
def test_the_cost_is_that_of_the_written_out_document(seed: int) -> None:
    """On any small document fields and depth are those that writing out its fragments gives."""
    document = parse(drawn(Random(seed)))  # noqa: S311 - no secrets
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    assert cost._cost(operation.selection_set, fragments, {}, 0) == naive(document)
