"""Who asks: a bearer token (RFC 6750), checked against the issuer's keys. What they may do is not in the token."""

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cachetools import LRUCache

from gateway.jwks import Key, KeySet, KeySource
from resolvers.refusals import Refusal

MAX_TOKEN = 8192
"""The longest token, in characters."""
MAX_MEDIATION = 900
"""The longest that the token of somebody who is asked for may be valid, in seconds."""
MAX_LEEWAY = 300
"""The most that the issuer's clock may differ, in seconds."""
_MAX_SUBJECT = 200
_BEARER = re.compile(r"bearer +([A-Za-z0-9\-_]+\.[A-Za-z0-9\-_]+\.[A-Za-z0-9\-_]+) *", re.IGNORECASE | re.ASCII)
_JWT = re.compile(r"[A-Za-z0-9\-_]+\.[A-Za-z0-9\-_]+\.[A-Za-z0-9\-_]+", re.ASCII)
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_HALF = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON may name and no UTF-8 holds: a record could not."""
_UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Token:
    """What a valid token says.

    Attributes:
        account: the identifier of the account: the claim ``sub``.
        client: the program that the token was issued to: the claim ``azp`` or ``client_id``.
        expires: when it ends, in seconds since 1970.
    """

    account: str
    client: str | None
    expires: int


class Authenticator:
    """Tells from the Authorization header who asks.

    A token that was found valid is remembered by its SHA-256 until it expires or the issuer's keys change.

    Args:
        jwks: the issuer's keys.
        issuer: the one issuer, as in ``iss``.
        audience: what tokens must be meant for, as in ``aud``.
        mediation_audience: what the tokens of people who are asked for must be meant for, which is something else.
        leeway_seconds: how far the issuer's clock may be off, up to five minutes.
        size: how many tokens are remembered.
        clock: seconds since 1970.

    Raises:
        ValueError: the leeway is negative or longer than five minutes, or the issuer or the audience is empty.
    """

    def __init__(
        self,
        jwks: KeySource,
        issuer: str,
        audience: str,
        leeway_seconds: int,
        *,
        mediation_audience: str = "directory-mediation",
        size: int = 10_000,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not 0 <= leeway_seconds <= MAX_LEEWAY:
            raise ValueError(f"the leeway is {leeway_seconds} s; it may be 0 to {MAX_LEEWAY} s")
        if not issuer or not audience or audience == mediation_audience:
            raise ValueError("name the issuer and the audience of tokens, and another audience for mediation")
        self._jwks, self._issuer, self._audience, self._leeway = jwks, issuer, audience, leeway_seconds
        self._mediation = mediation_audience
        self._clock = clock
        self._known: LRUCache[bytes, tuple[int, Token]] = LRUCache(size)

    async def principal(self, authorization_headers: Sequence[str]) -> Token:
        """The token of a request.

        Args:
            authorization_headers: the value of every Authorization header of the request.

        Raises:
            Refusal: there is not exactly one valid token, or that cannot be checked now.
        """
        encoded = _bearer(authorization_headers)
        digest = hashlib.sha256(encoded.encode("ascii")).digest()
        keys = await self._jwks.current()
        version, token = self._known.get(digest, (None, None))
        if token and version == keys.version and self._clock() < token.expires:
            return token
        keys, claims = await self._claims(encoded, self._audience)
        token = _token(claims)
        self._known[digest] = (keys.version, token)
        return token

    async def asked_for(self, headers: Sequence[str], mediator: Token) -> str:
        """The account of the person on whose behalf a mediator asks.

        That person has proved who they are to the issuer, and their token says who may use it for them, for minutes.

        Args:
            headers: the value of every x-on-behalf-of header of the request: one token, without a scheme before it.
            mediator: who asks.

        Raises:
            Refusal: there is not exactly one such token for this mediator, or that cannot be checked now.
        """
        if len(headers) != 1 or not _JWT.fullmatch(headers[0]) or len(headers[0]) > MAX_TOKEN:
            raise Refusal("MEDIATION_INVALID")
        try:
            _, claims = await self._claims(headers[0], self._mediation)
            account = _account_of(claims)
        except Refusal as refusal:
            raise Refusal("MEDIATION_INVALID") if refusal.code == "UNAUTHENTICATED" else refusal from None
        if account == mediator.account:
            raise Refusal("MEDIATION_SELF")
        helper, lasts = claims.get("may_act"), int(claims["exp"]) - int(claims["iat"])
        if "act" in claims or lasts > MAX_MEDIATION or not isinstance(helper, dict):
            raise Refusal("MEDIATION_INVALID")
        if helper.get("sub") != mediator.account:
            raise Refusal("MEDIATION_INVALID")
        return account

    async def _claims(self, encoded: str, audience: str) -> tuple[KeySet, dict[str, Any]]:
        """The claims of a sound token, and the keys that it was checked with."""
        keys = await self._jwks.current()
        name, algorithm = _header(encoded)
        if name not in keys.keys:
            keys = await self._jwks.renewed()
        if name not in keys.keys:
            raise Refusal("UNAUTHENTICATED")
        return keys, self._verified(encoded, keys.keys[name], algorithm, audience)

    def _verified(self, encoded: str, key: Key, algorithm: str, audience: str) -> dict[str, Any]:
        if algorithm not in key.algorithms:
            raise Refusal("UNAUTHENTICATED")
        try:
            claims: dict[str, Any] = jwt.decode(
                encoded,
                key.public,
                algorithms=[algorithm],
                audience=audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            int(claims["exp"]), int(claims["iat"])
        except _UNREADABLE:
            raise Refusal("UNAUTHENTICATED") from None
        return claims


def _bearer(headers: Sequence[str]) -> str:
    match = _BEARER.fullmatch(headers[0]) if len(headers) == 1 and len(headers[0]) <= MAX_TOKEN else None
    if match is None:
        raise Refusal("UNAUTHENTICATED")
    return match[1]


def _header(encoded: str) -> tuple[str, str]:
    """The key's identifier and the algorithm; nothing else in the header is believed, a key or its address least."""
    try:
        header = jwt.get_unverified_header(encoded)
    except _UNREADABLE:
        raise Refusal("UNAUTHENTICATED") from None
    name, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ", "JWT")
    if not isinstance(name, str) or not isinstance(algorithm, str) or not isinstance(kind, str):
        raise Refusal("UNAUTHENTICATED")
    if kind.lower() not in _TYPES or "crit" in header or "b64" in header:
        raise Refusal("UNAUTHENTICATED")
    return name, algorithm


def _account_of(claims: dict[str, Any]) -> str:
    account = claims["sub"]
    if not isinstance(account, str) or not account or len(account) > _MAX_SUBJECT or _HALF.search(account):
        raise Refusal("UNAUTHENTICATED")
    return account


def _token(claims: dict[str, Any]) -> Token:
    """What a token says of a person who asks.

    One that was issued to a program by itself names the program as its subject (RFC 9068, section 2.2). One that names
    an actor, or somebody who may become one (RFC 8693), is no sign-in: it would be the second link of a chain.
    """
    account, client = _account_of(claims), claims.get("azp", claims.get("client_id"))
    if not isinstance(client, str | None) or _HALF.search(client or "") or "act" in claims or "may_act" in claims:
        raise Refusal("UNAUTHENTICATED")
    if client and account in {client, f"{client}@clients"}:
        raise Refusal("PERSON_REQUIRED")
    return Token(account, client[:_MAX_SUBJECT] if client else None, int(claims["exp"]))
