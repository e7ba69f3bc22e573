"""Documents: parsed, checked and bounded once, and what one operation of them is."""

import asyncio

import pytest
from graphql import Node

from resolvers import document
from resolvers.document import Documents, variables_of
from resolvers.limits import MAX_DOCUMENT, MAX_TOKENS
from resolvers.model import Access, Ask
from resolvers.refusals import Refusal
from tests.fakes import FakeRecorder, pipeline


def refused(text: str, name: str | None = None) -> Refusal:
    """Why a document is refused."""
    with pytest.raises(Refusal) as caught:
        Documents().operation(text, name)
    return caught.value


def test_a_document_is_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text and name give the same operation without parsing or validating again."""
    documents = Documents()
    first = documents.operation("{ me { id } }", None)
    monkeypatch.delattr(document, "parse")
    monkeypatch.delattr(document, "validate")
    assert documents.operation("{ me { id } }", None) is first


def test_documents_are_kept_within_bounds() -> None:
    """As many documents are kept as the cache is given room for."""
    documents = Documents(size=2)
    for number in range(5):
        documents.operation(f"{{ a{number}: __typename }}", None)
    assert len(documents._operations) == 2


def test_a_refused_document_is_not_kept() -> None:
    """A document that is refused takes no room from those that are not."""
    documents = Documents()
    for text in ("{", "{ nothing }", "mutation { a }"):
        with pytest.raises(Refusal):
            documents.operation(text, None)
    assert len(documents._operations) == 0


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("", None, "PARSE_FAILED"),
        ("{ me { id }", None, "PARSE_FAILED"),
        ("{ " + "me " * MAX_TOKENS + "}", None, "PARSE_FAILED"),
        ("{ me }", None, "VALIDATION_FAILED"),
        ("{ child { id } }", None, "VALIDATION_FAILED"),
        ("{ ...missing }", None, "VALIDATION_FAILED"),
        ('{ findChildren(by: { dateOfBirth: "20190203" }) { tooMany } }', None, "VALIDATION_FAILED"),
        ('{ findChildren(by: { dateOfBirth: "2019-02-30" }) { tooMany } }', None, "VALIDATION_FAILED"),
        ("{ findChildren(by: { dateOfBirth: 2019 }) { tooMany } }", None, "VALIDATION_FAILED"),
        ("type T { a: Int }", None, "VALIDATION_FAILED"),
        ("mutation { me { id } }", None, "OPERATION_KIND"),
        ("fragment f on Query { me { id } }", None, "VALIDATION_FAILED"),
        ("query a { me { id } } query b { me { id } }", None, "OPERATION_NAME"),
        ("query a { me { id } } query b { me { id } }", "c", "OPERATION_NAME"),
        ("{ me { id } }", "a", "OPERATION_NAME"),
    ],
)
def test_what_is_not_one_valid_query_is_refused(text: str, name: str | None, code: str) -> None:
    """A document that does not parse, does not fit the schema or does not hold the operation is refused as such."""
    assert refused(text, name).codes == (code,)


def test_only_queries_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutation or subscription is refused as one even where the schema would allow it."""
    monkeypatch.setattr(document, "validate", lambda *_, **__: [])
    for kind in ("mutation", "subscription"):
        assert refused(f"{kind} {{ a }}").codes == ("OPERATION_KIND",)


def test_a_wrong_value_is_shown_where_it_is() -> None:
    """A value that does not fit its argument is named with its place; of lists and objects, graphql-core tells none."""
    for value, lines in (("{a: 1}", []), ("true", [2]), ("1.5", [2]), ('["1"]', []), ("[[]]", [])):
        refusal = refused(f"{{\n  child(id: {value}) {{ id }}\n}}")
        assert refusal.codes == ("VALIDATION_FAILED",)
        assert [place.line for error in refusal.errors for place in error.locations or ()] == lines, value


def test_errors_point_into_the_document() -> None:
    """A mistake in the document is named with its place, at most five of them, and suggests nothing."""
    refusal = refused("{\n  me { nam rols identy a b c d e f }\n}")
    assert all(error.locations and error.locations[0].line == 2 for error in refusal.errors[:5])
    assert len(refusal.errors) <= 6
    assert not any("Did you mean" in error.message for error in refusal.errors)


@pytest.mark.parametrize(
    "text",
    [
        "{ mee { id } }",
        "{ me { organisation } }",
        '{ child(idd: "1") { id } }',
        '{ child(id: "1") { involvements(kind: SENSITIV) { id } } }',
        '{ findChildren(by: { familyNam: "a" }) { tooMany } }',
        "{ me { id @skp(if: true) } }",
        "{ me { ... on Acount { id } } }",
        "query($id: Idd) { me { id } }",
    ],
)
def test_no_error_suggests_anything(text: str) -> None:
    """Nobody is told which name of the schema was nearly hit, whatever in the document is misspelt or left out."""
    messages = [error.message for error in refused(text).errors]
    assert messages
    assert not any("Did you mean" in message for message in messages)
    for name in ("'me'", "Account {", "SENSITIVE", "familyName", "skip", "ID'", "'id'"):
        assert name in text or not any(name in message for message in messages)


@pytest.mark.anyio
async def test_no_variable_is_suggested() -> None:
    """A misspelt field or value in a variable is refused without the right one being named."""
    text = """query($by: ChildSearch!, $kind: InvolvementKind) {
      findChildren(by: $by) { candidates { involvements(kind: $kind) { id } } }
    }"""
    for variables in ({"by": {"familyNam": "a"}}, {"by": {"familyName": "a"}, "kind": "SENSITIV"}):
        with pytest.raises(Refusal, match="VARIABLES_INVALID") as caught:
            await pipeline(FakeRecorder()).answer(Ask(text, None, variables), "account-1", Access("a", "b"))
        said = " ".join(error.message for error in caught.value.errors)
        assert "Did you mean" not in said
        assert "SENSITIVE" not in said


def test_the_named_operation_is_taken() -> None:
    """Of several operations the named one is run, with the fragments of the whole document."""
    text = "query a { me { ...f } } query b { x: me { ...f } } fragment f on Account { id }"
    operation = Documents().operation(text, "b")
    assert operation.definition.name is not None
    assert operation.definition.name.value == "b"
    assert set(operation.fragments) == {"f"}


def test_conditions_are_the_variables_of_directives() -> None:
    """Only variables of conditions are told apart in plans, wherever in the document the condition stands."""
    text = """
    query q($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $id: ID!, $kind: InvolvementKind) {
      me @skip(if: $a) { id ... @include(if: $b) { roles @skip(if: true) } ...f @include(if: $d) }
      child(id: $id) { involvements(kind: $kind) { id } }
    }
    fragment f on Account { organisation { id @include(if: $c) } }
    """
    assert Documents().operation(text, None).conditions == ("a", "b", "c", "d")


def test_a_longer_document_than_is_kept_is_refused() -> None:
    """A document of more characters than the limit is refused before it is parsed, however few its tokens."""
    padding = "#" * MAX_DOCUMENT
    with pytest.raises(Refusal, match="OPERATION_TOO_LARGE"):
        Documents().operation(f"{{ me {{ id }} }} {padding}", None)


@pytest.mark.anyio
async def test_a_null_name_in_introspection_is_the_clients_mistake() -> None:
    """Introspection of a type whose name is a null variable is refused as invalid, not taken for a fault."""
    text = 'query($n: String = "Child") { __type(name: $n) { name } }'
    with pytest.raises(Refusal, match="VARIABLES_INVALID"):
        await pipeline(FakeRecorder()).answer(
            Ask(text, None, {"n": None}), "account-1", Access("identify-needs", "why")
        )


def test_what_is_kept_knows_no_places() -> None:
    """No node of a kept document holds its tokens, which garbage collection would have to look through."""
    operation = Documents().operation("query A($id: ID!) { child(id: $id) { ...f } } fragment f on Child { id }", None)
    nodes: list[Node] = [operation.document]
    for node in nodes:
        for name in node.keys:
            below = getattr(node, name, None)
            nodes += [
                each for each in (below if isinstance(below, tuple | list) else [below]) if isinstance(each, Node)
            ]
    assert len(nodes) > 10
    assert {node.loc for node in nodes} == {None}


def test_a_variable_that_does_not_fit_is_shown_where_it_is_defined() -> None:
    """The error about a variable names the line and column of its definition, whichever operation was asked for."""
    text = "query B { me { id } }\nquery A(\n  $id: ID!) { child(id: $id) { id } }"
    operation = Documents().operation(text, "A")
    with pytest.raises(Refusal) as caught:
        variables_of(operation, {})
    error = next(iter(caught.value.errors))
    place = next(iter(error.locations or ()))
    assert (place.line, place.column) == (3, 3)


def test_errors_about_variables_of_a_long_document_tell_no_places() -> None:
    """A long document is not read again because its variables are wrong, which would cost more than a new one."""
    text = "query A($id: ID!) { child(id: $id) { id } } #" + "x" * 2000
    with pytest.raises(Refusal) as caught:
        variables_of(Documents().operation(text, "A"), {})
    (error,) = caught.value.errors
    assert "'$id'" in error.message
    assert not error.locations


async def test_new_documents_leave_room_between_them() -> None:
    """However many new documents come at once, whatever else waits has a turn between any two of them."""
    documents, seen = Documents(), list[int]()
    learning = [asyncio.create_task(documents.learn(f"{{ a{number}: __typename }}", None)) for number in range(5)]
    while not all(task.done() for task in learning):
        await asyncio.sleep(0)
        seen.append(len(documents._operations))
    steps = [after - before for before, after in zip([0, *seen], seen, strict=False)]
    assert (seen[-1], max(steps)) == (5, 1)
