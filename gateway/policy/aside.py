"""Decisions aside: a candidate policy in a process of its own, so that nothing it does can touch the gateway.

It runs at low priority, with bounded memory, and bounded time for each question; where it dies it is begun again, a few
times. It reads a question a line and writes a decision a line, and ends with the gateway that began it.
"""

import asyncio
import json
import logging
import os
import resource
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from gateway.aside import begun
from gateway.policy.files import PolicyError, PolicyFiles
from gateway.policy.rego import RegoDecider
from resolvers.ports import Verdict
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)
SECONDS = 1
"""How much time of the processor one question may take, in seconds."""
PATIENCE = 30.0
"""How long one answer may take altogether, in seconds; what takes no time of the processor is ended by this alone."""
_MEMORY = 4 * 1024**3
"""How much address space the process may take once rego-cpp is loaded, in bytes."""
_DEATHS = 3
"""After how many deaths in a row it is given up."""
_LONGEST = 16 * 1024 * 1024


class Aside:
    """Decides in another process, one question at a time.

    Args:
        policies: the rules and tables.
        patience: how long one answer may take, in seconds.
    """

    def __init__(self, policies: PolicyFiles, patience: float = PATIENCE) -> None:
        self._policies, self._patience, self._lock = policies, patience, asyncio.Lock()
        self._process: Process | None = None
        self._deaths = 0

    async def revision(self) -> str:
        """The candidate's revision."""
        return self._policies.revision

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """Ask the one entrypoint.

        Raises:
            Refusal: there is no decision: the rules gave none, or the process died or took too long.
        """
        async with self._lock:
            decision = None
            if self._deaths < _DEATHS:
                try:
                    async with asyncio.timeout(self._patience):
                        decision = await self._asked(question)
                    self._deaths = 0
                except (OSError, ValueError, TimeoutError) as error:
                    await self._died(error)
                except BaseException:
                    await self._end()  # whoever asked has gone, and the answer would be taken for the next one's
                    raise
        if not isinstance(decision, dict):
            raise Refusal("POLICY_UNAVAILABLE")
        return Verdict(decision, self._policies.revision)

    async def aclose(self) -> None:
        """End the process."""
        self._deaths = _DEATHS
        await self._end()

    async def _asked(self, question: Mapping[str, Any]) -> Any:
        if self._process is None:
            self._process = await begun(__name__, longest=_LONGEST)
            await self._sent({"modules": dict(self._policies.modules), "data": dict(self._policies.data)})
        return await self._sent(question)

    async def _sent(self, told: Mapping[str, Any]) -> Any:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise ConnectionError  # it was ended meanwhile
        process.stdin.write(json.dumps(told).encode() + b"\n")
        await process.stdin.drain()
        return json.loads(await process.stdout.readline())  # nothing, where it has died, is no JSON

    async def _died(self, error: Exception) -> None:
        await self._end()
        self._deaths += 1
        _log.error("policy: the candidate does not answer: %s", type(error).__name__)
        if self._deaths == _DEATHS:
            _log.error("policy: revision %s is no longer asked beside the one in force", self._policies.revision)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None and process.stdout is not None:
            with suppress(ProcessLookupError):
                process.kill()
            process.stdin.close()
            await process.stdout.read()
            await process.wait()


def answer(lines: Iterable[str], out: TextIO, before_each: Callable[[], object] = lambda: None) -> None:
    """Answer questions until there are none: the first line is the policy, each other one a question.

    Args:
        lines: what is asked, as JSON.
        out: where to write what is decided, as JSON; null where there is no decision.
        before_each: called before anything is worked out.
    """
    decider: RegoDecider | None = None
    for line in lines:
        before_each()
        told, said = json.loads(line), None
        if decider is None:
            decider = RegoDecider(PolicyFiles(Path(), "", told["modules"], told["data"]))
        else:
            with suppress(Refusal):
                said = decider.ask(told)
        out.write(json.dumps(said) + "\n")
        out.flush()


def bound() -> None:
    """Allow this process so much time from now, at the end of which the system kills it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _taken() -> int:
    """How much address space this process has already, in bytes; most of it is reserved by rego-cpp and not used."""
    told = Path("/proc/self/statm")
    return int(told.read_text("ascii").split()[0]) * resource.getpagesize() if told.exists() else 0


if __name__ == "__main__":
    os.nice(10)
    import_module("regopy")  # it reserves more address space than it may use, and its time is no question's
    most = _taken() + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(PolicyError):
        answer(sys.stdin, sys.stdout, bound)
