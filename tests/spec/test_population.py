"""What the population promises: alike every time, true to the field's figures, and sound."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

import pytest

from graph.names import words
from seed.cast import CAST, cast_json
from seed.draws import age
from seed.organisations import PARTNERS
from seed.population import CHUNK, population
from seed.shape import (
    AT,
    BELONGS_TO,
    BY,
    CARES_FOR,
    LINKS,
    MEMBER_OF,
    OF,
    PART_OF,
    RESIDES_IN,
    WITHIN,
    Batch,
    Link,
    Row,
)

TODAY = date(2026, 11, 24)
CHILDREN = 5000
SECOND_RECORD = "not recorded"
"""The relationship by which a second record of a child names a carer."""


def ends(batch: Batch, link: Link) -> dict[str, str]:
    """Where each start of a link leads that has at most one."""
    return {str(row["start"]): str(row["end"]) for row in batch.links[link]}


@pytest.fixture(name="everyone", scope="module")
def _everyone() -> Batch:
    return population(CHILDREN, 1, TODAY).whole()


@pytest.fixture(name="children", scope="module")
def _children(everyone: Batch) -> dict[str, Row]:
    return {str(row["id"]): row for row in everyone.nodes["Child"]}


@pytest.fixture(name="carers_of", scope="module")
def _carers_of(everyone: Batch) -> dict[str, frozenset[str]]:
    found = defaultdict(set)
    for row in everyone.links[CARES_FOR]:
        if row["relationship"] != SECOND_RECORD:
            found[str(row["end"])].add(str(row["start"]))
    return {child: frozenset(carers) for child, carers in found.items()}


def current_by_kind(batch: Batch) -> dict[str, Counter[str]]:
    """For each kind of involvement, how many current ones each child has."""
    child_of = ends(batch, OF)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in batch.nodes["Involvement"]:
        if "until" not in row:
            found[str(row["kind"])][child_of[str(row["id"])]] += 1
    return found


def shares(counts: Iterable[int], of: int, top: int) -> list[float]:
    """The shares of 0, 1, … and ``top`` or more among so many."""
    seen = Counter(min(count, top) for count in counts)
    seen[0] = of - sum(seen[n] for n in range(1, top + 1))
    return [seen[n] / of for n in range(top + 1)]


def test_the_same_size_seed_and_day_give_the_same_population() -> None:
    """Two populations that were asked for alike are equal to the last value and in the same order."""
    assert list(population(600, 42, TODAY).batches()) == list(population(600, 42, TODAY).batches())


def test_another_seed_gives_other_children() -> None:
    """Populations with different seeds share no child but the cast."""
    first, second = ({row["id"] for row in population(600, seed, TODAY).whole().nodes["Child"]} for seed in (1, 2))
    assert first & second == set(cast_json()["children"].values())


def test_there_are_exactly_as_many_children_as_asked_for(everyone: Batch) -> None:
    """The cast and second records of one child count towards the number of children."""
    assert len(everyone.nodes["Child"]) == CHILDREN
    assert len(population(9, 1, TODAY).whole().nodes["Child"]) == len(CAST.children)
    assert len(population(10, 1, TODAY).whole().nodes["Child"]) == len(CAST.children) + 1


def test_batches_stay_small() -> None:
    """No batch holds many more children than a chunk, so that memory does not grow with the population."""
    sizes = [len(batch.nodes["Child"]) for batch in population(CHILDREN, 1, TODAY).batches()]
    assert max(sizes) < CHUNK + 20


def test_every_id_is_unique(everyone: Batch) -> None:
    """No two records of whatever label share an id, and no two children a number."""
    ids = [row["id"] for rows in everyone.nodes.values() for row in rows]
    assert len(set(ids)) == len(ids)
    assert len({row["number"] for row in everyone.nodes["Child"]}) == CHILDREN


def test_a_batch_refers_to_itself_and_earlier_batches_only() -> None:
    """Whatever a link or name key refers to has been written by then, so that batches can be loaded one by one."""
    seen: dict[str, set[object]] = defaultdict(set)
    for batch in population(CHILDREN, 1, TODAY).batches():
        for label, rows in batch.nodes.items():
            seen[label].update(row["id"] for row in rows)
        for link, rows in batch.links.items():
            assert all(row["start"] in seen[link.start] and row["end"] in seen[link.end] for row in rows)
        assert all(row["child"] in seen["Child"] for row in batch.name_keys)


def test_links_that_must_be_single_are_single(everyone: Batch) -> None:
    """An involvement has one child and service, an account one practitioner and organisation, and so on."""
    single = {OF: "Involvement", AT: "Involvement", PART_OF: "Service", BELONGS_TO: "Account", MEMBER_OF: "Account"}
    for link, label in single.items():
        starts = [row["start"] for row in everyone.links[link]]
        assert sorted(map(str, starts)) == sorted(str(row["id"]) for row in everyone.nodes[label])
    assert set(everyone.links) == set(LINKS)


def test_every_child_can_be_found_by_each_of_her_names(everyone: Batch, children: dict[str, Row]) -> None:
    """Each word of each name has name keys of its own field, with the child's birthday and postcode."""
    found = defaultdict(set)
    for key in everyone.name_keys:
        child = children[str(key["child"])]
        assert key["dateOfBirth"] == child["dateOfBirth"]
        found[str(key["child"]), key["field"]].add(key["name"])
    for id_, child in children.items():
        assert found[id_, "givenName"] == set(words(str(child["givenName"])))
        assert found[id_, "familyName"] == set(words(str(child["familyName"])))


def test_children_are_children(children: dict[str, Row]) -> None:
    """Everybody is under 18 and born before today."""
    for child in children.values():
        born = date.fromisoformat(str(child["dateOfBirth"]))
        assert born < TODAY
        assert age(born, TODAY) < 18


def test_authorities_have_long_tailed_sizes(everyone: Batch) -> None:
    """Several authorities differ ten times in size, and national partners are within none of them."""
    kinds = {str(row["id"]): row["kind"] for row in everyone.nodes["Organisation"]}
    sizes = Counter(row["end"] for row in everyone.links[RESIDES_IN]).most_common()
    partners = {id_ for id_, kind in kinds.items() if kind == "NATIONAL_PARTNER"}

    assert len(sizes) == 8
    assert sizes[0][1] > 8 * sizes[-1][1]
    assert all(kinds[str(authority)] == "LOCAL_AUTHORITY" for authority, _ in sizes)
    assert len(partners) == len(PARTNERS) >= 2
    within = ends(everyone, WITHIN)
    assert set(within) == set(kinds) - partners
    assert all(kinds[authority] == "LOCAL_AUTHORITY" for authority in within.values())


def test_whoever_left_england_has_no_address_and_no_authority(everyone: Batch, children: dict[str, Row]) -> None:
    """A child who left England resides nowhere and has no current involvement; every other child has one authority."""
    resides = ends(everyone, RESIDES_IN)
    child_of = ends(everyone, OF)
    active = {child_of[str(row["id"])] for row in everyone.nodes["Involvement"] if "until" not in row}
    left = {id_ for id_, child in children.items() if child["addressState"] == "LEFT_ENGLAND"}

    assert left
    assert not left & active
    assert set(resides) == set(children) - left
    assert not any("postcode" in children[id_] or "addressLines" in children[id_] for id_ in left)


def test_family_sizes_are_the_fields(children: dict[str, Row], carers_of: dict[str, frozenset[str]]) -> None:
    """About 26 % of children are only children, 47 % one of two and 27 % one of more."""
    siblings = Counter(carers for child in carers_of for carers in carers_of[child])
    family = [max(siblings[carer] for carer in carers) for carers in carers_of.values()]

    assert shares(family, len(family), 3)[1:] == pytest.approx([0.26, 0.47, 0.27], abs=0.04)
    assert len(children) - len(family) == pytest.approx(0.03 * CHILDREN, rel=0.25)


def test_numbers_of_carers_are_the_fields(carers_of: dict[str, frozenset[str]]) -> None:
    """About 20 % of children have one carer, 65 % two and 15 % three or four."""
    counts = [len(carers) for carers in carers_of.values()]
    assert shares(counts, len(counts), 3)[1:] == pytest.approx([0.20, 0.65, 0.15], abs=0.03)
    assert max(counts) == 4


def test_numbers_of_services_are_the_fields(everyone: Batch) -> None:
    """Universal services are two or three, additional ones 70/17/8/3/2 %, and 2 to 3 % have a sensitive one."""
    kinds = current_by_kind(everyone)

    universal = shares(kinds["UNIVERSAL"].values(), CHILDREN, 4)
    assert universal[2] + universal[3] > 0.95
    assert universal[4] == 0
    additional = shares(kinds["ADDITIONAL"].values(), CHILDREN, 4)
    assert additional == pytest.approx([0.70, 0.17, 0.08, 0.03, 0.02], abs=0.015)
    assert 0.018 < len(kinds["SENSITIVE"]) / CHILDREN < 0.032


def test_sensitive_services_are_commoner_in_the_teens(everyone: Batch, children: dict[str, Row]) -> None:
    """A teenager is at least twice as likely to have a sensitive service as a younger child."""
    ages = {id_: age(date.fromisoformat(str(row["dateOfBirth"])), TODAY) for id_, row in children.items()}
    teens = Counter(years >= 13 for years in ages.values())
    seen = Counter(ages[child] >= 13 for child in current_by_kind(everyone)["SENSITIVE"])

    assert seen[True] / teens[True] > 2 * seen[False] / teens[False]


def test_most_children_with_additional_services_have_one_lead_professional(everyone: Batch) -> None:
    """About four in five have a current, named lead; nobody has two, and nobody leads without an additional service."""
    child_of, by = ends(everyone, OF), ends(everyone, BY)
    leads = [row for row in everyone.nodes["Involvement"] if row["lead"]]
    led = Counter(child_of[str(row["id"])] for row in leads)
    additional = current_by_kind(everyone)["ADDITIONAL"]

    assert set(led.values()) == {1}
    assert all(row["kind"] == "ADDITIONAL" and "until" not in row and str(row["id"]) in by for row in leads)
    assert len(led) / len(additional) == pytest.approx(0.8, abs=0.04)


def test_one_involvement_in_ten_is_over(everyone: Batch) -> None:
    """Ended involvements are about a tenth of all, and none ended before it began or in the future."""
    ended = [row for row in everyone.nodes["Involvement"] if "until" in row]
    assert all(str(row["since"]) <= str(row["until"]) <= TODAY.isoformat() for row in ended)
    assert all(str(row["since"]) <= TODAY.isoformat() for row in everyone.nodes["Involvement"])
    assert len(ended) / len(everyone.nodes["Involvement"]) == pytest.approx(0.10, abs=0.03)


def test_practitioners_work_for_the_service_that_they_act_for(everyone: Batch) -> None:
    """Whoever is named on an involvement works for that involvement's service."""
    works_for = {
        str(row["start"]): row["end"]
        for link, rows in everyone.links.items()
        if link.type == "WORKS_FOR"
        for row in rows
    }
    at = ends(everyone, AT)
    assert all(works_for[by] == at[involvement] for involvement, by in ends(everyone, BY).items())


def test_shields_are_rare_and_keep_families_together(
    everyone: Batch, children: dict[str, Row], carers_of: dict[str, frozenset[str]]
) -> None:
    """Fewer than one child in 200 is shielded, brothers and sisters mostly are too, and all of them share a carer."""
    shielded = {id_ for id_, child in children.items() if child["shielded"]}
    kept = frozenset(carer for child in shielded for carer in carers_of[child])
    relatives = {child for child, carers in carers_of.items() if carers & kept} - shielded

    assert 1 < len(shielded) < CHILDREN / 200
    assert len(relatives) < len(shielded) / 3
    seconds = {str(row["end"]) for row in everyone.links[CARES_FOR] if row["relationship"] == SECOND_RECORD}
    assert not seconds & shielded
    assert not any(row["start"] in kept and row["end"] in seconds for row in everyone.links[CARES_FOR])


def test_the_carers_of_a_shielded_child_live_with_her(
    everyone: Batch, children: dict[str, Row], carers_of: dict[str, frozenset[str]]
) -> None:
    """Nobody from whom a shielded child lives apart is on her record."""
    carers = {row["id"]: row for row in everyone.nodes["Carer"]}
    for id_, child in children.items():
        if child["shielded"]:
            assert {str(carers[carer]["postcode"]) for carer in carers_of[id_]} == {child["postcode"]}


def test_there_are_twins_and_namesakes(children: dict[str, Row]) -> None:
    """Some children share surname, birthday and address, and some their full name with a child who lives elsewhere."""
    twins = Counter((c["familyName"], c["dateOfBirth"], c.get("postcode")) for c in children.values())
    names = defaultdict(set)
    for child in children.values():
        names[child["givenName"], child["familyName"]].add(child.get("postcode"))

    assert sum(count > 1 for count in twins.values()) > CHILDREN / 500
    assert sum(len(homes) > 1 for homes in names.values()) > CHILDREN / 500
