"""Under the real policies, facts that are withheld decide nothing but what the list of releases names."""

from random import Random

import orjson
from neo4j import AsyncDriver

from gateway.engines import EngineSet
from gateway.policy.files import read_policies
from gateway.policy.rego import RegoDecider
from tests.conftest import POLICIES
from tests.generative.worlds import TODAY, new_place
from tests.judge.classes import principal_of
from tests.noninterference.asking import Request
from tests.noninterference.gateway import gateway
from tests.noninterference.releases import Releases
from tests.noninterference.stage import put
from tests.noninterference.trials import Remembered, decided
from tests.noninterference.variants import Variants
from tests.noninterference.worlds import crowded_world

FILES = read_policies(POLICIES)
PARTNER = ("partner-caseworker", "coordinate-services")


async def test_only_releases_depend_on_what_is_withheld() -> None:
    """A change of withheld facts alone changes a grant only through an attribute on the policy's list."""
    policy, releases = Remembered(RegoDecider(FILES)), Releases()
    for seed in range(150):
        r, place = Random(seed), new_place()  # noqa: S311 - no secrets
        world = crowded_world(r, place)
        asking, table = await decided(policy, FILES.search, world, r)
        drawing = Variants(world, principal_of(world, asking.account, TODAY), table, place, r)
        drawing.draw(25)
        releases.explain(drawing.shown, table)
    assert releases.unlisted == []
    assert {"Child.shielding=protected", "Carer.shielding=protected", "Child.local"} <= releases.used.keys()


async def test_an_involvement_of_unknown_kind_opens_nothing(graph_driver: AsyncDriver, engine_set: EngineSet) -> None:  # noqa: ARG001
    """Whoever may see an address only when tied to its child is not tied by an involvement that nobody may see."""
    r, place = Random(1), new_place()  # noqa: S311 - no secrets
    world = crowded_world(r, place)
    asking, _ = await decided(RegoDecider(FILES), FILES.search, world, r, PARTNER)
    me = principal_of(world, asking.account, TODAY)
    child = world.add("Child", f"{place.number}-lone", shielded=False, postcode=place.postcodes[0])
    for number, kind in enumerate((None, "OTHER")):
        own = world.add("Involvement", f"{place.number}-own{number}", kind=kind)
        world.link("OF", own, child)
        world.link("BY", own, me.practitioner)
    await put(graph_driver, world, None)
    query = "query ($id: ID!) { child(id: $id) { id address { postcode } access { withheld { field reason } } } }"
    async with gateway(graph_driver, asking) as served:
        seen = await served.ask(Request("address", {"query": query, "variables": {"id": child}}))
    access = {"withheld": [{"field": "address", "reason": "UNRELATED"}]}
    assert orjson.loads(seen.body)["data"]["child"] == {"id": child, "address": None, "access": access}
