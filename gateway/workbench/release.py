"""From a policy folder to a signed bundle: checked, proved, compared with what is live, vouched for."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import jwt

from gateway.policy.bundle import ALGORITHM, KEY_ID, unpack
from gateway.policy.files import INVARIANTS, PolicyError, PolicyFiles, read_policies
from gateway.policy.rego import RegoDecider
from gateway.policy.store import Store
from gateway.workbench import mediated, proof
from gateway.workbench.cells import OPEN, OPENED, SEARCHABLE, cells_of
from gateway.workbench.matrix import Change, changes
from gateway.workbench.opa import Opa

TABLES = ("contacts", "limits", "representations", "search", "subjects")
"""Tables that the gateway reads by itself: no cell shows what they allow, so any change of them is taken to open."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a revision does that another does not.

    Attributes:
        base: the other revision; empty if there is none.
        changed: every cell that differs.
        opened: those of them that show, or let find, what the base does not.
        tables: what else may allow more.
    """

    base: str
    changed: tuple[Change, ...]
    opened: tuple[Change, ...]
    tables: tuple[str, ...]

    @property
    def widens(self) -> int:
        """How much may be opened; anything takes a second person."""
        return len(self.opened) + len(self.tables)


def _opens(change: Change) -> bool:
    return change.after == SEARCHABLE or (change.after == OPEN and change.before not in OPENED)


def build(opa: Opa, folder: Path, target: Path) -> PolicyFiles:
    """Check and prove a policy folder, and build its bundle, unsigned.

    Raises:
        PolicyError: it does not compile, or a test fails.
        ProofError: an invariant is broken.
    """
    policies = read_policies(folder)
    _run(opa, folder, ["check", "--strict", "--capabilities", "capabilities.json", "directory"], "does not compile")
    proof.check([*proof.prove(opa, folder), mediated.prove(policies)])
    _run(opa, folder, ["test", "--ignore", INVARIANTS, "--timeout", "5m", "."], "fails a test of its own")
    target.parent.mkdir(parents=True, exist_ok=True)
    ignored = ["--ignore", "*_test.rego", "--ignore", INVARIANTS]
    command = ["build", "--bundle", ".", *ignored, "--revision", policies.revision, "--output", str(target.absolute())]
    _run(opa, folder, command, "does not build")
    return policies


def compare(before: PolicyFiles | None, after: PolicyFiles, step: Callable[[], object] = lambda: None) -> Comparison:
    """Ask both policies for every cell.

    Args:
        before: the base, or None if there is none: then everything is opened.
        after: the policies to judge.
        step: called after each capacity of each.
    """
    old = cells_of(before, RegoDecider(before).ask, step) if before else {}
    changed = changes(old, cells_of(after, RegoDecider(after).ask, step))
    opened = [each for each in changed if _opens(each)]
    base = before.data["directory"] if before else {}
    tables = [name for name in TABLES if after.data["directory"].get(name) != base.get(name)]
    return Comparison(before.revision if before else "", tuple(changed), tuple(opened), tuple(tables))


def sign(
    opa: Opa, bundle: Path, folder: Path, key: Path, *, store: Store, step: Callable[[], object] = lambda: None
) -> tuple[PolicyFiles, Comparison]:
    """Vouch for a bundle, and put it into the store.

    Args:
        opa: the program.
        bundle: what ``build`` made.
        folder: the policy folder that it was made from, with its invariants.
        key: the signer's private key.
        store: where it will be live; what is live there now is what it is compared with.
        step: called as the comparison goes on.

    Raises:
        PolicyError: the bundle is not the folder's, or cannot be signed.
        ProofError: an invariant is broken.
    """
    policies = read_policies(folder)
    files = _unsigned(bundle)
    if json.loads(files[".manifest"])["revision"] != policies.revision:
        raise PolicyError(f"{bundle} was not built from {folder} as it is now. Build it again: directory policy build.")
    proof.check(proof.prove(opa, folder))
    history, proved = store.history(), invariants_digest(folder)
    live = store.bundle(history[-1].revision) if history else None
    found = compare(live.policies if live else None, policies, step)
    if live and live.vouched.proved != proved:
        found = Comparison(found.base, found.changed, found.opened, (*found.tables, INVARIANTS))
    vouched = {"keyid": KEY_ID, "proved": proved, "base": found.base, "widens": found.widens}
    target = store.path(policies.revision)
    target.parent.mkdir(parents=True, exist_ok=True)
    _signed(opa, files, key, vouched, target)
    store.bundle(policies.revision)
    return policies, found


def agree(store: Store, revision: str, key: Path) -> None:
    """Agree, as a second person, that a revision may go live.

    Raises:
        PolicyError: there is no such revision, or the key is not the second person's.
    """
    digest = store.bundle(revision).digest
    try:
        private = key.read_bytes().decode("ascii")
        token = jwt.encode({"bundle": digest, "revision": revision}, private, algorithm=ALGORITHM)
        jwt.decode(token, store.keys.second, algorithms=[ALGORITHM])
    except OSError as error:
        raise PolicyError(f"{key} cannot be read: {error.strerror}. Name the second person's private key.") from None
    except (ValueError, jwt.InvalidTokenError, jwt.InvalidKeyError):
        raise PolicyError(f"{key} is not the second person's key. Whoever signed cannot agree too.") from None
    store.agreement(revision).write_text(token, encoding="ascii")


def invariants_digest(folder: Path) -> str:
    """The digest of the invariants of a policy folder."""
    digest = hashlib.sha256()
    for path in sorted((folder / INVARIANTS).rglob("*.rego")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.read_text('utf-8')}\0".encode())
    return digest.hexdigest()


def _unsigned(bundle: Path) -> dict[str, bytes]:
    try:
        files = unpack(bundle.read_bytes())
    except (OSError, ValueError):
        raise PolicyError(f"{bundle} is no policy bundle. Build it: directory policy build.") from None
    return {name: content for name, content in files.items() if name != ".signatures.json"}


def _signed(opa: Opa, files: Mapping[str, bytes], key: Path, vouched: Mapping[str, object], target: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "bundle"
        for file, content in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
        claims, draft = Path(name) / "claims.json", Path(name) / "signed.tar.gz"
        claims.write_text(json.dumps(vouched), encoding="utf-8")
        signing = ["--signing-key", str(key.absolute()), "--signing-alg", ALGORITHM, "--claims-file", str(claims)]
        _run(opa, folder, ["build", "--bundle", ".", *signing, "--output", str(draft)], f"cannot be signed with {key}")
        new = target.with_suffix(".new")
        new.write_bytes(draft.read_bytes())
        new.replace(target)


def _run(opa: Opa, folder: Path, command: list[str], failure: str) -> None:
    done = opa.run(command, folder)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise PolicyError(f"The policy in {folder} {failure}:\n{said}\nMend it, then try again.")
