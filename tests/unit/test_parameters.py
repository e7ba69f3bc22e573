"""Parameters: what a search means, and how grants, arguments and the account travel."""

from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.parameters import alone, asked, dates_meant, searched, together
from resolvers.grants import Grants
from resolvers.ports import Reading
from schema.common import InvolvementKind
from tests.fakes import account
from tests.generative.grants import everything
from tests.rewritten import planned

GRANTS = Grants("r", MappingProxyType(everything()))
EXAMPLES = settings(max_examples=100, derandomize=True, database=None, deadline=None)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2019-03-04", ["2019-03-04", "2019-04-03"]),
        ("2019-03-03", ["2019-03-03"]),
        ("2019-03-13", ["2019-03-13"]),
        ("2019-12-01", ["2019-12-01", "2019-01-12"]),
    ],
)
def test_a_date_may_be_swapped(day: str, expected: list[str]) -> None:
    """A date of birth is looked for as given and, where that is a date too, with day and month swapped."""
    assert dates_meant(day) == expected


@EXAMPLES
@given(st.dates())
def test_what_a_date_means_is_mutual(day: object) -> None:
    """Whatever a date may mean, may mean that date."""
    assert all(str(day) in dates_meant(other) for other in dates_meant(str(day)))


def test_a_search_asks_for_every_code_and_date() -> None:
    """A search has a key for each code of each word under each date that is meant, and what each match is worth."""
    given_details = searched({"givenName": "Mary-Jane", "familyName": "Lee", "dateOfBirth": "2019-03-04"})
    keys = given_details["keys"]
    words = {(key["word"], key["field"], key["name"]) for key in keys}
    assert words == {(0, "givenName", "mary"), (1, "givenName", "jane"), (2, "familyName", "lee")}
    assert {(key["date"], key["base"]) for key in keys} == {("2019-03-04", 1), ("2019-04-03", 0)}
    assert {(key["exact"], key["same"], key["place"]) for key in keys} == {(4, 2, None)}
    assert len(keys) == 3 * 2 * 2
    assert {name: given_details[name] for name in ("words", "dated", "placed")} == {
        "words": [0, 1, 2],
        "dated": True,
        "placed": False,
    }


def test_a_search_by_postcode_has_no_date() -> None:
    """A search without a date looks for the postcode as it is compared."""
    given_details = searched({"familyName": "Lee", "postcode": "lo1 2ab", "givenName": None, "dateOfBirth": None})
    assert {(key["date"], key["place"]) for key in given_details["keys"]} == {(None, "LO12AB")}
    assert (given_details["dated"], given_details["placed"]) == (False, True)


def test_a_name_without_a_letter_finds_nobody() -> None:
    """A search whose names have no word in them has no key, so it finds nothing rather than everything."""
    assert searched({"familyName": "- 1", "dateOfBirth": "2019-03-04"})["keys"] == []


def test_a_reading_becomes_three_maps() -> None:
    """Ids, arguments by their names in the schema, grants by node, and the account with its versions travel apart."""
    text = """query($id: ID!) { child(id: $id) { number
      involvements(kind: SENSITIVE, open: true) { kind child { id gender } } leadProfessional { name }
      carers { carer { phone } }
    } }"""
    plan, _ = planned(text)
    ((statement,),) = plan.stages
    nodes = {node.path: node for node in statement.parts[0].root.walk()}
    arguments = {
        id(node): {"kind": InvolvementKind.SENSITIVE, "open": True} for node in nodes.values() if node.arguments
    }
    reading = Reading(GRANTS, account("me"), None, "2026-03-02", {0: ["1", "2"]}, 6, arguments)
    given_maps = asked(statement, reading)
    granted = given_maps["g"]
    assert alone(statement, reading) == {
        "all": {"asks": [{**given_maps, "n": 0, "g": 0}], "grants": [granted], "limit": 6}
    }
    tag = {path: f"n0_{node.index}" for path, node in nodes.items()}
    assert given_maps["a"] == {
        "p0": {"ids": ["1", "2"]},
        tag["child.involvements"]: {"kind": "SENSITIVE", "open": True},
    }
    assert given_maps["me"] == {
        "account": "me",
        "version": 1,
        "organisationVersion": 1,
        "practitioner": "practitioner-1",
        "organisation": "organisation-1",
        "area": "organisation-1",
        "today": "2026-03-02",
    }
    assert granted[tag["child"]] == GRANTS.bits("Child", frozenset({"number"}))
    assert granted[tag["child.involvements"]] == GRANTS.bits("Involvement", frozenset({"kind"}))
    assert granted[tag["child.involvements"] + "_child"] == GRANTS.bits("Child", frozenset({"gender"}))
    assert granted[tag["child.carers"] + "_carer"] == GRANTS.bits("Carer", frozenset({"phone"}))
    assert granted[tag["child.carers"] + "_child"] == GRANTS.bits("Child", frozenset())
    assert granted[tag["child.leadProfessional"] + "_via"] == GRANTS.bits("Involvement", frozenset())


def test_those_who_share_a_statement_keep_their_own_maps() -> None:
    """Asks that travel together are numbered, with maps of their own; common grants go once; no log tells of them."""
    nurse, doctor = {"n0_0": {"open": "11"}}, {"n0_0": {"open": "10"}}
    granted = (nurse, doctor, nurse)
    maps = [
        {"me": {"account": name}, "a": {"p0": {"ids": [name]}}, "g": grants}
        for name, grants in zip("abc", granted, strict=True)
    ]
    given_together = together(maps, 6)
    sent = given_together["all"]
    assert sent["grants"] == [nurse, doctor]
    assert [sent["grants"][ask["g"]] for ask in sent["asks"]] == list(granted)
    assert [{**ask, "g": granted[n]} for n, ask in enumerate(sent["asks"])] == [{**maps[n], "n": n} for n in range(3)]
    assert sent["limit"] == 6
    assert str(given_together) == "{'all': {…}}"
