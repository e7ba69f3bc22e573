"""What the cast promises: the same in every population, each persona as its story says, each secret in one place."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from graph.names import words
from seed.cast import CAST, SEALED_MARKERS, SENSITIVE_MARKERS, SHIELDED_IDS, SHIELDED_MARKERS, cast_batch, cast_json
from seed.draws import age, years_before
from seed.population import population
from seed.shape import AT, BY, CARES_FOR, OF, Batch, Link, Row

TODAY = date(2026, 11, 24)
CHILDREN = 5000


def ends(batch: Batch, link: Link) -> dict[str, str]:
    """Where each start of a link leads that has at most one."""
    return {str(row["start"]): str(row["end"]) for row in batch.links[link]}


def values(row: Row) -> Iterator[str]:
    """Every string in a row, list items included."""
    for value in row.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from value


@pytest.fixture(name="everyone", scope="module")
def _everyone() -> Batch:
    return population(CHILDREN, 1, TODAY).whole()


@pytest.fixture(name="children", scope="module")
def _children(everyone: Batch) -> dict[str, Row]:
    return {str(row["id"]): row for row in everyone.nodes["Child"]}


def carers_of(batch: Batch, child: str) -> set[str]:
    """The ids of a child's carers."""
    return {str(row["start"]) for row in batch.links[CARES_FOR] if row["end"] == child}


def test_the_cast_is_the_same_in_every_population() -> None:
    """Every record of the cast is found unchanged, whatever the size and the seed."""
    cast = cast_batch(TODAY)
    for children, seed in ((9, 1), (700, 5)):
        everyone = population(children, seed, TODAY).whole()
        for label, rows in cast.nodes.items():
            found = {row["id"]: row for row in everyone.nodes[label]}
            assert all(found[row["id"]] == row for row in rows)
        for link, rows in cast.links.items():
            assert all(row in everyone.links[link] for row in rows)


def test_the_cast_depends_on_the_day_in_dates_alone() -> None:
    """Another day changes the accounts' dates and the child who turns 18, and nothing else of the cast."""
    now, later = cast_batch(TODAY), cast_batch(TODAY + timedelta(days=500))
    turning = cast_json()["children"]["turning-18"]
    his = {row["start"] for row in now.links[OF] if row["end"] == turning}
    for label in now.nodes:
        changed = {a["id"] for a, b in zip(now.nodes[label], later.nodes[label], strict=True) if a != b}
        assert label == "Account" or changed <= {turning, *his}
    assert now.links == later.links


def test_cast_names_are_unique_and_their_ids_resolve(everyone: Batch, children: dict[str, Row]) -> None:
    """Each persona has an account or a child of its own, and one line of story."""
    cast = cast_json()
    accounts = {row["id"] for row in everyone.nodes["Account"]}
    assert set(cast["accounts"].values()) <= accounts
    assert set(cast["children"].values()) <= set(children)
    personas = (*CAST.accounts, *CAST.children)
    assert len({persona.name for persona in personas}) == len(personas)
    assert all(persona.story and "\n" not in persona.story for persona in personas)


def test_cast_accounts_are_in_order_but_for_the_two_that_are_not(everyone: Batch) -> None:
    """Vetting is a year old, or three years and a day for lapsed-vetting; only suspended is suspended."""
    names = {id_: name for name, id_ in cast_json()["accounts"].items()}
    for row in everyone.nodes["Account"]:
        name = names.get(str(row["id"]))
        if name is not None:
            lapsed = years_before(TODAY, 3) - timedelta(days=1)
            assert row["vettedOn"] == (lapsed if name == "lapsed-vetting" else years_before(TODAY, 1)).isoformat()
            assert row["trainedOn"] == years_before(TODAY, 1).isoformat()
            assert row["suspended"] is (name == "suspended")


def test_half_sibling_shares_a_carer_with_shielded_child(everyone: Batch, children: dict[str, Row]) -> None:
    """The two children have one carer in common, and only one of them is shielded."""
    cast = cast_json()["children"]
    assert len(carers_of(everyone, cast["half-sibling"]) & carers_of(everyone, cast["shielded-child"])) == 1
    assert children[cast["shielded-child"]]["shielded"] is True
    assert children[cast["half-sibling"]]["shielded"] is False


def test_turning_18_is_about_to(children: dict[str, Row]) -> None:
    """The child who leaves the directory turns 18 in three weeks."""
    born = date.fromisoformat(str(children[cast_json()["children"]["turning-18"]]["dateOfBirth"]))
    assert age(born, TODAY + timedelta(weeks=3) - timedelta(days=1)) == 17
    assert age(born, TODAY + timedelta(weeks=3)) == 18


Holders = list[tuple[str, str]]
"""For each record, and for each link and name key, the id of whom it is about, and all its text."""


@pytest.fixture(name="texts", scope="module")
def _texts(everyone: Batch) -> Holders:
    found = [("id", row) for rows in everyone.nodes.values() for row in rows]
    found += [("start", row) for rows in everyone.links.values() for row in rows]
    found += [("child", row) for row in everyone.name_keys]
    return [(str(row[owner]), "\n".join(values(row))) for owner, row in found]


def holders(texts: Holders, marker: str) -> set[str]:
    """The ids of whomever a marker is found on."""
    return {owner for owner, text in texts if marker in text}


def test_shielded_markers_occur_only_where_they_should(everyone: Batch, texts: Holders) -> None:
    """Each marker is on a record of the shielded family or of what only it uses, and on no other."""
    cast = cast_json()["children"]
    carers = carers_of(everyone, cast["shielded-child"]) | carers_of(everyone, cast["half-sibling"])
    allowed = {cast["shielded-child"], cast["half-sibling"], *carers, *SHIELDED_IDS}
    for marker in SHIELDED_MARKERS:
        found = holders(texts, marker)
        assert found, marker
        assert found <= allowed, marker


def test_only_the_shielded_family_uses_what_the_shielded_ids_name(everyone: Batch) -> None:
    """The services and practitioners that would give the family away work with no other child."""
    cast = cast_json()["children"]
    child_of = ends(everyone, OF)
    for link in (AT, BY):
        users = {child_of[start] for start, end in ends(everyone, link).items() if end in SHIELDED_IDS}
        assert users == {cast["shielded-child"], cast["half-sibling"]}
    ids = {str(row["id"]) for rows in everyone.nodes.values() for row in rows}
    assert set(SHIELDED_IDS) <= ids


def test_sensitive_markers_name_one_service_and_one_practitioner(texts: Holders) -> None:
    """Each marker of the sensitive service is on its own record or its practitioner's."""
    owners = {holder for marker in SENSITIVE_MARKERS for holder in holders(texts, marker)}
    assert all(holders(texts, marker) for marker in SENSITIVE_MARKERS)
    assert len(owners) == 2


def test_sealed_names_are_former_names_and_nothing_else(everyone: Batch, texts: Holders) -> None:
    """The adopted child's birth names are in her former names alone, and her name keys for them say so."""
    adopted = cast_json()["children"]["adopted-child"]
    for marker in SEALED_MARKERS:
        assert holders(texts, marker) == {adopted}
        keys = [key for key in everyone.name_keys if key["name"] in words(marker) and key["child"] == adopted]
        assert keys
        assert {key["field"] for key in keys} == {"formerNames"}


def test_the_documentation_names_the_whole_cast_with_its_ids() -> None:
    """The page on the population has a line for each persona, with its id and its story."""
    lines = (Path(__file__).parents[2] / "docs" / "population.md").read_text(encoding="utf-8").splitlines()
    for persona in (*CAST.accounts, *CAST.children):
        assert any(
            line.startswith(f"| `{persona.name}` | `{persona.id}` |") and persona.story in line for line in lines
        )
