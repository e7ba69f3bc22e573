"""Clients that ask without end, and keep every receipt that they were given."""

import asyncio
import random
import re
from dataclasses import dataclass, field

import httpx

from audit.chain import Receipt, read_receipt
from seed.cast import cast_json
from tests.kills.site import Site

CLIENTS = 8
_CAST = cast_json()
_RECEIPT = re.compile(r"[0-9a-f]{32}\.[\w-]{43}\.[\w-]{86}")
_FIELDS = "givenName involvements { kind service { name phone } practitioner { name } } carers { relationship }"


@dataclass
class Kept:
    """What clients were given.

    Attributes:
        receipts: the receipts of all answers, refusals included.
        answered: how many of them came with data.
        unanswered: how many requests got nothing, or a refusal without a receipt.
        came: is set by each answer with data.
    """

    receipts: list[Receipt] = field(default_factory=list)
    answered: int = 0
    unanswered: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, response: httpx.Response) -> None:
        """Keep the receipt of a response."""
        found = _RECEIPT.search(response.text)
        if found is None:
            self.unanswered += 1
            return
        self.receipts.append(read_receipt(found[0]))
        if response.status_code == httpx.codes.OK:
            self.answered += 1
            self.came.set()


async def ask_without_end(site: Site, kept: Kept) -> None:
    """Ask as several clients at once, until cancelled."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.port}", timeout=10) as client:
        await asyncio.gather(*(_client(site, client, kept) for _ in range(CLIENTS)))


async def _client(site: Site, client: httpx.AsyncClient, kept: Kept) -> None:
    """One client: most often a social worker who may ask, now and then somebody who may not."""
    people = {
        name: site.issuer.issue(_CAST["accounts"][name], seconds=24 * 3600) for name in ("social-worker", "auditor")
    }
    children = list(_CAST["children"].values())
    while True:
        persona = random.choices(list(people), weights=[9, 1])[0]  # noqa: S311 - a mixture, and no secret
        query = f'{{ child(id: "{random.choice(children)}") {{ {_FIELDS} }} }}'  # noqa: S311 - as above
        headers = {
            "authorization": f"Bearer {people[persona]}",
            "x-access-purpose": "coordinate-services",
            "x-access-reason": "team around the child meeting",
        }
        try:
            kept.take(await client.post("/graphql", json={"query": query}, headers=headers))
        except httpx.TransportError:
            kept.unanswered += 1
            await asyncio.sleep(0.02)  # a client whose connection was refused comes again
