"""Every route to a record shows the same of it."""

from random import Random

import orjson
import pytest
from neo4j import AsyncDriver, AsyncGraphDatabase

from gateway.engines import EngineSet
from graph.constraints import constrain
from resolvers.model import SearchRules
from tests.generative.grants import random_grants
from tests.generative.worlds import new_place
from tests.noninterference.gateway import Asking, TableDecider, gateway
from tests.noninterference.leaks import LEAKS, Leak
from tests.noninterference.routes import Walked, routes
from tests.noninterference.stage import put
from tests.noninterference.worlds import Field, closing, crowded_world

RULES = SearchRules((frozenset({"familyName", "dateOfBirth"}),), 5)


async def walked(driver: AsyncDriver, seed: int, aim: Field | None = None) -> Walked:
    """What every route shows of a random world under random grants."""
    r, found = Random(seed), Walked()  # noqa: S311 - no secrets
    world = crowded_world(r, new_place())
    table = closing(r, aim) if aim or r.random() < 0.5 else random_grants(r)
    await put(driver, world, None)
    async with gateway(driver, Asking(r.choice(world.ids("Account")), "safeguarding", TableDecider(table), RULES)) as g:
        for request in routes(world):
            seen = await g.ask(request)
            assert seen.status == 200, seen.body
            found.walk(orjson.loads(seen.body)["data"])
    return found


ONE_WAY = [leak for leak in LEAKS if "end of" in leak.name]


@pytest.mark.parametrize("leak", ONE_WAY, ids=lambda leak: leak.name)
async def test_a_link_open_from_one_end_alone_is_noticed(embedded: EngineSet, leak: Leak) -> None:
    """Where only one end of a link is asked, some route shows what another withholds."""
    engines = embedded.engines
    auth = (engines.graph_user, engines.graph_password)
    async with AsyncGraphDatabase.driver(engines.graph_uri, auth=auth, notifications_min_severity="OFF") as driver:
        await constrain(driver)
        with leak.change():
            assert any([(await walked(driver, seed, leak.aim)).one_way() for seed in range(6)])


async def test_every_route_shows_the_same(graph_driver: AsyncDriver, engine_set: EngineSet) -> None:
    """Whichever way a record is reached, its open fields, what is withheld and where it leads are the same."""
    for seed in range(20 if engine_set.engines.opa_url is None else 4):
        found = await walked(graph_driver, seed)
        assert found.differing() == [], seed
        assert found.one_way() == [], seed
        assert found.count > 0
