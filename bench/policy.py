"""The policies, taken live as for real records: proved, signed by one person and agreed to by another."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gateway.policy.bundle import read_keys
from gateway.policy.files import read_policies
from gateway.policy.store import Store
from gateway.settings import ROOT
from gateway.signers import NAMES, make_keys, store_of
from gateway.workbench import release
from gateway.workbench.opa import pinned_opa


def release_policies(data: Path, progress: Callable[[str], None]) -> Store:
    """Have the store of a data folder hold the policies of the checkout as its live revision."""
    folder, policies = store_of(data), ROOT / "policies"
    keys = [make_keys(folder / "keys", name) for name in NAMES]
    store, revision = Store(folder, read_keys(*keys)), read_policies(policies).revision
    history = store.history()
    if history and history[-1].revision == revision:
        return store
    progress("Proving, signing and agreeing to the policies")
    opa = pinned_opa(progress)
    with tempfile.TemporaryDirectory() as temporary:
        bundle = Path(temporary) / "policy.tar.gz"
        release.build(opa, policies, bundle)
        release.sign(opa, bundle, policies, folder / "keys" / f"{NAMES[0]}.key", store=store)
    release.agree(store, revision, folder / "keys" / f"{NAMES[1]}.key")
    store.activate(revision, at=datetime.now(UTC).isoformat(timespec="seconds"), by="bench")
    return store
