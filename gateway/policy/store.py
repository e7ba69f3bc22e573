"""The store of signed policy revisions: which there are, which is live, and which was before.

What is live is one file, `live.tar.gz`, replaced in one step: a gateway and Open Policy Agent both watch it.
"""

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.policy.bundle import Bundle, Keys, believe, read_bundle
from gateway.policy.files import PolicyError, PolicyFiles


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what is live.

    Attributes:
        at: when, UTC, ISO 8601.
        revision: what was live from then on.
        by: whose command it was.
        how: "activate" or "rollback".
    """

    at: str
    revision: str
    by: str
    how: str


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of signed bundles.

    Attributes:
        folder: the folder.
        keys: what they are checked with.
    """

    folder: Path
    keys: Keys

    @property
    def live(self) -> Path:
        """The bundle that is live."""
        return self.folder / "live.tar.gz"

    def path(self, revision: str) -> Path:
        """Where a revision's bundle is.

        Raises:
            PolicyError: that is no name of a revision.
        """
        if not re.fullmatch(r"[\w-]+", revision):
            raise PolicyError(f"{revision} is no policy revision. Those there are: directory policy revisions.")
        return self.folder / "revisions" / f"{revision}.tar.gz"

    def agreement(self, revision: str) -> Path:
        """Where a second person's signature on a revision is."""
        return self.path(revision).with_suffix("").with_suffix(".agreed")

    def bundle(self, revision: str) -> Bundle:
        """A revision's bundle, signed but perhaps not yet agreed to.

        Raises:
            PolicyError: there is none, or its signature is not good.
        """
        bundle = read_bundle(self.path(revision), self.keys)
        if bundle.policies.revision != revision:
            raise PolicyError(f"{self.path(revision)} holds another revision than its name says. Sign it again.")
        return bundle

    def policies(self, revision: str) -> PolicyFiles:
        """A revision that may be live.

        Raises:
            PolicyError: it may not.
        """
        return believe(self.bundle(revision), self.agreement(revision), self.keys)

    def live_policies(self) -> PolicyFiles:
        """The revision that is live.

        Raises:
            PolicyError: there is none, or it may not be.
        """
        bundle = read_bundle(self.live, self.keys)
        return believe(bundle, self.agreement(bundle.policies.revision), self.keys)

    def history(self) -> list[Step]:
        """What was live, oldest first."""
        file = self.folder / "history.jsonl"
        return [Step(**json.loads(line)) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def activate(self, revision: str, *, at: str, by: str) -> None:
        """Make a revision live.

        Raises:
            PolicyError: it may not be, or it was compared with another revision than the one that is live.
        """
        bundle, history = self.bundle(revision), self.history()
        believe(bundle, self.agreement(revision), self.keys)
        now = history[-1].revision if history else ""
        if bundle.vouched.base != now and revision not in {step.revision for step in history}:
            raise PolicyError(
                f"Policy revision {revision} was compared with {bundle.vouched.base or 'none'}, and {now or 'none'} is "
                "live. Sign it again, so that what it opens is known: directory policy sign."
            )
        self._go(Step(at, revision, by, "activate"))

    def rollback(self, *, at: str, by: str) -> str:
        """Make live again what was before; returns its revision.

        Raises:
            PolicyError: nothing was.
        """
        history = self.history()
        before = [step.revision for step in history if step.revision != history[-1].revision]
        if not before:
            raise PolicyError("No other policy revision was ever live here, so there is none to go back to.")
        self.policies(before[-1])
        self._go(Step(at, before[-1], by, "rollback"))
        return before[-1]

    def _go(self, step: Step) -> None:
        with (self.folder / "history.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(step)) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary = self.folder / "live.new"
        shutil.copyfile(self.path(step.revision), temporary)
        temporary.replace(self.live)
