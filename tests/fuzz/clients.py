"""The clients who behave, and are timed."""

import asyncio
import statistics
import time

import httpx

from schema.operations import OPERATIONS
from tests.timing.served import CAST, Served

POLITE = ("social-worker", "school-nurse", "duty-manager")
"""Who behaves: at a pace that is well within an account's allowance."""
_PACE = 0.125


async def polite(gateway: Served, persona: str, over: asyncio.Event, times: list[tuple[float, float]]) -> None:
    """Ask about a child, eight times a second, until it is over; note when, and how long each answer took, in ms."""
    headers = gateway.headers(persona, client="portal")
    asked = {"query": OPERATIONS["child"], "variables": {"id": CAST["children"]["open-child"]}}
    due = time.perf_counter()
    async with httpx.AsyncClient(timeout=30) as client:
        while not over.is_set():
            at, begun = time.time(), time.perf_counter()
            response = await client.post(gateway.url, json=asked, headers=headers)
            times.append((at, (time.perf_counter() - begun) * 1000))
            if response.status_code != httpx.codes.OK:
                raise RuntimeError(f"{persona}, who behaves, was answered {response.status_code}: {response.text}")
            due = max(due + _PACE, time.perf_counter())
            await asyncio.sleep(due - time.perf_counter())


def p99(times: list[float]) -> float:
    """The time within which ninety-nine of a hundred were answered, in milliseconds."""
    return statistics.quantiles(times, n=100)[-1]
