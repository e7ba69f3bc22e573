"""Shadow mode: a candidate policy decides beside the one in force, on the same traffic, and changes nothing.

Nothing waits for it. An operation asks it as soon as it knows the question, and looks when its record is made: what is
decided by then is compared, anything else is undetermined. Decisions are kept by question, so it is asked rarely.
"""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cachetools import LRUCache

from gateway.policy.aside import Aside
from gateway.policy.files import Kinds, PolicyError, PolicyFiles
from gateway.policy.judge import CODES, FAILED, UNSEEN, Decided, Judged, codes_of, decided, judge
from gateway.policy.store import Store, seen
from resolvers.decide import Decisions
from resolvers.grants import Grants
from resolvers.model import Shown
from resolvers.ports import Decider, Watch
from resolvers.refusals import Refusal
from resolvers.shadow import UNSHADOWED
from resolvers.tasks import give_up

_log = logging.getLogger(__name__)
_KEPT = 1024
"""How many decisions are kept."""
_MOST = 32
"""How many questions may wait for the candidate; further ones are not asked."""
LATE = "late"
"""Why it is not known what the candidate would have done, where it has not decided yet."""


class Tally(Protocol):
    """What is told of the comparisons, for the metrics."""

    def compared(self, roles: Sequence[str], undetermined: str | None, judged: Judged, kinds: Kinds) -> None:
        """An operation was compared, or could not be."""


class Candidate:
    """One candidate policy.

    Args:
        policies: its rules and tables.
        decider: who decides by them.
        tally: is told of each comparison.
    """

    def __init__(self, policies: PolicyFiles, decider: Decider, tally: Tally) -> None:
        self.revision, self._decisions = policies.revision, Decisions(decider, policies.classes)
        self.kinds, self.tally = policies.kinds, tally
        self._known: LRUCache[str, Decided | None] = LRUCache(_KEPT)
        self._asking: dict[str, asyncio.Task[None]] = {}

    def watch(self, asked: Mapping[str, Any], *, introspects: bool) -> Watch:
        """Watch one operation; see `resolvers.ports.Shadow`."""
        key = json.dumps(asked, sort_keys=True)
        if self._known.get(key) is None and key not in self._asking and len(self._asking) < _MOST:
            self._asking[key] = asyncio.create_task(self._ask(key, asked))
        return _Watching(self, key, tuple(sorted(map(str, asked["account"]["roles"]))), introspects)

    def said(self, key: str) -> Decided | str:
        """What the candidate has decided by now, or why there is nothing."""
        return (self._known[key] or FAILED) if key in self._known else LATE

    async def settled(self) -> None:
        """Wait until everything that was asked is decided."""
        await asyncio.gather(*self._asking.values())

    async def aclose(self) -> None:
        """Ask no more."""
        await give_up(*self._asking.values())

    async def _ask(self, key: str, asked: Mapping[str, Any]) -> None:
        try:
            self._known[key] = await decided(self._decisions, asked)
        except Refusal:
            self._known[key] = None
        except Exception as error:  # noqa: BLE001 - whatever a candidate does is no fault of the gateway's
            _log.error("policy: the candidate fails: %s", type(error).__name__)
            self._known[key] = None
        finally:
            del self._asking[key]


@dataclass(frozen=True, slots=True)
class _Watching:
    """One operation beside a candidate."""

    candidate: Candidate
    key: str
    roles: tuple[str, ...]
    introspects: bool

    def answered(self, shown: Sequence[Shown], grants: Grants) -> Mapping[str, Any] | None:
        """What of an answer the candidate would have done otherwise."""
        return self._told(shown, grants)

    def refused(self, refusal: Refusal) -> Mapping[str, Any] | None:
        """The same of a refusal, if policy refused."""
        codes = codes_of(refusal)
        return self._told((), codes) if CODES.issuperset(codes) else None

    def _told(self, shown: Sequence[Shown], before: Decided) -> Mapping[str, Any] | None:
        try:
            said, undetermined, judged = self.candidate.said(self.key), None, Judged({}, unseen=False)
            if isinstance(said, str):
                undetermined = said
            else:
                judged = judge(shown, before, said, introspects=self.introspects)
                undetermined = UNSEEN if judged.unseen else None
            self.candidate.tally.compared(self.roles, undetermined, judged, self.candidate.kinds)
        except Exception as error:  # noqa: BLE001 - as above
            _log.error("policy: the candidate cannot be compared: %s", type(error).__name__)
            judged, undetermined = Judged({}, unseen=False), FAILED
        return told(self.candidate.revision, undetermined, judged)


def told(revision: str, undetermined: str | None, judged: Judged) -> Mapping[str, Any]:
    """What an audit entry holds of a comparison: classes and fields, no record and no value."""
    return {
        "revision": revision,
        "undetermined": undetermined,
        "differences": [
            {
                "type": each.type,
                "class": each.key,
                "field": each.field,
                "before": each.before,
                "after": each.after,
                "records": count,
            }
            for each, count in sorted(judged.differences.items())
        ],
    }


class Shadowing:
    """The candidate that a store names, looked for with each operation.

    Args:
        store: the store.
        tally: is told of each comparison.
    """

    def __init__(self, store: Store, tally: Tally) -> None:
        self._store, self._place, self._tally = store, store.shadow, tally
        self._seen: tuple[int, int, int] | None = None
        self._running: tuple[Candidate, Aside] | None = None
        self._changing: asyncio.Task[None] | None = None

    def watch(self, asked: Mapping[str, Any], *, introspects: bool) -> Watch:
        """Watch one operation; see `resolvers.ports.Shadow`."""
        found = seen(self._place)
        if found != self._seen and (self._changing is None or self._changing.done()):
            self._seen = found
            self._changing = asyncio.create_task(self._change())
        running = self._running
        return running[0].watch(asked, introspects=introspects) if running else UNSHADOWED

    async def aclose(self) -> None:
        """End it."""
        await give_up(self._changing)
        await self._end()

    async def _change(self) -> None:
        """Take the candidate that is there now, or none."""
        await self._end()
        if self._seen is None:
            return
        try:
            policies = await asyncio.to_thread(self._store.shadow_policies)
            aside = Aside(policies)
            self._running = Candidate(policies, aside, self._tally), aside
        except Exception as error:  # noqa: BLE001 - as above
            why = error if isinstance(error, PolicyError) else type(error).__name__
            _log.error("policy: no candidate decides beside the policy in force: %s", why)

    async def _end(self) -> None:
        running, self._running = self._running, None
        if running:
            candidate, aside = running
            await candidate.aclose()
            await aside.aclose()
