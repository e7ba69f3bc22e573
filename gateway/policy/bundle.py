"""A signed bundle, as Open Policy Agent builds, signs and serves it: read whole, checked, and only then believed.

The signature covers every file's digest, and what the signer vouches for besides: that the invariants hold, which
revision the policy was compared with, and how many cells it opens that were closed. A revision that opens any needs a
second person, whose signature over the whole bundle stands beside it.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jwt

from gateway.policy.files import PolicyError, PolicyFiles

ALGORITHM = "ES256"
KEY_ID = "policy"
"""The name of the signer's key, which Open Policy Agent must be started with too."""
_SIGNATURES = ".signatures.json"
_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys that bundles are checked with, in PEM.

    Attributes:
        first: of whoever signs policies.
        second: of whoever agrees to policies that open more.
    """

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a signer vouches for.

    Attributes:
        proved: the digest of the invariants that hold; empty if nothing was proved.
        base: the revision that was in force when it was signed; empty if none was.
        widens: how much it opens, or lets go of, that the base does not.
    """

    proved: str
    base: str
    widens: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose signature is good.

    Attributes:
        policies: its rules and tables.
        vouched: what its signer vouches for.
        digest: of the whole file, SHA-256, hexadecimal.
    """

    policies: PolicyFiles
    vouched: Vouched
    digest: str


def read_keys(first: Path, second: Path) -> Keys:
    """Read two public keys.

    Raises:
        PolicyError: one cannot be read, or both are the same.
    """
    try:
        keys = Keys(first.read_text("ascii"), second.read_text("ascii"))
    except (OSError, ValueError):
        raise PolicyError(
            f"The keys {first} and {second} cannot be read. Name the public keys of two people."
        ) from None
    if keys.first.split() == keys.second.split():
        raise PolicyError(f"{first} and {second} hold one key. Two people have two: name the second person's.")
    return keys


def read_bundle(path: Path, keys: Keys) -> Bundle:
    """Read a signed bundle.

    Raises:
        PolicyError: it is not there, not signed by the key, or not what was signed.
    """
    try:
        packed = path.read_bytes()
        files = unpack(packed)
    except (OSError, ValueError, tarfile.TarError, EOFError):
        raise PolicyError(f"The policy bundle {path} cannot be read. Build and sign it again.") from None
    claims = _claims(path, files.pop(_SIGNATURES, b""), keys)
    signed = {each["name"]: each["hash"] for each in claims["files"]}
    if signed != {name: _digest(name, content) for name, content in files.items()}:
        raise PolicyError(f"The policy bundle {path} was changed after it was signed, so it is refused. Sign it again.")
    manifest, data = json.loads(files[".manifest"]), json.loads(files.get("data.json", b"{}"))
    modules = {name: content.decode() for name, content in sorted(files.items()) if name.endswith(".rego")}
    policies = PolicyFiles(path, str(manifest["revision"]), MappingProxyType(modules), MappingProxyType(data))
    vouched = Vouched(str(claims.get("proved", "")), str(claims.get("base", "")), int(claims.get("widens", 1)))
    return Bundle(policies, vouched, hashlib.sha256(packed).hexdigest())


def _claims(path: Path, signatures: bytes, keys: Keys) -> Mapping[str, Any]:
    try:
        (token,) = json.loads(signatures)["signatures"]
        claims: Mapping[str, Any] = jwt.decode(token, keys.first, algorithms=[ALGORITHM])
    except (ValueError, KeyError, TypeError, jwt.InvalidTokenError, jwt.InvalidKeyError):
        raise PolicyError(
            f"The policy bundle {path} is not signed, or not by the key that is trusted, so it is refused. "
            "Sign it: directory policy sign."
        ) from None
    return claims


def believe(bundle: Bundle, agreement: Path, keys: Keys) -> PolicyFiles:
    """The policies of a bundle that may go live.

    Args:
        bundle: the bundle.
        agreement: the file that holds the second person's signature, if there is one.
        keys: the keys to check with.

    Raises:
        PolicyError: nobody vouches for its invariants, or it opens more and no second person agreed.
    """
    policies = proved(bundle)
    if bundle.vouched.widens and not _agreed(bundle, agreement, keys):
        raise PolicyError(
            f"Policy revision {policies.revision} opens {bundle.vouched.widens} cells or tables that were closed, and "
            "no second person has agreed. Look at them and agree: directory policy agree."
        )
    return policies


def proved(bundle: Bundle) -> PolicyFiles:
    """The policies of a bundle whose invariants somebody vouches for.

    Raises:
        PolicyError: nobody does.
    """
    if not bundle.vouched.proved:
        raise PolicyError(
            f"Nobody vouches that the invariants hold for policy revision {bundle.policies.revision}, so it is "
            "refused. Sign it with: directory policy sign."
        )
    return bundle.policies


def _agreed(bundle: Bundle, agreement: Path, keys: Keys) -> bool:
    try:
        claims = jwt.decode(agreement.read_text("ascii"), keys.second, algorithms=[ALGORITHM])
    except (OSError, ValueError, jwt.InvalidTokenError, jwt.InvalidKeyError):
        return False
    return claims.get("bundle") == bundle.digest


def unpack(packed: bytes) -> dict[str, bytes]:
    """The files of a bundle by name.

    Raises:
        ValueError: it holds something else than files, twice the same, or too much.
        TarError: it is no archive.
    """
    files: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        left = _MOST_BYTES
        for member in archive:
            name, content = member.name.lstrip("/"), archive.extractfile(member)
            left -= member.size
            if content is None or name in files or left < 0 or ".." in Path(name).parts:
                raise ValueError(name)
            files[name] = content.read()
    return files


def _digest(name: str, content: bytes) -> str:
    """A file's digest: rules as they stand, documents in the one form that all writings of them share."""
    if not name.endswith(".rego"):
        document = json.loads(content)
        content = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(content).hexdigest()
