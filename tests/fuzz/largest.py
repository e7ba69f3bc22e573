"""How long the largest operations take that are accepted at all."""

import time

import httpx

from resolvers.limits import MAX_NESTING
from tests.fuzz.documents import nested, wide
from tests.timing.served import Served

LARGEST = {
    "2,000 fields through two spreads": wide(1998),
    f"{MAX_NESTING} levels of carers and children": nested(MAX_NESTING - 2),
}
"""Operations that one field, or one level, more would have refused."""


def largest(gateway: Served) -> dict[str, tuple[float, float]]:
    """For each, how long the first answer and the next one take, in milliseconds.

    Raises:
        RuntimeError: one is not answered.
    """
    headers = gateway.headers("duty-manager", "safeguarding", client="largest")
    found = {}
    with httpx.Client(timeout=60) as client:
        for name, text in LARGEST.items():
            times = []
            for _ in range(2):
                begun = time.perf_counter()
                response = client.post(gateway.url, json={"query": text}, headers=headers)
                times.append((time.perf_counter() - begun) * 1000)
                if response.status_code != httpx.codes.OK or "errors" in response.json():
                    raise RuntimeError(f"{name}: {response.status_code} {response.text[:300]}")
            found[name] = (times[0], times[1])
    return found
