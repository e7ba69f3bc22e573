"""The store of signed policy revisions: which there are, which is live, and which was before.

What is live is one file, `live.tar.gz`, replaced in one step: a gateway and Open Policy Agent both watch it.
"""

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway.policy.bundle import Bundle, Keys, believe, proved, read_bundle
from gateway.policy.files import PolicyError, PolicyFiles


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what is live, or of what decides beside it.

    Attributes:
        at: when, UTC, ISO 8601.
        revision: what was, from then on.
        by: whose command it was.
        how: "activate" or "rollback"; of what decides beside the live one, "shadow" or "shadow off".
    """

    at: str
    revision: str
    by: str
    how: str


def seen(path: Path) -> tuple[int, int, int] | None:
    """What tells one file at a path from another that takes its place; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


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

    @property
    def shadow(self) -> Path:
        """The bundle that decides beside the live one, if there is one."""
        return self.folder / "shadow.tar.gz"

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
        path = self.path(revision)
        if not path.exists():
            raise PolicyError(f"{self.folder} holds no policy revision {revision}. Sign it: directory policy sign.")
        bundle = read_bundle(path, self.keys)
        if bundle.policies.revision != revision:
            raise PolicyError(f"{path} holds another revision than its name says. Sign it again.")
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
        if not self.live.exists():
            raise PolicyError(f"No policy is live in {self.folder}. Make one live: directory policy activate REVISION.")
        bundle = read_bundle(self.live, self.keys)
        return believe(bundle, self.agreement(bundle.policies.revision), self.keys)

    def shadow_policies(self) -> PolicyFiles:
        """The revision that decides beside the live one: signed and proved, but nobody need have agreed to it yet.

        Raises:
            PolicyError: there is none, or it may not.
        """
        return proved(read_bundle(self.shadow, self.keys))

    def steps(self) -> list[Step]:
        """Every change, oldest first."""
        file = self.folder / "history.jsonl"
        return [Step(**json.loads(line)) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def history(self) -> list[Step]:
        """What was live, oldest first."""
        return [step for step in self.steps() if step.how in {"activate", "rollback"}]

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

    def begin_shadow(self, revision: str, *, at: str, by: str) -> None:
        """Have a revision decide beside the live one.

        Raises:
            PolicyError: it may not.
        """
        proved(self.bundle(revision))
        self._noted(Step(at, revision, by, "shadow"))
        self._copied(revision, self.shadow)

    def end_shadow(self, *, at: str, by: str) -> None:
        """Have nothing decide beside the live revision.

        Raises:
            PolicyError: nothing does.
        """
        if not self.shadow.exists():
            raise PolicyError("No revision decides beside the live one. Begin with: directory policy shadow REVISION.")
        self._noted(Step(at, self.shadowed(), by, "shadow off"))
        self.shadow.unlink()

    def shadowed(self) -> str:
        """The revision that decides beside the live one, or was the last to.

        Raises:
            PolicyError: none ever did.
        """
        found = [step.revision for step in self.steps() if step.how == "shadow"]
        if not found:
            raise PolicyError("No revision ever decided beside a live one here: directory policy shadow REVISION.")
        return found[-1]

    def _go(self, step: Step) -> None:
        self._noted(step)
        self._copied(step.revision, self.live)

    def _noted(self, step: Step) -> None:
        with (self.folder / "history.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(step)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _copied(self, revision: str, target: Path) -> None:
        """Put a revision in place in one step."""
        temporary = target.with_suffix(".new")
        shutil.copyfile(self.path(revision), temporary)
        temporary.replace(target)


def at_hand(revision: str, plain: PolicyFiles, store: Store | None) -> PolicyFiles | None:
    """The policies of a revision: the plain folder's, or those of a store; None where neither has them."""
    if revision == plain.revision:
        return plain
    try:
        return store.bundle(revision).policies if store else None
    except PolicyError:
        return None
