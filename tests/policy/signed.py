"""Signed revisions made quickly: built and signed by OPA, without proving what other tests prove."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.policy.bundle import read_keys, unpack
from gateway.policy.store import Store
from gateway.signers import NAMES, make_keys
from gateway.workbench import release
from gateway.workbench.opa import Opa
from tests.conftest import POLICIES

VOUCHED: Mapping[str, object] = {"keyid": "policy", "proved": "x", "base": "", "widens": 0}


def empty_store(folder: Path) -> Store:
    """A store without a revision, and its keys."""
    first, second = (make_keys(folder / "keys", name) for name in NAMES)
    return Store(folder, read_keys(first, second))


@dataclass(frozen=True)
class Signer:
    """Signs copies of the policies with one text in one file changed.

    Attributes:
        opa: the program.
        store: where they go.
    """

    opa: Opa
    store: Store

    def sign(
        self, revision: str, file: str = "", old: str = "", new: str = "", vouched: Mapping[str, object] = VOUCHED
    ) -> Path:
        """Put a signed revision into the store; returns where."""
        folder = self.store.folder / "made" / revision
        shutil.copytree(POLICIES, folder)
        if file:
            path = folder / "directory" / file
            text = path.read_text("utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")
        built = folder / "built.tar.gz"
        ignored = ["--ignore", "*_test.rego", "--ignore", "invariants", "--ignore", "built.tar.gz"]
        done = self.opa.run(
            ["build", "--bundle", ".", *ignored, "--revision", revision, "--output", str(built)], folder
        )
        assert done.returncode == 0, done.stderr
        target = self.store.path(revision)
        target.parent.mkdir(exist_ok=True)
        release._signed(self.opa, unpack(built.read_bytes()), self.key("first"), vouched, target)
        return target

    def key(self, name: str) -> Path:
        """A private key."""
        return self.store.folder / "keys" / f"{name}.key"

    def live(self, revision: str) -> None:
        """Put a revision in the live one's place, whatever may be said against it."""
        new = self.store.folder / "live.new"
        shutil.copyfile(self.store.path(revision), new)
        new.replace(self.store.live)
