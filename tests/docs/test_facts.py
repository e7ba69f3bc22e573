"""The tables of the pages say what the code holds."""

import json

import orjson

from audit.chain import chained, new_segment
from audit.event import opened
from gateway.policy.files import read_policies
from gateway.settings import ROOT
from resolvers import limits
from resolvers.model import Access, Entry, Shown
from tests.docs.pages import table
from tests.evidence import SIGNING

QUERYING = ROOT / "docs" / "querying.md"
AUDIT = ROOT / "docs" / "audit.md"
POLICY = read_policies(ROOT / "policies")


def test_the_purposes_are_those_of_the_policy() -> None:
    """The page lists every purpose of the policy with its title, and no other."""
    purposes = json.loads((ROOT / "policies/directory/purposes/data.json").read_text("utf-8"))
    assert table(QUERYING, "purpose") == [[f"`{name}`", purpose["title"]] for name, purpose in purposes.items()]


def test_the_limits_are_those_of_the_code() -> None:
    """The page gives every limit that a client can meet, as the code has it."""
    assert {what: int(bound.replace(",", "")) for what, bound, _ in table(QUERYING, "what")} == {
        "records behind one relation": limits.LIST_LIMIT,
        "candidates of a search": POLICY.search.candidates,
        "representations in one operation": POLICY.representations,
        "fields of an operation, its fragments spread": limits.MAX_FIELDS,
        "depth of an operation, its fragments spread": limits.MAX_NESTING,
        "lexical tokens of a document": limits.MAX_TOKENS,
        "characters of a document": limits.MAX_DOCUMENT,
        "searches in one operation": limits.MAX_SEARCHES,
        "pairs of fields that answer under one name": limits.MAX_PAIRS,
        "fragments of a document": limits.MAX_FRAGMENTS,
        "operations of a document": limits.MAX_OPERATIONS,
        "values of an answer": limits.MAX_VALUES,
        "characters of an identifier": limits.MAX_IDENTIFIER,
        "characters of what is searched by": limits.MAX_NAME,
    }


def test_what_suffices_to_search_is_the_policys() -> None:
    """The page lists the combinations that suffice for a search, as far as the schema can give them."""
    words = {
        "givenName": "a given name",
        "familyName": "a family name",
        "dateOfBirth": "a date of birth",
        "postcode": "a postcode",
    }
    usable = [combination for combination in POLICY.search.combinations if combination <= words.keys()]
    lines = QUERYING.read_text("utf-8").split("## Searching")[1].split("Everything given")[0].splitlines()
    listed = [
        {name for name, said in words.items() if said in f"a {line[4:]}"} for line in lines if line.startswith("- ")
    ]
    assert listed == usable


def test_an_entry_holds_what_the_page_says() -> None:
    """The page explains every key of an audit entry and of its records, in their order."""
    record = Shown("child", "Child", "open|true|none", ("givenName",), {}, ("1",), ("1",))
    entry = Entry("r", "now", "answered", "a", Access(None, None), None, None, disclosed=(record,), shadow={})
    link, _ = chained(new_segment(), "access", {**opened(entry), "sealed": None}, SIGNING)
    encoded = orjson.loads(link.entry)
    lines = AUDIT.read_text("utf-8").split("## Reading it")[0].splitlines()
    explained = [line.split("`")[1] for line in lines if line.startswith("| `")]
    assert explained == [*encoded, *encoded["records"][0]]
