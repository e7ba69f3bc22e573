"""Two workers under load while policy changes: nobody is refused, nobody is answered by half of each, all follow."""

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import httpx
import pytest

from audit.chain import read_receipt
from audit.stream import entries
from gateway.folder import environment_of
from gateway.workbench.opa import Opa
from tests.commands import DIRECTORY, answers, environment, free_port
from tests.commands import directory as command
from tests.integration.conftest import CAST, Directory
from tests.policy.conftest import _opa  # noqa: F401 - a fixture
from tests.policy.signed import VOUCHED, Signer, empty_store
from tests.policy.test_live_opa import served

pytestmark = pytest.mark.anyio

QUERY = """query($id: ID!) { child(id: $id) { ...around involvements { child { ...around } } } }
fragment around on Child { involvements { service { phone } practitioner { phone } } }"""
"""It is read in two stages, and both see what the revisions differ in."""
CHANGE = ("roles/data.json", '"service-contact", "practitioner", "practitioner-contact", ', '"practitioner", ')
PEOPLE = ("social-worker", "school-nurse", "duty-manager", "shielding-officer")
"""Who asks; each has allowances of their own."""
CONNECTIONS = 6
SHARES = {"DIRECTORY_PLANNING_SHARE": "1", "DIRECTORY_PLANNING_ACCOUNT_SHARE": "1"}
WITHIN = 1.0
"""How long a new revision may take, in seconds."""


@dataclass
class Answer:
    """One answer.

    Attributes:
        sent: when its request was sent.
        done: when it was there.
        revision: the revision that it names.
        receipt: the name of its record.
        data: what was shown.
    """

    sent: float
    done: float
    revision: str
    receipt: str
    data: str


@dataclass
class Load:
    """Requests, one after the other on each of some connections.

    Attributes:
        port: where.
        directory: who asks.
        answers: what each connection was answered, in order.
        changed: is set whenever an answer came.
    """

    port: int
    directory: Directory
    answers: list[list[Answer]] = field(default_factory=lambda: [[] for _ in range(CONNECTIONS)])
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def connections(self, stack: AsyncExitStack) -> list[httpx.AsyncClient]:
        """Connections to both workers, as many to each, on all of which the query is known."""
        found: dict[str, list[httpx.AsyncClient]] = {}
        while sum(map(len, found.values())) < CONNECTIONS:
            one = httpx.Limits(max_connections=1, keepalive_expiry=None)
            client = await stack.enter_async_context(httpx.AsyncClient(limits=one, timeout=60))
            answer = await self._asked(client, len(found))
            async for entry in entries(self.directory.stream, last=5, follow=False):
                theirs = found.setdefault(entry["segment"], [])
                if answer and entry["receipt"] == answer.receipt and len(theirs) < CONNECTIONS // 2:
                    theirs.append(client)
                    break
            else:
                await client.aclose()  # too many of that worker, or it has the graph plan the query just now
        return [client for theirs in found.values() for client in theirs]

    async def ask(self, connection: int, client: httpx.AsyncClient) -> None:
        """Ask for ever on one connection."""
        while True:
            answer = await self._asked(client, connection)
            assert answer, "a request was refused"
            self.answers[connection].append(answer)
            async with self.changed:
                self.changed.notify_all()

    async def _asked(self, client: httpx.AsyncClient, number: int) -> Answer | None:
        """One answer; None where the form of the query is too new."""
        headers = {
            "authorization": f"Bearer {self.directory.issuer.issue(CAST['accounts'][PEOPLE[number % len(PEOPLE)]])}",
            "x-access-purpose": "coordinate-services",
            "x-access-reason": "a test",
        }
        body, sent = {"query": QUERY, "variables": {"id": CAST["children"]["open-child"]}}, time.monotonic()
        response = await client.post(f"http://127.0.0.1:{self.port}/graphql", json=body, headers=headers)
        if "SHAPE_BUSY" in response.text:
            return None
        assert response.status_code == 200, response.text
        told = response.json()
        access = told["extensions"]["access"]
        name = read_receipt(access["receipt"]).id
        return Answer(sent, time.monotonic(), access["policy"], name, json.dumps(told["data"]))

    async def until(self, revision: str) -> float:
        """Wait until each connection is answered under a revision; when the last of them asked under it first."""
        async with self.changed:
            await self.changed.wait_for(lambda: all(each and each[-1].revision == revision for each in self.answers))
        return max([*takewhile(lambda one: one.revision == revision, reversed(each))][-1].sent for each in self.answers)


@contextmanager
def serving(directory: Directory, signer: Signer, tmp_path: Path) -> Iterator[int]:
    """A gateway of two workers, and beside it an OPA server on the store where the engines are the real ones."""
    port, engines = free_port(), directory.engines.engines
    with ExitStack() as stack:
        more = {
            **environment_of(directory.folder, engines),
            "DIRECTORY_PORT": str(port),
            "DIRECTORY_DEADLINE": "50",
        } | SHARES
        if engines.opa_url:
            more["DIRECTORY_OPA_URL"] = stack.enter_context(served(signer, tmp_path))
        serve = [DIRECTORY, "serve", "--workers", "2"]
        process = stack.enter_context(subprocess.Popen(serve, env=environment(more)))  # noqa: S603 - our own words
        try:
            while not answers(port):
                assert process.poll() is None
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()


@asynccontextmanager
async def loaded(port: int, directory: Directory) -> AsyncIterator[Load]:
    """A gateway under load for the length of a block; a request that fails ends it."""
    load = Load(port, directory)
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        clients = await load.connections(stack)
        asking = [group.create_task(load.ask(number, client)) for number, client in enumerate(clients)]
        yield load
        for task in asking:
            task.cancel()


async def released(directory: Directory, *how: str) -> float:
    """Run a command that changes what is live; the moment when it has ended."""
    store = str(directory.folder / "policies")
    done = await asyncio.to_thread(command, "policy", *how, "--store", store)
    assert done.returncode == 0, done
    return time.monotonic()


async def test_two_workers_take_a_new_revision_without_dropping_a_request(
    directory: Directory, opa: Opa, tmp_path: Path
) -> None:
    """While two workers answer, a release and a way back take effect within a second, and no answer fails or mixes."""
    signer = Signer(opa, empty_store(directory.folder / "policies"))
    signer.sign("r1")
    signer.sign("r2", *CHANGE, {**VOUCHED, "base": "r1"})
    await released(directory, "activate", "r1")
    with serving(directory, signer, tmp_path) as port:
        async with loaded(port, directory) as load:
            await load.until("r1")
            changes = []
            for revision, how in (("r2", ("activate", "r2")), ("r1", ("rollback",))):
                begun, ended = time.monotonic(), await released(directory, *how)
                took = await load.until(revision) - ended
                print(f"{revision}: the last connection asked under it first {took:.3f} s after the command")  # noqa: T201
                changes.append((begun, ended, revision))
    told = [one for each in load.answers for one in each]
    late = WITHIN if directory.engines.engines.opa_url else 0.0  # in process the next request already is
    for (_, ended, revision), until in zip(changes, [changes[1][0], float("inf")], strict=True):
        assert {one.revision for one in told if ended + late <= one.sent and one.done < until} <= {revision}
    for person in range(len(PEOPLE)):
        bodies = {(one.revision, one.data) for each in load.answers[person :: len(PEOPLE)] for one in each}
        assert len(bodies) == 2, "an answer mixes revisions"
        assert {revision: '"phone": "' in data for revision, data in bodies} == {"r1": True, "r2": False}
    recorded = {each["receipt"]: each async for each in entries(directory.stream, last=len(told) + 50, follow=False)}
    assert all(recorded[one.receipt]["revision"] == one.revision for one in told)
    workers = {(recorded[one.receipt]["segment"], one.revision) for one in told}
    assert len({worker for worker, _ in workers}) == 2
    assert len(workers) == 2 * 2
