"""Tokens, sound and forged, and the key sets that they are checked against."""

import base64
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import httpx
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.example"
AUDIENCE = "directory"
URL = "https://issuer.example/jwks.json"


@cache
def key(name: str) -> Any:
    """The private key of that name; the part before the dash says what kind."""
    match name.partition("-")[0]:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "weak":
            return rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
        case "ec":
            return ec.generate_private_key(ec.SECP256R1())
        case _:
            return Ed25519PrivateKey.generate()


def jwk(name: str, **more: object) -> dict[str, object]:
    """The public half of a key as it is published."""
    algorithms: dict[str, type[RSAAlgorithm | ECAlgorithm]] = {
        "rsa": RSAAlgorithm,
        "weak": RSAAlgorithm,
        "ec": ECAlgorithm,
    }
    algorithm = algorithms.get(name.partition("-")[0], OKPAlgorithm)
    published: dict[str, object] = algorithm.to_jwk(key(name).public_key(), as_dict=True)
    return {**published, "kid": name, **more}


def key_set(*names: str) -> bytes:
    """A published key set."""
    return orjson.dumps({"keys": [jwk(name) for name in names]})


def claims(**changes: object) -> dict[str, object]:
    """The claims of a sound token, with changes; a claim that is changed to None is left out."""
    now = int(time.time())
    sound = {"iss": ISSUER, "aud": AUDIENCE, "sub": "account-1", "azp": "portal", "iat": now, "exp": now + 600}
    return {name: value for name, value in {**sound, **changes}.items() if value is not None}


def token(
    name: str = "ed-1",
    algorithm: str = "EdDSA",
    headers: Mapping[str, object] | None = None,
    signer: str | None = None,
    **changes: object,
) -> str:
    """A signed token.

    Args:
        name: the key that the header names.
        algorithm: the algorithm it is signed with.
        headers: more headers.
        signer: the key that it is signed with, if another.
        changes: changes to the claims.
    """
    named = {"kid": name, **(headers or {})}
    return jwt.encode(claims(**changes), key(signer or name), algorithm, headers=named)


def forged(header: Mapping[str, object], sign: Callable[[bytes], bytes], **changes: object) -> str:
    """A token with any header, any signature and any changes to the claims."""
    text = f"{_encoded(orjson.dumps(header))}.{_encoded(orjson.dumps(claims(**changes)))}"
    return f"{text}.{_encoded(sign(text.encode('ascii')))}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


class Publisher(httpx.AsyncBaseTransport):
    """A server that publishes a key set, and counts how often it is asked.

    Attributes:
        answer: what it answers: a body, a status, or what the connection fails with.
        asked: how often.
    """

    def __init__(self, answer: bytes | int | Exception) -> None:
        self.answer = answer
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, int):
            return httpx.Response(self.answer, headers={"location": URL}, request=request)
        return httpx.Response(200, stream=httpx.ByteStream(self.answer), request=request)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time."""
        return self.now
