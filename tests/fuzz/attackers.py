"""Those who attack, each in a process of its own, so that what they draw costs nobody else's time but the machine's."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import httpx
import orjson

from tests.fuzz.documents import valid, wide
from tests.fuzz.wire import hostile, send

_CUT = 0.03
_ABREAST = 2
WINDOW = 5.0
"""For how long attackers attack, and for how long they pause then, in seconds."""
SHAPES = 80
"""How many new shapes are sent at least: far more than a minute's allowance."""
FILLING = 40
"""How many large documents each of two accounts sends: more than there is room for in the caches of documents."""
_PACE = 0.1
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

    def add(self, other: "Statuses") -> None:
        """Those of another client."""
        self.by_class += other.by_class
        self.refused += other.refused
        self.broken += other.broken

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


def pause(now: float) -> float:
    """For how many seconds attackers pause at a time, given in seconds since 1970; all processes pause together.

    So the well-behaved are timed with and without an attack in turn, on a machine that may have other work to do.
    """
    into = now % (2 * WINDOW)
    return max(0.0, 2 * WINDOW - into) if into >= WINDOW else 0.0


def fill(port: int, headers: Mapping[str, str]) -> None:
    """Send large documents, so that what the gateway holds more of later is no cache that fills."""
    with httpx.Client(timeout=30) as client:
        for number in range(FILLING):
            asked = orjson.dumps({"query": f"{wide(1_900)}#{number}"})
            response = client.post(f"http://127.0.0.1:{port}/graphql", content=asked, headers=dict(headers))
            if response.status_code not in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}:  # a machine may be busy
                raise RuntimeError(f"a document that fills the caches was answered {response.text}")


def anything(port: int, headers: Mapping[str, str], seconds: float, seed: str) -> Statuses:
    """Send anything for some seconds, two requests at a time; returns what was answered."""
    statuses, r = Statuses(), Random(seed)  # noqa: S311 - no secrets
    end = time.monotonic() + seconds

    async def attack() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(_ABREAST):
                group.create_task(_rude(port, headers, end, statuses, r))

    asyncio.run(attack())
    return statuses


async def _rude(port: int, headers: Mapping[str, str], end: float, statuses: Statuses, r: Random) -> None:
    while time.monotonic() < end:
        await asyncio.sleep(pause(time.time()))
        sent, patience = hostile(r, headers).bytes(), 10.0
        if r.random() < _CUT:
            sent, patience = sent[: r.randrange(len(sent))], 0.2  # the rest never comes, and nobody waits
        elif r.random() < _CUT:
            patience = 0.02  # the client leaves before it is answered
        statuses.note(await send(port, sent, patience))


def drawn_shapes(seed: str, seconds: float) -> list[bytes]:
    """Valid operations that nobody has sent before, enough for some seconds; drawn before, so that nobody waits."""
    r = Random(seed)  # noqa: S311 - no secrets
    return [orjson.dumps(valid(r, known=0.0)) for _ in range(max(SHAPES, round(seconds / _PACE)))]


def new_shapes(port: int, headers: Mapping[str, str], _seconds: float, drawn: list[bytes]) -> Statuses:
    """Send nothing but new shapes, ten a second."""
    statuses, due = Statuses(), time.monotonic()
    with httpx.Client(timeout=30) as client:
        for asked in drawn:
            time.sleep(pause(time.time()))
            response = client.post(f"http://127.0.0.1:{port}/graphql", content=asked, headers=dict(headers))
            statuses.note(b"HTTP/1.1 %d \r\n\r\n" % response.status_code + response.content)
            due = max(due + _PACE, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
    return statuses
