"""An audit entry: everything about who asked and what was shown, and none of what it said."""

import inspect
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.event import VERSION, encode, resolutions
from resolvers.model import Access, Entry, Shown
from schema.common import InvolvementKind

ACCESS = Access("safeguarding", "a call", client="portal", trace="00-1-2-01", on_behalf_of=True)
CHILDREN = Shown("child", "Child", "open|true|none", ("number", "gender"), {"address": "SHIELDED"}, ("c1", "c2"))
CARE = Shown("child.carers", "Care", "open|true", (), {"relationship": "ROLE"}, ("", ""))
ENTRY = Entry(
    receipt="r",
    at="2026-03-02T12:00:00.000+00:00",
    outcome="answered",
    account="a",
    access=ACCESS,
    operation="00",
    operation_name="Child",
    organisation="o",
    codes=("X",),
    arguments=[("child", {"id": "c1", "kind": InvolvementKind.SENSITIVE})],
    question={"today": "2026-03-02"},
    revision="v1",
    disclosed=(CHILDREN, CARE),
)


def decoded(entry: Entry) -> dict[str, Any]:
    """An entry as its readers see it."""
    found: dict[str, Any] = orjson.loads(encode(entry))
    return found


def test_an_entry_says_everything() -> None:
    """The encoded entry has every part of the entry and of the stated access, under names of its own."""
    assert decoded(ENTRY) == {
        "v": VERSION,
        "receipt": "r",
        "at": "2026-03-02T12:00:00.000+00:00",
        "outcome": "answered",
        "codes": ["X"],
        "account": "a",
        "organisation": "o",
        "purpose": "safeguarding",
        "reason": "a call",
        "client": "portal",
        "trace": "00-1-2-01",
        "mediated": True,
        "operation": "00",
        "operationName": "Child",
        "arguments": [["child", {"id": "c1", "kind": "SENSITIVE"}]],
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
            },
            {
                "path": "child.carers",
                "type": "Care",
                "class": "open|true",
                "shown": [],
                "withheld": {"relationship": "ROLE"},
                "ids": ["", ""],
            },
        ],
    }


def test_a_shown_value_has_no_place() -> None:
    """An entry is made without the rows or the answer: nothing in it could hold a shown value."""
    assert {field.name for field in fields(Shown)} == {"path", "type", "class_key", "shown", "withheld", "ids"}
    assert list(inspect.signature(encode).parameters) == ["entry"]
    assert not {field.name for field in fields(Entry)} & {"data", "rows", "answer", "values", "results"}


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["purpose", "reason", "client", "trace"]))
def test_any_text_survives(text: str, part: str) -> None:
    """Whatever a request states, the entry holds it as it was."""
    changes: Any = {part: text}
    assert decoded(replace(ENTRY, access=replace(ACCESS, **changes)))[part] == text


def test_every_resolution_is_a_row() -> None:
    """An entry expands to one row for each field of each record, with the reason where it was withheld."""
    rows = [(each.path, each.type, each.id, each.field, each.reason) for each in resolutions(decoded(ENTRY))]
    assert rows == [
        ("child", "Child", "c1", "number", None),
        ("child", "Child", "c1", "gender", None),
        ("child", "Child", "c1", "address", "SHIELDED"),
        ("child", "Child", "c2", "number", None),
        ("child", "Child", "c2", "gender", None),
        ("child", "Child", "c2", "address", "SHIELDED"),
        ("child.carers", "Care", "", "relationship", "ROLE"),
        ("child.carers", "Care", "", "relationship", "ROLE"),
    ]


def test_a_refusal_has_no_resolution() -> None:
    """An entry that discloses nothing expands to no row."""
    assert list(resolutions(decoded(replace(ENTRY, disclosed=(), account=None, question=None)))) == []


def test_no_argument_spoils_a_record() -> None:
    """An argument of a kind that JSON does not have is recorded as text: an entry can always be written."""
    odd = replace(ENTRY, arguments=[("child", {"id": Fraction(1, 3)})])
    assert decoded(odd)["arguments"] == [["child", {"id": "1/3"}]]
