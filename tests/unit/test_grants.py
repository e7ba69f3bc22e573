"""Grants: what a decision opens, and that nothing opens by accident."""

import json
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.grants import CLOSED, ClassGrant, Grants, class_grant, classes_of
from schema.catalogue import CATALOGUE
from tests.generative.grants import granted, random_grants

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
TYPES = st.sampled_from(sorted(CATALOGUE))
EXAMPLES = settings(max_examples=200, derandomize=True, database=None, deadline=None)


def decided(type_name: str, opened: list[str]) -> dict[str, Any]:
    """A well-formed decision about one class."""
    withheld = {name: "ROLE" for name in CATALOGUE[type_name].fields if name not in opened}
    return {"visible": True, "open": opened, "withheld": withheld, "searchable": ["familyName"], "contact": "relay"}


@EXAMPLES
@given(TYPES, st.integers(0, 2**32))
def test_open_and_withheld_are_the_whole_record(type_name: str, seed: int) -> None:
    """A well-formed decision opens what it says, and every other field of the record is withheld with a reason."""
    r, fields = Random(seed), CATALOGUE[type_name].fields  # noqa: S311 - no secrets
    opened = r.sample(fields, r.randint(0, len(fields)))
    if "involvements" not in opened and "leadProfessional" in opened:
        opened.remove("leadProfessional")
    grant = class_grant(type_name, decided(type_name, opened))
    assert grant == granted(type_name, frozenset(opened), searchable=frozenset({"familyName"}), contact="relay")


@EXAMPLES
@given(TYPES, JSON, st.sampled_from(["visible", "open", "withheld", "searchable", "contact", None]), st.booleans())
def test_a_malformed_decision_opens_nothing_more(type_name: str, wrong: Any, place: str | None, gone: bool) -> None:
    """With any part of a decision replaced or missing, at most what it still opens in so many words is open."""
    fields = CATALOGUE[type_name].fields
    decision: Any = decided(type_name, list(fields[:2]))
    if place is None:
        decision = wrong
    elif gone:
        del decision[place]
    else:
        decision[place] = wrong
    grant = class_grant(type_name, deepcopy(decision))
    assert grant.open <= set(fields)
    assert grant.open.isdisjoint(grant.withheld)
    assert not grant.visible or grant.open | set(grant.withheld) == set(fields)
    said = decision.get("open") if isinstance(decision, dict) else None
    assert grant.open <= set(filter(lambda name: isinstance(name, str), said if isinstance(said, list) else ()))
    agreed = isinstance(decision, dict) and decision.get("visible") is True
    if not agreed or (place in {"visible", "open", "withheld", "searchable"} and gone):
        assert grant == CLOSED


@EXAMPLES
@given(TYPES, JSON.filter(lambda wrong: not isinstance(wrong, list)))
def test_only_lists_and_objects_of_the_agreed_kind_open(type_name: str, wrong: Any) -> None:
    """Where a list or an object is agreed and something else stands, the whole class is closed."""
    for place in ("open", "searchable"):
        assert class_grant(type_name, {**decided(type_name, ["name"]), place: wrong}) == CLOSED
    if not isinstance(wrong, dict):
        assert class_grant(type_name, {**decided(type_name, ["name"]), "withheld": wrong}) == CLOSED


def test_names_in_lists_are_text() -> None:
    """A list of open or searchable fields with anything but text in it closes the class."""
    wrongs: tuple[object, ...] = ([], {}, 1, None, True)
    for wrong in wrongs:
        for place in ("open", "searchable"):
            assert class_grant("Child", {**decided("Child", ["number"]), place: ["number", wrong]}) == CLOSED


def test_a_lead_professional_is_withheld_with_the_involvements() -> None:
    """Whoever may not see a child's involvements may not see who leads, and is told so for the same reason."""
    told = decided("Child", ["number", "leadProfessional"])
    told["withheld"]["involvements"] = "SHIELDED"
    grant = class_grant("Child", told)
    assert grant.open == {"number"}
    assert grant.withheld["leadProfessional"] == "SHIELDED"


def test_withheld_wins() -> None:
    """A field that a decision both opens and withholds is withheld."""
    grant = class_grant("Child", {**decided("Child", ["number", "gender"]), "withheld": {"gender": "SHIELDED"}})
    assert grant.open == {"number"}
    assert grant.withheld["gender"] == "SHIELDED"


def test_a_truthy_visible_is_not_visible() -> None:
    """A class is visible only where the decision says exactly true."""
    for claim in ("true", 1, [True], {"visible": True}, None):
        assert class_grant("Child", {**decided("Child", ["number"]), "visible": claim}) == CLOSED


def test_an_unknown_class_is_closed() -> None:
    """A type or a class that the decision does not mention opens nothing."""
    grants = Grants("r", {"Child": {"a": granted("Child", frozenset({"number"}))}})
    assert grants.of("Child", "b") == grants.of("Carer", "a") == CLOSED
    assert grants.bits("Carer", frozenset()) == {}
    assert set(grants.bits("Child", frozenset())) == {"a"}


@EXAMPLES
@given(st.integers(0, 2**32), st.booleans())
def test_bits_stand_where_the_catalogue_says(seed: int, search: bool) -> None:
    """Bit 0 is visibility, then each field where it is open, then each value where it is open and wanted."""
    r = Random(seed)  # noqa: S311 - no secrets
    grants = Grants("r", random_grants(r))
    for type_name, record in CATALOGUE.items():
        wanted = frozenset(r.sample(record.values, r.randint(0, len(record.values))))
        for key, bits in grants.bits(type_name, wanted, search=search).items():
            grant = grants.of(type_name, key)
            assert len(bits) == 1 + len(record.fields) + len(record.values)
            assert (bits[0] == "1") == grant.visible
            for name in record.fields:
                assert (bits[record.open_bit[name]] == "1") == (name in grant.open and found(grant, name, search))
            for name in record.values:
                assert (bits[record.show_bit[name]] == "1") == (name in grant.open and name in wanted)


def found(grant: ClassGrant, name: str, search: bool) -> bool:
    """Whether a search may match a field: a name or date where it is searchable, an address where its postcode is."""
    matched = {"address": "postcode"}.get(name, name)
    return not search or name not in _MATCHED or matched in grant.searchable


_MATCHED = {"givenName", "familyName", "formerNames", "dateOfBirth", "address"}


def test_what_is_invisible_has_no_bit() -> None:
    """A class that is not visible has no bits, even where its grant claims open fields."""
    claim = ClassGrant(False, frozenset({"number"}), {}, frozenset(), None)
    assert Grants("r", {"Child": {"a": claim}}).bits("Child", frozenset({"number"})) == {}


def test_classes_are_the_product_of_the_domains() -> None:
    """Each combination of attribute values is one class, keyed by the values in the vocabulary's order."""
    domains = [{"name": "b", "domain": ["x", "y"]}, {"name": "a", "domain": ["1"]}]
    classes = classes_of({"types": {"T": {"attributes": domains}, "U": {"attributes": []}}})
    assert json.loads(json.dumps({name: dict(keys) for name, keys in classes.items()})) == {
        "T": {"x|1": {"b": "x", "a": "1"}, "y|1": {"b": "y", "a": "1"}},
        "U": {"": {}},
    }


def test_what_is_kept_is_made_once_and_bounded() -> None:
    """What follows from grants is made once for a key, and however many keys there are, no more than a few are kept."""
    grants = Grants("r", {})
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [grants.kept(key, make) for key in (0, 0, *range(2000))] == [0, 0, *range(2000)]
    assert len(grants._maps) <= 32
