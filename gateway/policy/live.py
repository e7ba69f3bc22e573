"""The policy in force, which may change while requests are under way.

All that depends on a policy revision is one pipeline of its own. A request takes the pipeline in force and keeps it to
its end, so no operation mixes two revisions, and none is dropped when the revision changes.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from gateway.meter import Meter
from gateway.policy.files import PolicyError, PolicyFiles
from gateway.policy.opa import LEASE, OpaDecider
from gateway.policy.rego import RegoDecider
from gateway.policy.store import Store, seen
from resolvers.model import Access, Answer, Ask
from resolvers.pipeline import Arguments, Pipeline
from resolvers.ports import Bill, Decider, Verdict
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)
_KEPT = 3
"""How many revisions' pipelines are kept for requests that still run on them."""
Loaded = tuple[PolicyFiles, Decider]
"""A policy revision, and who decides by it and no other."""


class Source(Protocol):
    """Where the policy in force comes from."""

    async def current(self) -> Loaded:
        """The policy in force.

        Raises:
            Refusal: it cannot be known for this second.
        """


class _Nobody:
    """Decides nothing: what stands in a pipeline before a policy is in force."""

    async def revision(self) -> str:
        """There is none.

        Raises:
            Refusal: always.
        """
        raise Refusal("POLICY_UNAVAILABLE")

    async def decide(self, question: Mapping[str, Any]) -> Verdict:  # noqa: ARG002 - a port
        """There is no decision.

        Raises:
            Refusal: always.
        """
        raise Refusal("POLICY_UNAVAILABLE")


NOBODY: Decider = _Nobody()


class Fixed:
    """One policy for as long as the gateway runs.

    Args:
        policies: its rules and tables.
        decider: who decides by them.
    """

    def __init__(self, policies: PolicyFiles, decider: Decider) -> None:
        self._loaded = (policies, decider)

    async def current(self) -> Loaded:
        """The policy."""
        return self._loaded


class Watched:
    """The live bundle of a store, decided in process: whoever asks after it was replaced gets the new one.

    A bundle that may not be live is refused once, in the log, and the one before stays in force. A store that cannot
    be reached is a policy that cannot be confirmed.

    Args:
        store: the store.
        otherwise: the policies while nothing is live, or None if that is an error.
        clock: monotonic time in seconds.

    Attributes:
        begun: the policies that were in force first.

    Raises:
        PolicyError: nothing that may be live is there.
    """

    def __init__(
        self, store: Store, otherwise: PolicyFiles | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._clock, self._lock = store, clock, asyncio.Lock()
        self._seen = seen(store.live)
        policies = store.live_policies() if self._seen or otherwise is None else otherwise
        self.begun = policies
        self._loaded: Loaded = (policies, RegoDecider(policies))
        self._confirmed = clock()

    async def current(self) -> Loaded:
        """The policy in force.

        Raises:
            Refusal: the store cannot be reached.
        """
        found = seen(self._store.live)
        if found is None and self._seen is not None:
            if self._clock() - self._confirmed > LEASE:
                raise Refusal("POLICY_UNAVAILABLE")
            return self._loaded
        self._confirmed = self._clock()
        if found != self._seen:
            async with self._lock:
                if found != self._seen:
                    await asyncio.to_thread(self._load)
                    self._seen = found
        return self._loaded

    def _load(self) -> None:
        try:
            policies = self._store.live_policies()
            self._loaded = (policies, RegoDecider(policies))
        except PolicyError as error:
            _log.error("policy: %s The revision before stays in force.", error)


class Pinned:
    """Decides by one revision of an Open Policy Agent server, and by no other.

    Args:
        server: the server.
        revision: the revision.
    """

    def __init__(self, server: OpaDecider, revision: str) -> None:
        self._server, self._revision = server, revision

    async def revision(self) -> str:
        """The revision.

        Raises:
            Refusal: the server has another one by now, or does not answer.
        """
        return self._same(await self._server.revision())

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """Ask the server.

        Raises:
            Refusal: the server has another revision by now, or does not answer.
        """
        verdict = await self._server.decide(question)
        self._same(verdict.revision)
        return verdict

    def _same(self, revision: str) -> str:
        if revision != self._revision:
            raise Refusal("POLICY_CHANGED")
        return revision


class Served:
    """The revision that an Open Policy Agent server serves, if the store holds it and it may be live.

    Args:
        store: the store.
        server: the server.
    """

    def __init__(self, store: Store, server: OpaDecider) -> None:
        self._store, self._server, self._lock = store, server, asyncio.Lock()
        self._known: OrderedDict[str, Loaded] = OrderedDict()

    async def current(self) -> Loaded:
        """The policy in force.

        Raises:
            Refusal: the server does not answer, or serves what may not be live.
        """
        revision = await self._server.revision()
        if revision not in self._known:
            async with self._lock:
                return self._known.get(revision) or await self._loaded(revision)
        return self._known[revision]

    async def _loaded(self, revision: str) -> Loaded:
        try:
            policies = await asyncio.to_thread(self._store.policies, revision)
        except PolicyError as error:
            _log.error("policy: %s", error)
            raise Refusal("POLICY_UNAVAILABLE") from None
        loaded = self._known[revision] = (policies, Pinned(self._server, revision))
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return loaded


class LivePipeline:
    """Answers each request under the policy in force when it came.

    Args:
        base: a pipeline, of which all that depends on policy is replaced.
        source: the policy in force.
        meter: the allowances, whose amounts are policy data.

    Attributes:
        base: what does not depend on policy: accounts, the record, the shapes that were sent.
    """

    def __init__(self, base: Pipeline, source: Source, meter: Meter) -> None:
        self.base, self._source, self._meter = base, source, meter
        self._known: OrderedDict[int, tuple[Loaded, Pipeline]] = OrderedDict()

    async def current(self) -> Pipeline:
        """The pipeline of the policy in force.

        Raises:
            Refusal: it cannot be known for this second.
        """
        loaded = await self._source.current()
        if id(loaded) not in self._known:
            policies, decider = loaded
            self._known[id(loaded)] = (loaded, under(self.base, policies, decider, self._meter))
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[id(loaded)][1]

    async def policies(self) -> PolicyFiles:
        """The rules and tables in force, for what is decided by them outside of an operation.

        Raises:
            Refusal: they cannot be known for this second.
        """
        return (await self._source.current())[0]

    async def answer(self, ask: Ask, account_id: str, access: Access, toll: Bill | None = None) -> Answer:
        """Answer an operation, or refuse it; where the policy changed under it, once more under the new one.

        Raises:
            Refusal: nothing is shown; the exception says why, and its receipt names the record.
        """
        try:
            pipeline = await self.current()
        except Refusal as refusal:
            raise await self.base.refuse(ask, account_id, access, refusal) from None
        try:
            return await pipeline.answer(ask, account_id, access, toll)
        except Refusal as refusal:
            if refusal.code != "POLICY_CHANGED":
                raise
            return await (await self.current()).answer(ask, account_id, access, toll)

    async def refuse(
        self, ask: Ask | None, account_id: str | None, access: Access, refusal: Refusal, arguments: Arguments = ()
    ) -> Refusal:
        """Record a refusal that came before there was an operation; returns it with its receipt.

        Raises:
            Refusal: it cannot be recorded.
        """
        return await self.base.refuse(ask, account_id, access, refusal, arguments)


def under(base: Pipeline, policies: PolicyFiles, decider: Decider, meter: Meter) -> Pipeline:
    """A pipeline under a policy: all else is the base's, caches of documents, plans and accounts included."""
    return replace(
        base,
        decisions=base.decisions.under(decider, policies.classes),
        contacts=policies.contacts,
        search=policies.search,
        representations=policies.representations,
        meter=meter.under(policies.allowances),
    )
