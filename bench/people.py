"""The population that every target answers from: the seed's, with enough accounts for no allowance to be touched."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from gateway.demo import SEED
from seed.draws import fixed_id
from seed.organisations import organisation_id, organisations
from seed.places import PLACES
from seed.population import Population
from seed.shape import Batch, Row
from seed.staff import account, add_account

ACCOUNTS = 400
"""Who asks, in turn: an account may ask for 600 records in a minute, so these may ask for 4,000 in a second."""


DAYS = 20
"""On how many different days they were trained: policy is asked about each once, and a worker remembers it."""
NEWCOMERS = 60
"""More accounts, each trained on a day of its own: of them nothing is remembered before they first ask."""


@dataclass(frozen=True, slots=True)
class Asker:
    """An account that asks.

    Attributes:
        id: the account.
        practitioner: whose it is.
    """

    id: str
    practitioner: str


@dataclass(frozen=True)
class Peopled(Population):
    """A population whose councils have that many more social workers with an account, trained on different days."""

    def batches(self) -> Iterator[Batch]:
        """The population's own batches, and then the accounts."""
        yield from super().batches()
        yield self.askers()

    def askers(self) -> Batch:
        """The accounts that ask, each with its practitioner, in the councils of the population."""
        batch, councils = Batch(), [organisation_id(organisations(place).council) for place in PLACES]
        for number, asker in enumerate((*ASKERS, *NEW)):
            about: Row = {"id": asker.practitioner, "name": f"Asker {number}", "role": "Social worker"}
            batch.node("Practitioner", {**about, "phone": "020 7946 0999", "email": f"asker-{number}@council.example"})
            day = (
                self.today - timedelta(days=number % DAYS if number < ACCOUNTS else number - ACCOUNTS + DAYS)
            ).isoformat()
            facts = account(asker.id, "social-worker", self.today, trainedOn=day, vettedOn=day, agreementSignedOn=day)
            add_account(batch, facts, asker.practitioner, councils[number % len(councils)])
        return batch


def _asker(number: int) -> Asker:
    return Asker(fixed_id("account", f"asker {number}"), fixed_id("practitioner", f"asker {number}"))


ASKERS = tuple(map(_asker, range(ACCOUNTS)))
NEW = tuple(map(_asker, range(ACCOUNTS, ACCOUNTS + NEWCOMERS)))


def peopled(children: int) -> Peopled:
    """The population of a size, as of today."""
    return Peopled(children, SEED, datetime.now(UTC).date())


def turns(children: int, count: int) -> Iterator[tuple[int, Asker]]:
    """Which child each request asks about, and who asks: each in a shuffled order of its own."""
    rng = Random(SEED)  # noqa: S311 - invented people need no secrecy
    orders = [rng.sample(range(size), size) for size in (children, ACCOUNTS)]
    for number in range(count):
        yield orders[0][number % children], ASKERS[orders[1][number % ACCOUNTS]]
