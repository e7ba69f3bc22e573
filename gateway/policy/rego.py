"""Decisions in process: the same Rego files, evaluated by Microsoft's rego-cpp through ``regopy``.

It is loaded with the first policy, and not before: a gateway that asks Open Policy Agent does without it. In a process
with DuckDB, whichever of the two libraries came second uses symbols of the first, and never gives memory back: DuckDB
15 MB for each database that it opens, rego-cpp 5 MB for each decision. So a gateway reads its archive in a process
aside (`gateway/trail/aside.py`), and a command that needs both loads its policies first: it decides more than it reads.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Mapping
from typing import Any

from gateway.policy.files import PolicyError, PolicyFiles
from resolvers.ports import Verdict
from resolvers.refusals import Refusal

_log = logging.getLogger(__name__)
_ENTRYPOINT = "directory/decision/decision"


class RegoDecider:
    """Decides in a worker thread, one question at a time: an interpreter holds its input as state.

    Args:
        policies: the rules and tables.

    Raises:
        PolicyError: they do not compile, or give no decision even to an empty question.
    """

    def __init__(self, policies: PolicyFiles) -> None:
        self._revision = policies.revision
        self._lock = threading.Lock()
        from regopy import Interpreter, RegoError  # noqa: PLC0415 - as said above

        self._rego, self._faults = Interpreter(), (RegoError, ValueError, KeyError, IndexError)
        try:
            for name, source in policies.modules.items():
                self._rego.add_module(name, source)
            self._rego.add_data(dict(policies.data))
            self._bundle = self._rego.build(None, [_ENTRYPOINT])
            self.ask({})
        except (RegoError, Refusal):
            raise PolicyError(
                f"The policies in {policies.folder} do not compile, or decide nothing. "
                f"Run: opa check --strict {policies.folder}"
            ) from None

    async def revision(self) -> str:
        """The revision that was loaded: in process it cannot change or be lost."""
        return self._revision

    async def decide(self, question: Mapping[str, Any]) -> Verdict:
        """Ask the one entrypoint.

        Raises:
            Refusal: the rules gave no decision.
        """
        return Verdict(await asyncio.to_thread(self.ask, question), self._revision)

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask the one entrypoint, in this thread.

        Raises:
            Refusal: the rules gave no decision.
        """
        with self._lock:
            try:
                self._rego.set_input(dict(question))
                output = self._rego.query_bundle_entrypoint(self._bundle, _ENTRYPOINT)
                decision = json.loads(str(output))["expressions"][0]
            except self._faults as error:
                _log.error("policy: %s", type(error).__name__)
                raise Refusal("POLICY_UNAVAILABLE") from None
        if not isinstance(decision, dict):
            raise Refusal("POLICY_UNAVAILABLE")
        return decision
