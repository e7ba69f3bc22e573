"""The policies, taken live as for real records: proved, signed by one person and agreed to by another."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from gateway.cli_policy_release import now
from gateway.policy.bundle import read_keys
from gateway.policy.files import read_policies
from gateway.policy.store import Store
from gateway.settings import ROOT
from gateway.signers import NAMES, make_keys, store_of
from gateway.workbench import release
from gateway.workbench.opa import pinned_opa


def live_store(data: Path, progress: Callable[[str], None], policies: Path = ROOT / "policies") -> Store:
    """The store of a data folder, with a policy folder live in it."""
    folder = store_of(data)
    keys = [make_keys(folder / "keys", name) for name in NAMES]
    store, revision = Store(folder, read_keys(*keys)), read_policies(policies).revision
    history = store.history()
    if history and history[-1].revision == revision:
        return store
    if not store.path(revision).exists():
        progress("Proving, signing and agreeing to the policies")
        _release(store, policies, progress)
    store.activate(revision, at=now(), by="bench")
    return store


def another(store: Store, folder: Path, progress: Callable[[str], None]) -> str:
    """A second revision in a store, which differs from the first in one table; returns what it is called."""
    policies = folder / "policies"
    shutil.rmtree(policies, ignore_errors=True)
    shutil.copytree(ROOT / "policies", policies)
    table = policies / "directory" / "limits" / "data.json"
    limits = json.loads(table.read_text("utf-8"))
    limits["account"]["documents"]["most"] += 1
    table.write_text(json.dumps(limits), encoding="utf-8")
    revision = read_policies(policies).revision
    if not store.path(revision).exists():
        progress("Proving, signing and agreeing to a second revision of the policies")
        _release(store, policies, progress)
    return revision


def _release(store: Store, policies: Path, progress: Callable[[str], None]) -> None:
    opa, keys = pinned_opa(progress), store.folder / "keys"
    with tempfile.TemporaryDirectory() as temporary:
        bundle = Path(temporary) / "policy.tar.gz"
        release.build(opa, policies, bundle)
        signed, _ = release.sign(opa, bundle, policies, keys / f"{NAMES[0]}.key", store=store)
    release.agree(store, signed.revision, keys / f"{NAMES[1]}.key")
