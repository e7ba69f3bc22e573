"""The clients: those who behave and are timed, those who send anything, and one who sends new shapes alone."""

import asyncio
import re
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import httpx
import orjson

from schema.operations import OPERATIONS
from tests.fuzz.documents import valid
from tests.fuzz.wire import hostile, send
from tests.timing.served import CAST, Served

POLITE = ("social-worker", "school-nurse", "duty-manager")
"""Who behaves: at a pace that is well within an account's allowance."""
RUDE = ("data-manager", "shielding-officer", "partner-caseworker")
_PURPOSES = {"data-manager": "data-quality"}
_PACE = 0.125
_CUT = 0.03
SHAPES = 80
"""How many new shapes are sent at least: far more than a minute's allowance."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.1 (\d\d\d) ")


@dataclass
class Statuses:
    """What was answered.

    Attributes:
        by_class: how many answers of each class of status; "none" where the connection ended without one.
        refused: how many 503 of each code.
        broken: other statuses of 500 and above, with the start of their bodies.
    """

    by_class: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def note(self, answer: bytes) -> None:
        """One answer, as it came."""
        head, _, body = answer.removeprefix(_CONTINUE).partition(b"\r\n\r\n")
        found = _STATUS.match(head)
        if found is None:
            self.by_class["none"] += 1
            return
        status = int(found[1])
        self.by_class[f"{status // 100}xx"] += 1
        if status == httpx.codes.SERVICE_UNAVAILABLE:
            self.refused[_code(body)] += 1
        elif status >= httpx.codes.INTERNAL_SERVER_ERROR:
            self.broken.append(f"{status} {body[:200]!r}")

    @property
    def sent(self) -> int:
        """How many requests were sent."""
        return self.by_class.total()


def _code(body: bytes) -> str:
    try:
        content = orjson.loads(body)
    except ValueError:
        return "unreadable"
    if content.get("status") == "not ready":
        return "not ready"
    return str(content["errors"][0]["extensions"]["code"])


async def polite(gateway: Served, persona: str, over: asyncio.Event, times: list[float]) -> None:
    """Ask about a child, eight times a second, until it is over; note how long each answer took, in milliseconds."""
    headers = gateway.headers(persona, client="portal")
    asked = {"query": OPERATIONS["child"], "variables": {"id": CAST["children"]["open-child"]}}
    due = time.perf_counter()
    async with httpx.AsyncClient(timeout=30) as client:
        while not over.is_set():
            begun = time.perf_counter()
            response = await client.post(gateway.url, json=asked, headers=headers)
            times.append((time.perf_counter() - begun) * 1000)
            if response.status_code != httpx.codes.OK:
                raise RuntimeError(f"{persona}, who behaves, was answered {response.status_code}: {response.text}")
            due = max(due + _PACE, time.perf_counter())
            await asyncio.sleep(due - time.perf_counter())


async def rude(gateway: Served, persona: str, over: asyncio.Event, statuses: Statuses, r: Random) -> None:
    """Send anything, one after another, until it is over."""
    headers = gateway.headers(persona, _PURPOSES.get(persona, "coordinate-services"), client="rude")
    while not over.is_set():
        sent, patience = hostile(r, headers).bytes(), 10.0
        if r.random() < _CUT:
            sent, patience = sent[: r.randrange(len(sent))], 0.2  # the rest never comes, and nobody waits
        elif r.random() < _CUT:
            patience = 0.02  # the client leaves before it is answered
        statuses.note(await send(gateway.port, sent, patience))


async def shaper(gateway: Served, persona: str, over: asyncio.Event, statuses: Statuses, r: Random) -> None:
    """Send nothing but valid operations that nobody has sent before, until it is over and they were enough."""
    headers = gateway.headers(persona, _PURPOSES.get(persona, "coordinate-services"), client="shaper")
    async with httpx.AsyncClient(timeout=30) as client:
        while not over.is_set() or statuses.sent < SHAPES:
            asked = orjson.dumps(valid(r, known=0.0), default=str)
            response = await client.post(gateway.url, content=asked, headers=headers)
            statuses.note(b"HTTP/1.1 %d \r\n\r\n" % response.status_code + response.content)


def p99(times: list[float]) -> float:
    """The time within which ninety-nine of a hundred were answered, in milliseconds."""
    return statistics.quantiles(times, n=100)[-1]
