"""The signing keys of two people, in PEM. Those of the demonstration are both in its data folder: it is no approval."""

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.engines.process import write_private

NAMES = ("first", "second")


def make_keys(folder: Path, name: str) -> Path:
    """Make a key pair, unless there is one; returns where the public key is.

    Args:
        folder: where to keep it, readable by its owner alone.
        name: whose it is.
    """
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    if not private.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        public.write_bytes(
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        encoded = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(private, encoded.decode("ascii"))
    return public


def store_of(data: Path) -> Path:
    """The policy store of a data folder."""
    return data / "policies"


def environment_of(data: Path) -> dict[str, str]:
    """The settings of a gateway whose policy store is a data folder's, with keys that are made there."""
    store = store_of(data)
    first, second = (make_keys(store / "keys", name) for name in NAMES)
    return {
        "DIRECTORY_POLICY_STORE": str(store),
        "DIRECTORY_POLICY_KEY": str(first),
        "DIRECTORY_POLICY_SECOND_KEY": str(second),
        "DIRECTORY_UNSIGNED_POLICIES": "true",
    }
