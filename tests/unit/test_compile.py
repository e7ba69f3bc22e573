"""Statements: their text is made of the plan's relations, and holds nothing that a client wrote."""

import re
from collections.abc import Sequence
from random import Random
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.compile import compile_statement
from graph.parameters import asked
from resolvers.grants import Grants
from resolvers.limits import LIST_LIMIT
from resolvers.ports import Reading
from resolvers.read import inputs_of
from resolvers.tree import Plan, Statement
from tests.fakes import account
from tests.generative.grants import random_grants
from tests.generative.harness import RULES
from tests.rewritten import drawn, planned, rewritten

EXAMPLES = settings(max_examples=15, derandomize=True, database=None, deadline=None)
SEEDS = st.integers(0, 2**32)
TODAY = "2026-03-02"
LITERALS = frozenset(
    {"", "1", "|", "/", "true", "false", "none", "organisation", "direct", "open", "protected", "shielded"}
    | {"universal", "additional", "sensitive", "UNIVERSAL", "ADDITIONAL", "SENSITIVE"}
    | {"givenName", "familyName", "formerNames"}
)


def uncached(statement: Statement, kinds: Sequence[str]) -> str:
    """The text of a statement, written anew."""
    return str(compile_statement.__wrapped__(statement, kinds))


def statements(text: str, seed: int = 0) -> list[tuple[Statement, Reading]]:
    """Every statement of an operation, with a reading under random grants."""
    plan, variables = planned(text)
    grants = Grants("r", MappingProxyType(random_grants(Random(seed))))  # noqa: S311 - no secrets
    nodes = [node for part in plan.parts for node in part.root.walk()]
    bound = {id(node): node.arguments.bind(variables) for node in nodes if node.arguments}
    reading = Reading(grants, account("a"), None, TODAY, inputs_of(plan, plan.given(variables), RULES), 6, bound)
    return [(statement, reading) for stage in plan.stages for statement in stage]


def texts(text: str) -> list[str]:
    """The text of every statement of an operation."""
    return [uncached(statement, statement.kinds(reading.inputs)) for statement, reading in statements(text)]


@EXAMPLES
@given(SEEDS, SEEDS)
def test_nothing_a_client_wrote_is_in_a_statement(seed: int, other: int) -> None:
    """No alias, variable, fragment, operation name or literal of an operation occurs in its statements."""
    asked = rewritten(drawn(seed), other)
    for written in texts(asked.text):
        assert [name for name in asked.chosen if name in written] == []
        assert set(re.findall("'([^']*)'", written)) <= LITERALS


@EXAMPLES
@given(SEEDS, SEEDS)
def test_the_same_relations_are_the_same_text(seed: int, other: int) -> None:
    """An operation with other names, texts and order is read by the same texts, so the graph plans nothing new."""
    text = drawn(seed)
    assert texts(rewritten(text, other).text) == texts(text)


@EXAMPLES
@given(SEEDS)
def test_the_signature_stands_for_the_text(seed: int) -> None:
    """Two statements with one signature and kinds have one text, so that the text can be kept by them."""
    known: dict[tuple[str, ...], str] = {}
    for text in (drawn(seed), drawn(seed + 1), drawn(seed + 2)):
        for statement, reading in statements(text):
            kinds = statement.kinds(reading.inputs)
            written = uncached(statement, kinds)
            assert known.setdefault((statement.signature, *kinds), written) == written
            assert compile_statement(statement, kinds) == written


@EXAMPLES
@given(SEEDS, SEEDS)
def test_every_parameter_is_given(seed: int, granted: int) -> None:
    """Each name that a statement reads from its parameters is there: nothing is null by mistake."""
    for statement, reading in statements(drawn(seed), granted):
        written = uncached(statement, statement.kinds(reading.inputs))
        given_maps = asked(statement, reading)
        assert set(re.findall(r"\$[\w.]+", written)) <= {"$all.asks", "$all.grants", "$all.limit"}
        assert set(re.findall(r"\bask\.(\w+)", written)) <= {"n", "g", "a", "me"}
        assert set(re.findall(r"\bask\.g\.(\w+)\[", written)) <= set(given_maps["g"])
        assert set(re.findall(r"\bask\.me\.(\w+)", written)) <= set(given_maps["me"])
        for tag, name in re.findall(r"\bask\.a\.(\w+)\.(\w+)", written):
            assert name in given_maps["a"][tag]


def test_every_statement_rechecks_the_account() -> None:
    """A statement answers nothing unless account and organisation have the versions that were decided on."""
    for text in ("{ __typename }", "{ me { id } }", 'query { child(id: "1") { id } }'):
        for written in texts(text):
            assert written.startswith(
                "UNWIND $all.asks AS each WITH each{.*, g: $all.grants[each.g]} AS ask, each.me.account AS own "
                "MATCH (me:Account) USING INDEX SEEK me:Account(id) WHERE me.id = own "
                "MATCH (me)-[:MEMBER_OF]->(org:Organisation) "
                "WHERE me.version = ask.me.version AND org.version = ask.me.organisationVersion\nWITH ask, me, ["
            )
            assert written.endswith("\nRETURN collect([ask.n, me.id, found]) AS found")


def test_whoever_a_statement_begins_with_is_sought() -> None:
    """Each record that is found by its identifier, the accounts first, is found by a seek, whatever Neo4j counted."""
    text = 'query { me { id } child(id: "1") { id } service(id: "2") { id } }'
    for statement, reading in statements(text):
        for mediated in (False, True):
            written = compile_statement(statement, statement.kinds(reading.inputs), mediated)
            found = re.findall(
                r"(?:AS i|AS own|AS other) MATCH \((\w+):(\w+)\)( USING INDEX SEEK \1:\2\(id\))? ", written
            )
            assert len(found) == 1 + mediated + len(statement.parts)
            assert all(hint for _, _, hint in found)


def test_lists_are_bounded_and_ordered() -> None:
    """Each list below a record has the constant limit and ends its order with the id; a single record has limit one."""
    (written,) = texts('{ child(id: "1") { carers { relationship } involvements { id } authority { name } } }')
    assert written.count(f" LIMIT {LIST_LIMIT} }}") == 2
    assert len(re.findall(r"ORDER BY x\w+\.id LIMIT 1 }", written)) == 1
    assert len(re.findall(r"ORDER BY .*?, \w+\.id LIMIT", written)) == 2


def test_a_search_uses_the_index_of_what_it_was_given() -> None:
    """A search by date and one by postcode alone have texts of their own, each by its index."""
    text = "query($s: ChildSearch!) { findChildren(by: $s) { candidates { id } } }"
    plan, _ = planned(text)
    (statement,) = plan.stages[0]
    dated, placed = (uncached(statement, (kind,)) for kind in ("dated", "placed"))
    assert "dateOfBirth: q.date" in dated
    assert "postcode: q.place" in placed
    assert dated != placed


def kinds_for(by: dict[str, Any]) -> tuple[str, ...]:
    """The kinds of a search's parts."""
    plan: Plan = planned("query($s: ChildSearch!) { findChildren(by: $s) { candidates { id } } }")[0]
    (statement,) = plan.stages[0]
    (part,) = statement.parts
    return statement.kinds({part.number: by})


def test_a_date_goes_before_a_postcode() -> None:
    """A search that gives a date goes by it, with or without a postcode; only without one by the postcode."""
    assert kinds_for({"dateOfBirth": "2019-01-01", "postcode": "X1"}) == ("dated",)
    assert kinds_for({"dateOfBirth": None, "postcode": "X1"}) == kinds_for({"postcode": "X1"}) == ("placed",)
