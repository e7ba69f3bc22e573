"""How long the largest operations take that are accepted at all."""

import time
from dataclasses import dataclass

import httpx

from resolvers.limits import MAX_FIELDS, MAX_NESTING
from tests.fuzz.documents import nested, wide
from tests.timing.served import Served

LARGEST = {
    f"{MAX_FIELDS:,} fields through two spreads": wide(MAX_FIELDS - 2),
    f"{MAX_NESTING} levels of carers and children": nested(MAX_NESTING - 2),
}
"""Operations that one field, or one level, more would have refused."""
_ASKING = ("duty-manager", "social-worker")
"""Who asks for each: an account rests for long from what it had planned, and attackers have no documents left."""


@dataclass(frozen=True)
class Taken:
    """One answer: its status, the code of its refusal if it is one, and how long it took, in milliseconds."""

    status: int
    code: str | None
    milliseconds: float

    def __str__(self) -> str:
        return f"{self.code or 'answered'} in {self.milliseconds:,.0f} ms"


def largest(gateway: Served) -> dict[str, tuple[Taken, Taken]]:
    """For each, the first answer and the next one, when its statements are known."""
    found = {}
    with httpx.Client(timeout=60) as client:
        for persona, (name, text) in zip(_ASKING, LARGEST.items(), strict=True):
            headers = gateway.headers(persona, "safeguarding", client="largest")
            found[name] = (_asked(client, gateway, text, headers), _asked(client, gateway, text, headers))
    return found


def _asked(client: httpx.Client, gateway: Served, text: str, headers: dict[str, str]) -> Taken:
    begun = time.perf_counter()
    response = client.post(gateway.url, json={"query": text}, headers=headers)
    milliseconds = (time.perf_counter() - begun) * 1000
    content = response.json()
    code = content["errors"][0]["extensions"]["code"] if "errors" in content else None
    if code == "SHAPE_BUSY":  # the graph rests from the operation before: it says for how long
        time.sleep(float(response.headers["retry-after"]))
        return _asked(client, gateway, text, headers)
    return Taken(response.status_code, code, milliseconds)
