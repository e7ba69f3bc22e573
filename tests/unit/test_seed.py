"""The draws, names, families and statements that the population is made of."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID

import pytest

from seed import load
from seed.cast import CAST, cast_json
from seed.draws import age, between, fixed_id, number_from, opaque_id, weighted, years_before
from seed.duplicates import swapped
from seed.families import births, size
from seed.households import ADOPTED, LOOKED_AFTER, household
from seed.names import variant
from seed.places import PLACES, domain, landline, mobile, postcode
from seed.population import population
from seed.shape import CARES_FOR, LINKS, NODES, OF, Batch

TODAY = date(2026, 11, 24)


def draws(seed: int = 1) -> Random:
    """A source of draws that is alike in every run."""
    return Random(seed)  # noqa: S311 - nothing secret is drawn


def test_opaque_ids_are_random_uuids_fixed_by_the_seed() -> None:
    """The same seed gives the same ids, each a version 4 UUID, and ids drawn one after another are in no order."""
    one, two = draws(7), draws(7)
    ids = [opaque_id(one) for _ in range(200)]

    assert ids == [opaque_id(two) for _ in range(200)]
    assert {UUID(id_).version for id_ in ids} == {4}
    assert 60 < sum(a < b for a, b in pairwise(ids)) < 140


def test_fixed_ids_depend_on_kind_and_name_alone() -> None:
    """An id that documentation may quote never changes, and differs by kind as well as by name."""
    assert fixed_id("child", "open-child") == cast_json()["children"]["open-child"]
    assert len({fixed_id(kind, name) for kind in ("child", "account") for name in ("a", "b")}) == 4


def test_a_childs_number_uses_no_letter_that_looks_like_a_digit() -> None:
    """Numbers are three groups of four signs, without I, L, O and U."""
    number = number_from(draws().getrandbits(60))

    assert [len(group) for group in number.split("-")] == [4, 4, 4]
    assert not set("ILOU") & set(number)
    assert number_from(0) == "0000-0000-0000"
    assert number_from(2**60 - 1) == "ZZZZ-ZZZZ-ZZZZ"


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2026, 11, 24), 3, date(2023, 11, 24)),
        (date(2028, 2, 29), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 4, date(2024, 2, 29)),
    ],
)
def test_years_before_counts_whole_years(day: date, years: int, expected: date) -> None:
    """Going back some years gives the same day, or 28 February where there is no 29th."""
    assert years_before(day, years) == expected


def test_age_changes_on_the_birthday() -> None:
    """A child is a year older on the birthday itself, not the day before."""
    assert age(date(2010, 11, 24), TODAY) == 16
    assert age(date(2010, 11, 25), TODAY) == 15


def test_between_includes_both_ends() -> None:
    """Both ends of a span of days are drawn, nothing outside it, and the first where the span is empty."""
    rng = draws()
    span = {between(rng, TODAY, TODAY + timedelta(days=2)) for _ in range(100)}

    assert span == {TODAY + timedelta(days=n) for n in range(3)}
    assert between(rng, TODAY, TODAY - timedelta(days=9)) == TODAY


def test_weighted_draws_follow_the_weights() -> None:
    """An item of weight three is drawn about three times as often as one of weight one, one of no weight never."""
    rng = draws()
    drawn = Counter(weighted(rng, (("a", 3.0), ("b", 1.0), ("c", 0.0))) for _ in range(4000))

    assert drawn["c"] == 0
    assert drawn["a"] / drawn["b"] == pytest.approx(3, rel=0.15)


def test_a_variant_stays_close_to_the_name() -> None:
    """A misspelling keeps the first letter and almost the length, and spares names of two letters."""
    rng = draws()
    variants = {variant(rng, "Stephenson") for _ in range(200)}

    assert len(variants) > 10
    assert all(name[0] == "S" and abs(len(name) - len("Stephenson")) <= 2 for name in variants)
    assert variant(rng, "Wu") == "Wu"


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_births_are_of_children_under_eighteen(count: int) -> None:
    """All siblings are under 18 and born on a past day, the eldest first, months apart unless they are twins."""
    rng = draws(3)
    for _ in range(300):
        born = births(rng, count, TODAY)
        assert len(born) == count
        assert list(born) == sorted(born)
        assert all(0 <= age(birth, TODAY) < 18 and birth < TODAY for birth in born)
        assert all(gap == 0 or gap >= 250 for gap in ((b - a).days for a, b in pairwise(born[1:])))


def test_family_sizes_give_the_shares_of_children() -> None:
    """Of all children 26 % are only children, 47 % one of two, 27 % one of three or more."""
    rng = draws()
    children: Counter[int] = Counter()
    for _ in range(30_000):
        drawn = size(rng)
        children[min(drawn, 3)] += drawn

    shares = [children[n] / children.total() for n in (1, 2, 3)]
    assert shares == pytest.approx([0.26, 0.47, 0.27], abs=0.015)


def test_shields_are_rare_and_commoner_where_children_live_apart_from_parents() -> None:
    """Fewer than five families in a thousand are shielded, but many more of the looked-after and the adoptive ones."""
    rng = draws()
    seen: Counter[str] = Counter()
    shielded: Counter[str] = Counter()
    for _ in range(100_000):
        home = household(rng)
        seen[home.circumstances] += 1
        shielded[home.circumstances] += home.shielded

    assert 0.001 < shielded.total() / seen.total() < 0.005
    for circumstances in (LOOKED_AFTER, ADOPTED):
        assert shielded[circumstances] / seen[circumstances] > 5 * shielded.total() / seen.total()


def test_whoever_a_shielded_family_lives_apart_from_is_not_on_its_record() -> None:
    """Every carer of a shielded household lives in it, and it has at least one."""
    rng = draws()
    homes = [home for home in (household(rng) for _ in range(50_000)) if home.shielded]

    assert homes
    assert all(home.carers and all(carer.lives_in for carer in home.carers) for home in homes)


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (date(2015, 3, 9), date(2015, 9, 3)),
        (date(2015, 3, 13), date(2015, 3, 13)),
        (date(2026, 1, 12), date(2026, 1, 12)),
        (date(2008, 12, 1), date(2008, 12, 1)),
    ],
)
def test_a_swapped_birthday_is_still_a_childs(born: date, expected: date) -> None:
    """Day and month are exchanged only where that gives a day on which a child of today could be born."""
    assert swapped(born, TODAY) == expected


def test_places_and_telephones_are_fictitious() -> None:
    """Postcodes lie in areas that do not exist, and numbers in Ofcom's drama ranges below the cast's hundred."""
    rng = draws()
    for _ in range(200):
        assert postcode(rng, PLACES[0])[0] in "QVX"
        assert mobile(rng).startswith("07700 900")
        assert int(mobile(rng)[-3:]) < 900
        assert int(landline(rng)[-3:]) < 900
    assert all(place.area[0] in "QVX" for place in PLACES)
    assert domain("St Anne's Café (North)") == "st-annes-caf-north.example"


def test_unknown_values_are_left_out_of_a_row() -> None:
    """A property without a value is absent, so that it is absent in the graph too."""
    batch = Batch()
    batch.involvement({"id": "i", "until": None, "lead": False}, "c", "s", None)

    assert batch.nodes["Involvement"] == [{"id": "i", "lead": False}]
    assert batch.links[OF] == [{"start": "i", "end": "c"}]


def test_a_population_without_room_for_the_cast_is_refused() -> None:
    """Asking for fewer children than the cast has says how many are needed."""
    with pytest.raises(ValueError, match=f"at least {len(CAST.children)}"):
        population(3, 1, TODAY)


def test_statements_create_from_rows_and_match_by_id() -> None:
    """Each record and link is written from one parameter, with every property by name and both ends found by id."""
    assert load._node_statement("Practitioner") == (
        "UNWIND $rows AS r CREATE (:Practitioner "
        "{id: r.id, name: r.name, role: r.role, phone: r.phone, email: r.email})"
    )
    assert load._link_statement(CARES_FOR) == (
        "UNWIND $rows AS r MATCH (a:Carer {id: r.start}) MATCH (b:Child {id: r.end}) "
        "CREATE (a)-[:CARES_FOR {relationship: r.relationship, parentalResponsibility: r.parentalResponsibility}]->(b)"
    )
    assert {link.start for link in LINKS} | {link.end for link in LINKS} == set(NODES)


def test_rows_are_written_in_pieces_of_bounded_size() -> None:
    """No statement carries more rows than the limit, and none is lost."""
    rows: list[dict[str, object]] = [{"id": str(n)} for n in range(load._ROWS * 2 + 1)]
    pieces = list(load._pieces(rows))  # type: ignore[arg-type]

    assert [len(piece) for piece in pieces] == [load._ROWS, load._ROWS, 1]
    assert [row for piece in pieces for row in piece] == rows
