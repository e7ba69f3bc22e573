"""The schema definition that routers compose: what it marks, and that it is served as it is printed."""

import json
from dataclasses import replace

import pytest
from graphql import ConstValueNode, FieldDefinitionNode, ObjectTypeDefinitionNode, StringValueNode, parse
from typer.testing import CliRunner

from gateway.cli import app
from gateway.settings import ROOT
from resolvers.model import Ask
from resolvers.plan import ENTITY_TYPES
from schema.catalogue import CATALOGUE
from schema.sdl import definition
from tests.fakes import FakeRecorder, pipeline
from tests.scripted import ACCESS

VOCABULARY = json.loads((ROOT / "policies/directory/vocabulary/data.json").read_text("utf-8"))["types"]
TAGGED = {"address", "carer-contact", "sealed"}
"""The data classes that place a child, or that are sealed: a partner may want to leave them out of its graph."""


def types(sdl: str) -> dict[str, ObjectTypeDefinitionNode]:
    """The object types of a schema definition."""
    return {node.name.value: node for node in parse(sdl).definitions if isinstance(node, ObjectTypeDefinitionNode)}


def directives(node: ObjectTypeDefinitionNode | FieldDefinitionNode) -> set[str]:
    """The names of a node's directives."""
    return {directive.name.value for directive in node.directives or ()}


def text_of(value: ConstValueNode) -> str:
    """The text that an argument's value is."""
    assert isinstance(value, StringValueNode)
    return value.value


def test_every_entity_has_a_key_and_nothing_else_does() -> None:
    """Exactly the types that the pipeline resolves by reference carry a key."""
    assert {name for name, node in types(definition()).items() if "key" in directives(node)} == set(ENTITY_TYPES)


def test_plain_values_may_be_shared_and_what_policy_did_may_not() -> None:
    """A partner may return addresses, names and contacts of its own; of what policy did, the directory alone tells."""
    shared = {name for name, node in types(definition()).items() if "shareable" in directives(node)}
    assert shared == {"Address", "Name", "Contact"}


def test_the_askers_own_account_is_no_part_of_a_partners_graph() -> None:
    """A router does not offer ``me``: it would put staff's vetting beside the partner's own account."""
    assert "inaccessible" in directives(types(definition())["Account"])
    (me,) = (field for field in types(definition())["Query"].fields or () if field.name.value == "me")
    assert "inaccessible" in directives(me)


def test_tags_are_the_data_classes_of_the_vocabulary() -> None:
    """A field is tagged with its data class where that places a child or is sealed, and nowhere else."""
    found = {
        (name, field.name.value, text_of(argument.value))
        for name, node in types(definition()).items()
        for field in node.fields or ()
        for directive in field.directives or ()
        if directive.name.value == "tag"
        for argument in directive.arguments or ()
    }
    assert found == {
        (name, field, data_class)
        for name, described in VOCABULARY.items()
        for field, data_class in described["fields"].items()
        if data_class in TAGGED
    }


def test_authorization_directives_are_asked_for() -> None:
    """By default there is none; asked for, every record and every entry point of the directory carries one."""
    assert "authenticated" not in definition()
    marked = types(definition(authenticated=True))
    assert {name for name, node in marked.items() if "authenticated" in directives(node)} == set(CATALOGUE)
    entries = {field.name.value: directives(field) for field in marked["Query"].fields or ()}
    assert {name for name, found in entries.items() if "authenticated" not in found} == {"_entities", "_service"}
    assert '"@authenticated"' in definition(authenticated=True)


@pytest.mark.parametrize("authenticated", [False, True])
async def test_a_router_is_offered_what_is_printed(*, authenticated: bool) -> None:
    """``_service`` answers with the definition that ``directory schema print`` prints, on record as introspection."""
    recorder = FakeRecorder()
    asked = replace(pipeline(recorder), sdl=definition(authenticated=authenticated))
    answer = await asked.answer(Ask("{ _service { sdl } }", None, {}), "account-1", ACCESS)
    command = ["schema", "print", *(["--authenticated"] if authenticated else [])]
    assert CliRunner().invoke(app, command).stdout == f"{answer.data['_service']['sdl']}\n"
    assert [entry.introspects for entry in recorder.entries] == [True]
