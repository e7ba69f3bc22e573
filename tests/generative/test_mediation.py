"""Of two people together each sees only what both may: on any graph, under any two sets of grants, in any operation."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from neo4j import AsyncDriver

from gateway.engines import EngineSet
from resolvers.model import Entry, SearchRules
from tests.generative.grants import random_grants
from tests.generative.harness import ATTRIBUTES, Case, agree
from tests.generative.operations import Drawn, bind, draw_operation
from tests.generative.profile import examples
from tests.generative.worlds import new_place, random_world
from tests.judge.world import store

SEEDS = st.integers(0, 2**32 - 1)
POOL = tuple(draw_operation(Random(seed), most=6) for seed in range(2))  # noqa: S311 - no secrets
RULES = SearchRules((frozenset({"familyName", "dateOfBirth"}), frozenset({"familyName", "postcode"})), 500)
"""So many candidates that none is left out: that there are too many for one person says nothing of another."""


def draw(engine_set: EngineSet, r: Random) -> Drawn:
    """An operation: on Neo4j, which takes long to plan, one of a few."""
    return draw_operation(r, most=9) if engine_set.engines.opa_url is None else r.choice(POOL)


def shown(entry: Entry) -> set[tuple[str, str, str, str]]:
    """Every field of every record that was shown, but for whom a ranking put first of several."""
    return {
        (each.path, each.type, record_id, name)
        for each in entry.disclosed
        for record_id in each.ids
        for name in each.shown
        if "leadProfessional" not in each.path
    }


@examples(quick=12)
@given(made=SEEDS, asked=SEEDS)
async def test_a_mediated_answer_is_the_judges(
    engine_set: EngineSet, graph_driver: AsyncDriver, made: int, asked: int
) -> None:
    """Answer and record of a mediated request are what the judge says, who works out each person's classes alone."""
    place, r = new_place(), Random(asked)  # noqa: S311 - no secrets
    world = random_world(Random(made), place)  # noqa: S311 - no secrets
    if len(world.ids("Account")) < 2:
        return
    await store(graph_driver, world)
    drawn = draw(engine_set, r)
    one, two = r.sample(world.ids("Account"), 2)
    given_variables = bind(drawn, world, place, r)
    case = Case(world, one, random_grants(r), drawn.text, given_variables, other=two, theirs=random_grants(r))
    await agree(graph_driver, case)


@examples(quick=12)
@given(made=SEEDS, asked=SEEDS)
async def test_mediation_opens_no_more_than_either_alone(
    engine_set: EngineSet, graph_driver: AsyncDriver, made: int, asked: int
) -> None:
    """Whatever a mediated request shows, each of the two is shown by themselves; and in either order the same."""
    place, r = new_place(), Random(asked)  # noqa: S311 - no secrets
    world = random_world(Random(made), place)  # noqa: S311 - no secrets
    if len(world.ids("Account")) < 2:
        return
    await store(graph_driver, world)
    drawn = draw(engine_set, r)
    one, two = r.sample(world.ids("Account"), 2)
    mine, theirs = random_grants(r), random_grants(r)
    variables = bind(drawn, world, place, r)
    alone = Case(world, one, mine, drawn.text, variables, RULES)
    other = replace(alone, account=two, table=theirs)
    _, first = await alone.answer(graph_driver)
    _, second = await other.answer(graph_driver)
    _, together = await replace(alone, other=two, theirs=theirs).answer(graph_driver)
    _, turned = await replace(other, other=one, theirs=mine).answer(graph_driver)
    assert shown(together) <= shown(first) & shown(second)
    assert shown(together) == shown(turned)
    for each in together.disclosed:
        parts = [part.partition("&") for part in each.class_key.split("|")]
        assert len(parts) == max(1, len(ATTRIBUTES[each.type]))
        assert set(each.shown) <= mine[each.type]["|".join(one for one, _, _ in parts)].open
        assert set(each.shown) <= theirs[each.type]["|".join(two or one for one, _, two in parts)].open


def test_the_worlds_hold_two_people() -> None:
    """The worlds that are tried hold two accounts often enough to say something."""
    worlds = [random_world(Random(seed), new_place()) for seed in range(40)]  # noqa: S311 - no secrets
    assert sum(len(world.ids("Account")) > 1 for world in worlds) > 20
