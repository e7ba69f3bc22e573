"""An audit entry: everything about who asked and what was shown, and none of what it said."""

import inspect
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.event import confided, encode, opened, resolutions, subjects
from resolvers.model import Access, Entry, Shown
from schema.common import InvolvementKind

ACCESS = Access("safeguarding", "a call", client="portal", trace="00-1-2-01", mediated=True, on_behalf_of="account-2")
CHILDREN = Shown(
    "child", "Child", "open|true|none", ("number", "gender"), {"address": "SHIELDED"}, *2 * (("c1", "c2"),)
)
CARE = Shown("child.carers", "Care", "open|true", (), {"relationship": "ROLE"}, ("p/c1", "p/c2"), ("c1", "c2"))
ENTRY = Entry(
    receipt="r",
    at="2026-03-02T12:00:00.000+00:00",
    outcome="answered",
    account="a",
    access=ACCESS,
    operation="00",
    operation_name="Child",
    organisation="o",
    area="l",
    codes=("X",),
    arguments=[("child", {"id": "c1", "kind": InvolvementKind.SENSITIVE})],
    question={"today": "2026-03-02"},
    revision="v1",
    disclosed=(CHILDREN, CARE),
)


WHO = "2e8e0808-7277-5402-bf9b-a62fe91e10ff"


def decoded(entry: Entry) -> dict[str, Any]:
    """An entry as its readers see it, with what is sealed in it."""
    found: dict[str, Any] = orjson.loads(encode({**opened(entry), "confided": confided(entry)}))
    return found


def test_an_entry_says_everything() -> None:
    """The entry has every part of the operation and of the stated access, and only free text and arguments apart."""
    assert decoded(ENTRY) == {
        "receipt": "r",
        "at": "2026-03-02T12:00:00.000+00:00",
        "outcome": "answered",
        "codes": ["X"],
        "account": "a",
        "organisation": "o",
        "area": "l",
        "purpose": "safeguarding",
        "client": "portal",
        "trace": "00-1-2-01",
        "mediated": "account-2",
        "operation": "00",
        "operationName": "Child",
        "introspects": False,
        "question": {"today": "2026-03-02"},
        "revision": "v1",
        "records": [
            {
                "path": "child",
                "type": "Child",
                "class": "open|true|none",
                "shown": ["number", "gender"],
                "withheld": {"address": "SHIELDED"},
                "ids": ["c1", "c2"],
                "of": ["c1", "c2"],
            },
            {
                "path": "child.carers",
                "type": "Care",
                "class": "open|true",
                "shown": [],
                "withheld": {"relationship": "ROLE"},
                "ids": ["p/c1", "p/c2"],
                "of": ["c1", "c2"],
            },
        ],
        "confided": {"reason": "a call", "arguments": [["child", {"id": "c1", "kind": "SENSITIVE"}]]},
    }


def test_an_entry_concerns_children_and_carers() -> None:
    """Its subjects are the children that its records are of, and the carers among them."""
    carer = Shown("child.carers.carer", "Carer", "open|true", ("phone",), {}, ("q",), ("c1",))
    school = Shown("child.school", "Service", "true", ("name",), {}, ("s",), (None,))
    assert subjects(ENTRY) == {"c1", "c2", "p"}
    assert subjects(replace(ENTRY, disclosed=(carer, school))) == {"c1", "q"}
    assert subjects(replace(ENTRY, arguments=(), disclosed=())) == frozenset()


@pytest.mark.parametrize(
    ("field", "given", "whom"),
    [
        ("child", {"id": WHO}, {WHO}),
        ("history", {"child": WHO, "since": None}, {WHO}),
        ("_entities", {"representations": [{"__typename": "Child", "id": WHO}, None]}, {WHO}),
        ("_entities", {"representations": [{"__typename": "Carer", "id": WHO}]}, {WHO}),
        ("_entities", {"representations": [{"__typename": "Service", "id": WHO}]}, set()),
        ("service", {"id": WHO}, set()),
        ("trail", {"account": "a"}, set()),
        ("findChildren", {"by": {"givenName": "Ada"}}, set()),
        ("child", {"id": "Ada-Lovelace"}, set()),
        ("child", {"id": f"{WHO} Ada"}, set()),
        ("child", {}, set()),
        ("flood", {"account": 3}, set()),
    ],
)
def test_an_entry_concerns_whom_it_asked_for(field: str, given: dict[str, Any], whom: set[str]) -> None:
    """Of an entry that shows nothing the subjects are the children and carers whom it names by identifier."""
    assert subjects(replace(ENTRY, arguments=[(field, given)], disclosed=())) == whom


def test_a_shown_value_has_no_place() -> None:
    """An entry is made without the rows or the answer: nothing in it could hold a shown value."""
    places = {"path", "type", "class_key", "shown", "withheld", "ids", "children"}
    assert set(Shown._fields) == places
    assert list(inspect.signature(opened).parameters) == list(inspect.signature(confided).parameters) == ["entry"]
    assert not {field.name for field in fields(Entry)} & {"data", "rows", "answer", "values", "results"}


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["purpose", "reason", "client", "trace"]))
def test_any_text_survives(text: str, part: str) -> None:
    """Whatever a request states, the entry holds it as it was."""
    changes: Any = {part: text}
    found = decoded(replace(ENTRY, access=replace(ACCESS, **changes)))
    assert (found["confided"] if part == "reason" else found)[part] == text


def test_every_resolution_is_a_row() -> None:
    """An entry expands to one row for each field of each record, with the reason where it was withheld."""
    rows = [(each.path, each.type, each.id, each.field, each.reason) for each in resolutions(decoded(ENTRY))]
    assert [each.child for each in resolutions(decoded(ENTRY))] == 3 * ["c1"] + 3 * ["c2"] + ["c1", "c2"]
    assert rows == [
        ("child", "Child", "c1", "number", None),
        ("child", "Child", "c1", "gender", None),
        ("child", "Child", "c1", "address", "SHIELDED"),
        ("child", "Child", "c2", "number", None),
        ("child", "Child", "c2", "gender", None),
        ("child", "Child", "c2", "address", "SHIELDED"),
        ("child.carers", "Care", "p/c1", "relationship", "ROLE"),
        ("child.carers", "Care", "p/c2", "relationship", "ROLE"),
    ]


def test_a_refusal_has_no_resolution() -> None:
    """An entry that discloses nothing expands to no row, nor does one that is no access."""
    assert list(resolutions({"kind": "opened"})) == []
    assert list(resolutions(decoded(replace(ENTRY, disclosed=(), account=None, question=None)))) == []


def test_no_argument_spoils_a_record() -> None:
    """An argument of a kind that JSON does not have is recorded as text: an entry can always be written."""
    odd = replace(ENTRY, arguments=[("child", {"id": Fraction(1, 3)})])
    assert decoded(odd)["confided"]["arguments"] == [["child", {"id": "1/3"}]]
