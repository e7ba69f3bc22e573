"""The demonstration's own token issuer: one Ed25519 key in the data folder, and its public half beside it.

It is no sign-in: whoever can read the data folder can be anybody in the demonstration, and nobody anywhere else.
"""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path

import jwt
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from gateway.engines.process import write_private

AUDIENCE = "directory"
"""What its tokens are meant for."""
MEDIATION = "directory-mediation"
"""What its tokens for mediated access are meant for."""


class DemoIssuer:
    """Issues tokens for the demonstration.

    Args:
        data: the data folder; the key is made there on first use, readable by its owner alone.

    Attributes:
        name: the issuer that its tokens name.
    """

    name = "urn:directory:demo"

    def __init__(self, data: Path) -> None:
        folder = data / "issuer"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = _key(folder / "issuer.pem")
        public = OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._key_name = str(public["x"])[:16]
        self._jwks = folder / "jwks.json"
        _publish(self._jwks, {**public, "kid": self._key_name, "alg": "EdDSA", "use": "sig"})

    @property
    def jwks_url(self) -> str:
        """Where the public key is published, as a ``file:`` URL."""
        return self._jwks.absolute().as_uri()

    def issue(self, account_id: str, *, seconds: int = 3600, client: str = "demo") -> str:
        """A token for an account.

        Args:
            account_id: who the token is for.
            seconds: how long it is valid, from now.
            client: the program that it is issued to.
        """
        return self._signed({"aud": AUDIENCE, "sub": account_id, "azp": client}, seconds)

    def issue_mediation(self, account_id: str, mediator: str, *, seconds: int = 600) -> str:
        """A token with which a mediator may ask for somebody, who has just told them a code.

        Args:
            account_id: who is asked for.
            mediator: who may ask: the claim ``may_act`` (RFC 8693, section 4.4).
            seconds: how long it is valid, from now.
        """
        return self._signed({"aud": MEDIATION, "sub": account_id, "may_act": {"sub": mediator}}, seconds)

    def _signed(self, stated: Mapping[str, object], seconds: int) -> str:
        now = int(time.time())
        claims = {"iss": self.name, **stated, "iat": now, "exp": now + seconds, "jti": secrets.token_hex(16)}
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._key_name, "typ": "at+jwt"})


def _key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        fresh = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        write_private(draft, fresh.decode("ascii"))
        try:
            path.hardlink_to(draft)  # the first of several processes wins, and the others use its key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key; remove it to have one made")
    return key


def _publish(path: Path, public: dict[str, object]) -> None:
    content = orjson.dumps({"keys": [public]})
    if not path.exists() or path.read_bytes() != content:
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.write_bytes(content)
        draft.replace(path)
