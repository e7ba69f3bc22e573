"""Signed bundles: only what was signed, proved and agreed to is ever in force, and it is so at once."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.policy.bundle import Keys, read_bundle, read_keys, unpack
from gateway.policy.files import PolicyError, read_policies
from gateway.policy.store import Store
from gateway.signers import make_keys
from gateway.workbench import release
from gateway.workbench.opa import Opa
from tests.conftest import POLICIES
from tests.policy.signed import VOUCHED, Signer, empty_store

NOW = "2026-06-30T12:00:00+00:00"


@pytest.fixture(name="signer")
def _signer(opa: Opa, tmp_path: Path) -> Signer:
    return Signer(opa, empty_store(tmp_path / "store"))


def go(store: Store, revision: str) -> None:
    """Make a revision live."""
    store.activate(revision, at=NOW, by="tester")


def repack(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Change what is in a bundle."""
    files = unpack(path.read_bytes())
    change(files)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_a_signed_bundle_is_the_folder(signer: Signer) -> None:
    """A signed bundle holds the folder's rules and tables, under the revision that was signed."""
    policies, folder = read_bundle(signer.sign("r1"), signer.store.keys).policies, read_policies(POLICIES)
    assert policies.revision == "r1"
    assert policies.data == folder.data
    assert dict(policies.modules) == dict(folder.modules)


@pytest.mark.parametrize(
    "change",
    [
        lambda files: files.update({"data.json": files["data.json"].replace(b'"none"', b'"nine"')}),
        lambda files: files.update({"directory/gate/fit/fit.rego": b"package directory.gate.fit\n\npasses := true\n"}),
        lambda files: files.update({"directory/more.rego": b"package directory.more\n"}),
        lambda files: files.pop("directory/gate/fit/fit.rego"),
        lambda files: files.update({".manifest": files[".manifest"].replace(b"r1", b"r2")}),
        lambda files: files.pop(".signatures.json"),
        lambda files: files.update({".signatures.json": b'{"signatures": []}'}),
        lambda files: files.update({".signatures.json": b"nonsense"}),
    ],
)
def test_a_tampered_or_unsigned_bundle_is_refused(signer: Signer, change: Callable[[dict[str, bytes]], object]) -> None:
    """A bundle with a table, rule or manifest changed, added or taken away, or without its signature, is refused."""
    path = signer.sign("r1")
    repack(path, len)
    read_bundle(path, signer.store.keys)
    repack(path, change)
    with pytest.raises(PolicyError, match="refused"):
        read_bundle(path, signer.store.keys)


def test_what_is_no_bundle_is_refused(signer: Signer, tmp_path: Path) -> None:
    """What is absent, no archive, cut off or escapes its folder is refused in words."""
    for number, content in enumerate((b"", b"nonsense", signer.sign("r1").read_bytes()[:500])):
        path = tmp_path / f"{number}.tar.gz"
        path.write_bytes(content)
        with pytest.raises(PolicyError, match="Build and sign"):
            read_bundle(path, signer.store.keys)
    with pytest.raises(PolicyError, match="Build and sign"):
        read_bundle(tmp_path / "absent", signer.store.keys)
    path = signer.store.path("r1")
    repack(path, lambda files: files.update({"../../outside.rego": b""}))
    with pytest.raises(PolicyError, match="Build and sign"):
        read_bundle(path, signer.store.keys)


def test_another_key_signs_nothing(signer: Signer, tmp_path: Path) -> None:
    """A bundle that somebody else signed is refused, the second person's signature in the first's place too."""
    path, keys = signer.sign("r1"), signer.store.keys
    other = make_keys(tmp_path, "other").read_text("ascii")
    for wrong in (Keys(other, keys.second), Keys(keys.second, keys.first)):
        with pytest.raises(PolicyError, match="not by the key that is trusted"):
            read_bundle(path, wrong)


def test_two_people_have_two_keys(signer: Signer, tmp_path: Path) -> None:
    """One key in both places, or none, is refused before anything is read."""
    first = signer.store.folder / "keys" / "first.pub"
    with pytest.raises(PolicyError, match="hold one key"):
        read_keys(first, first)
    with pytest.raises(PolicyError, match="cannot be read"):
        read_keys(first, tmp_path / "absent")


def test_what_nobody_proved_is_refused(signer: Signer) -> None:
    """A bundle that is signed without vouching for the invariants, as OPA signs it by itself, does not go live."""
    signer.sign("r1", vouched={"keyid": "policy"})
    with pytest.raises(PolicyError, match="Nobody vouches that the invariants hold"):
        go(signer.store, "r1")


def test_what_opens_more_takes_a_second_person(signer: Signer) -> None:
    """A revision that opens anything goes live only with the second person's signature over this very bundle."""
    store = signer.store
    signer.sign("r1", vouched={**VOUCHED, "widens": 1})
    with pytest.raises(PolicyError, match="no second person has agreed"):
        go(store, "r1")
    with pytest.raises(PolicyError, match="Whoever signed cannot agree"):
        release.agree(store, "r1", signer.key("first"))
    with pytest.raises(PolicyError, match=r"absent cannot be read: No such file or directory\. Name"):
        release.agree(store, "r1", store.folder / "absent")
    release.agree(store, "r1", signer.key("second"))
    go(store, "r1")
    assert store.live_policies().revision == "r1"
    agreed = store.agreement("r1").read_text("ascii")
    signer.sign("r2", vouched={**VOUCHED, "widens": 1, "base": "r1"})
    store.agreement("r2").write_text(agreed, encoding="ascii")
    with pytest.raises(PolicyError, match="no second person has agreed"):
        go(store, "r2")


def test_a_revision_is_compared_with_what_is_live(signer: Signer) -> None:
    """A revision that was compared with another one than is live does not go live; one that was live may again."""
    for revision in ("r1", "r2"):
        signer.sign(revision)
    go(signer.store, "r1")
    with pytest.raises(PolicyError, match="Sign it again"):
        go(signer.store, "r2")
    signer.sign("r3", vouched={**VOUCHED, "base": "r1"})
    go(signer.store, "r3")
    go(signer.store, "r1")
    assert [step.revision for step in signer.store.history()] == ["r1", "r3", "r1"]


def test_going_back_takes_one_command(signer: Signer) -> None:
    """Going back makes live what was live before, as often as one likes; at first there is nothing to go back to."""
    signer.sign("r1")
    signer.sign("r2", vouched={**VOUCHED, "base": "r1"})
    with pytest.raises(PolicyError, match="none to go back to"):
        signer.store.rollback(at=NOW, by="tester")
    go(signer.store, "r1")
    go(signer.store, "r2")
    for revision in ("r1", "r2"):
        assert signer.store.rollback(at=NOW, by="tester") == revision
        assert signer.store.live_policies().revision == revision
    assert [step.how for step in signer.store.history()] == ["activate", "activate", "rollback", "rollback"]


def test_a_store_is_asked_for_revisions_alone(signer: Signer) -> None:
    """A name that is no revision leads nowhere, and a bundle under another's name is refused."""
    with pytest.raises(PolicyError, match="no policy revision"):
        signer.store.path("../keys/first")
    signer.sign("r1").rename(signer.store.path("r2"))
    with pytest.raises(PolicyError, match="another revision"):
        signer.store.bundle("r2")


def test_opa_and_the_gateway_trust_the_same_signature(signer: Signer, opa: Opa) -> None:
    """What the gateway accepts OPA accepts with the same key, and neither takes it tampered with."""
    path = signer.sign("r1")
    key = signer.store.folder / "keys" / "first.pub"

    def taken() -> bool:
        trust = ["--verification-key", str(key), "--verification-key-id", "policy", "--signing-alg", "ES256"]
        evaluated = ["build", "--bundle", str(path), *trust, "--signing-key", str(signer.key("first"))]
        return opa.run([*evaluated, "--output", str(path.with_suffix(".again"))], path.parent).returncode == 0

    assert taken()
    repack(path, lambda files: files.update({"data.json": files["data.json"].replace(b'"none"', b'"nine"')}))
    assert not taken()
