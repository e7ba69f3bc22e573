"""Who is let in: tokens, sound and forged."""

import hmac
import time
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from gateway.identity import MAX_TOKEN, Authenticator, Token
from gateway.issuer import AUDIENCE as DEMO_AUDIENCE
from gateway.issuer import DemoIssuer
from gateway.jwks import KeySource
from resolvers.refusals import Refusal
from tests.tokens import AUDIENCE, ISSUER, URL, Clock, Publisher, forged, jwk, key, key_set, token

NOW = int(time.time())
LATER = NOW + 24 * 60 * 60


def authenticator(published: bytes | None = None, **more: Any) -> Authenticator:
    """One that trusts four good keys, or those published."""
    publisher = Publisher(published or key_set("ed-1", "ed-2", "rsa-1", "ec-1"))
    return Authenticator(KeySource(URL, transport=publisher), ISSUER, AUDIENCE, 5, **more)


async def refused(*headers: str, published: bytes | None = None) -> str:
    """The code with which Authorization headers are refused."""
    with pytest.raises(Refusal) as caught:
        await authenticator(published).principal(headers)
    return caught.value.code


async def test_a_sound_token_says_who_asks() -> None:
    """A sound token gives the account, the client and the end of its validity."""
    exact = token(exp=LATER)
    expected = Token("account-1", "portal", LATER)
    assert await authenticator().principal([f"Bearer {exact}"]) == expected


async def test_the_client_may_be_named_either_way() -> None:
    """A token without azp names its client in client_id, and may name none."""
    check = authenticator()
    assert (await check.principal([f"Bearer {token(azp=None, client_id='cli')}"])).client == "cli"
    assert (await check.principal([f"Bearer {token(azp=None)}"])).client is None


@pytest.mark.parametrize(
    ("name", "algorithm"), [("ed-1", "EdDSA"), ("rsa-1", "RS256"), ("rsa-1", "PS256"), ("ec-1", "ES256")]
)
async def test_each_asymmetric_algorithm_is_understood(name: str, algorithm: str) -> None:
    """A key verifies every algorithm that is meant for its kind."""
    assert (await authenticator().principal([f"bearer {token(name, algorithm)}"])).account == "account-1"


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("",),
        ("Bearer",),
        ("Bearer ",),
        ("Basic dXNlcjpwYXNz",),
        ("Bearer a.b",),
        ("Bearer a.b.c.d.e",),
        ("Bearer a.b.c",),
        ("Bearer a..c",),
        ("Bearer \xff.\xff.\xff",),
        ("Bearer " + "a" * MAX_TOKEN + ".b.c",),
        ("Bearer W10.W10.W10",),
        ("Bearer bnVsbA.bnVsbA.bnVsbA",),
    ],
)
async def test_what_is_no_token_is_refused(headers: tuple[str, ...]) -> None:
    """Anything but one bearer token is no sign-in."""
    assert await refused(*headers) == "UNAUTHENTICATED"


async def test_two_headers_are_refused() -> None:
    """Two Authorization headers are refused, even if both hold the same sound token."""
    assert await refused(f"Bearer {token()}", f"Bearer {token()}") == "UNAUTHENTICATED"


@pytest.mark.parametrize("signature", [b"", b"x"])
async def test_a_token_without_signature_is_refused(signature: bytes) -> None:
    """The algorithm "none" is no signature, in whatever case it is written."""
    for name in ("none", "None", "NONE"):
        unsigned = forged({"alg": name, "kid": "ed-1", "typ": "JWT"}, lambda _: signature)
        assert await refused(f"Bearer {unsigned}") == "UNAUTHENTICATED"


async def test_a_public_key_is_no_shared_secret() -> None:
    """A token signed by HMAC with a published key as the secret is refused."""
    for form in (Encoding.PEM, Encoding.DER):
        secret = key("rsa-1").public_key().public_bytes(form, PublicFormat.SubjectPublicKeyInfo)
        confused = forged({"alg": "HS256", "kid": "rsa-1", "typ": "JWT"}, partial(hmac.digest, secret, digest="sha256"))
        assert await refused(f"Bearer {confused}") == "UNAUTHENTICATED"


async def test_a_key_verifies_its_own_algorithms_alone() -> None:
    """A token whose algorithm is not one of its key's is refused, though another key has it."""
    assert await refused(f"Bearer {token('rsa-1', 'EdDSA', signer='ed-1')}") == "UNAUTHENTICATED"
    assert await refused(f"Bearer {token('rsa-1', 'RS512')}") == "UNAUTHENTICATED"


async def test_the_named_key_decides() -> None:
    """A token signed by one trusted key and naming another is refused."""
    assert await refused(f"Bearer {token('ed-1', signer='ed-2')}") == "UNAUTHENTICATED"


async def test_a_foreign_key_is_refused() -> None:
    """A token that names no key of the issuer's is refused, and so is one that names none at all."""
    assert await refused(f"Bearer {token('ed-foreign')}") == "UNAUTHENTICATED"
    nameless = forged({"alg": "EdDSA", "typ": "JWT"}, key("ed-1").sign)
    assert await refused(f"Bearer {nameless}") == "UNAUTHENTICATED"


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c"])
async def test_a_token_does_not_bring_its_own_key(name: str) -> None:
    """A key, or the address of one, in a token's header is never used."""
    brought = {"jwk": jwk("ed-foreign"), "jku": URL, "x5u": URL, "x5c": ["AA=="]}[name]
    assert await refused(f"Bearer {token('ed-1', headers={name: brought}, signer='ed-foreign')}") == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "headers", [{"crit": ["exp"]}, {"crit": []}, {"b64": True}, {"typ": "logout+jwt"}, {"typ": "dpop+jwt"}]
)
async def test_unusual_tokens_are_refused(headers: dict[str, object]) -> None:
    """A token with critical extensions, or of another type than an access token, is refused."""
    unusual = forged({"alg": "EdDSA", "kid": "ed-1", "typ": "JWT", **headers}, key("ed-1").sign)
    assert await refused(f"Bearer {unusual}") == "UNAUTHENTICATED"


@pytest.mark.parametrize("name", ["exp", "iat", "iss", "aud", "sub"])
async def test_required_claims_are_required(name: str) -> None:
    """A token that lacks one of the required claims is refused."""
    lacking: dict[str, Any] = {name: None}
    assert await refused(f"Bearer {token(**lacking)}") == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 60},
        {"iat": LATER},
        {"nbf": LATER},
        {"iss": "https://elsewhere.example"},
        {"aud": "another-service"},
        {"aud": ["another-service"]},
        {"aud": []},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 201},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"azp": ["portal"]},
        *({name: "half a \ud800 character"} for name in ("sub", "azp")),
    ],
)
async def test_wrong_claims_are_refused(changes: dict[str, Any]) -> None:
    """A token that is out of its time, from elsewhere, for somebody else or about nobody is refused."""
    assert await refused(f"Bearer {token(**changes)}") == "UNAUTHENTICATED"


async def test_the_issuers_clock_may_be_off_a_little() -> None:
    """A difference between the clocks up to the leeway is forgiven, a larger one is not."""
    check = authenticator()
    now = int(time.time())
    assert await check.principal([f"Bearer {token(exp=now - 1, iat=now - 100)}"])
    assert await check.principal([f"Bearer {token(iat=now + 3)}"])
    assert await refused(f"Bearer {token(iat=now + 3600)}") == "UNAUTHENTICATED"


async def test_a_list_of_issuers_is_refused() -> None:
    """A token that names several issuers is refused, though the right one is among them."""
    several = forged({"alg": "EdDSA", "kid": "ed-1", "typ": "JWT"}, key("ed-1").sign, iss=[ISSUER])
    assert await refused(f"Bearer {several}") == "UNAUTHENTICATED"


async def test_a_changed_token_is_refused() -> None:
    """A token whose claims were changed after signing is refused."""
    head, _, signature = token().split(".")
    body = token(sub="somebody-else").split(".")[1]
    assert await refused(f"Bearer {head}.{body}.{signature}") == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "more",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"alg": "RS256"},
        {"d": "AAAA"},
        {"crv": "X25519"},
        {"kty": "oct"},
        {"kty": 7},
        {"crv": []},
        {"x": "AA"},
        {"x": 7},
        {"kid": 7},
    ],
)
async def test_unfit_keys_are_not_used(more: dict[str, object]) -> None:
    """A key that is published for something else, or with its private half, verifies nothing."""
    published = _set(jwk("ed-1", **more), jwk("ed-2"))
    assert await refused(f"Bearer {token('ed-1')}", published=published) == "UNAUTHENTICATED"
    assert await authenticator(published).principal([f"Bearer {token('ed-2')}"])


async def test_weak_and_ambiguous_keys_are_not_used() -> None:
    """A short RSA key verifies nothing, nor do two keys of one name."""
    published = _set(jwk("weak-1"), jwk("ed-1"), jwk("ed-2", kid="ed-1"), jwk("rsa-1"))
    weak = forged(
        {"alg": "RS256", "kid": "weak-1", "typ": "JWT"}, lambda text: key("weak-1").sign(text, PKCS1v15(), SHA256())
    )
    assert await refused(f"Bearer {weak}", published=published) == "UNAUTHENTICATED"
    assert await refused(f"Bearer {token('ed-1')}", published=published) == "UNAUTHENTICATED"
    assert await authenticator(published).principal([f"Bearer {token('rsa-1', 'RS256')}"])


async def test_a_checked_token_is_remembered_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token's signature is checked once, and once more from the moment it expires."""
    clock = Clock(NOW)
    check = authenticator(clock=clock)
    checks = Mock(wraps=check._verified)
    monkeypatch.setattr(check, "_verified", checks)
    header = [f"Bearer {token(exp=LATER)}"]
    for now, expected in ((NOW, 1), (LATER - 1, 1), (LATER, 2)):
        clock.now = now
        await check.principal(header)
        assert expected == checks.call_count


async def test_a_withdrawn_key_ends_what_was_remembered() -> None:
    """A token that was found valid is refused once its key is withdrawn."""
    publisher, clock = Publisher(key_set("ed-1", "ed-2")), Clock(0)
    check = Authenticator(KeySource(URL, transport=publisher, clock=clock), ISSUER, AUDIENCE, 5)
    header = [f"Bearer {token('ed-1')}"]
    assert await check.principal(header)
    publisher.answer, clock.now = key_set("ed-2"), 300
    with pytest.raises(Refusal, match="UNAUTHENTICATED"):
        await check.principal(header)


@pytest.mark.parametrize(
    ("issuer", "audience", "leeway"), [("", "a", 5), ("i", "", 5), ("i", "a", -1), ("i", "a", 301)]
)
def test_a_careless_setting_is_refused(issuer: str, audience: str, leeway: int) -> None:
    """An authenticator that would accept anybody's tokens, or stale ones, cannot be made."""
    with pytest.raises(ValueError, match=r"leeway|name the issuer"):
        Authenticator(KeySource(URL), issuer, audience, leeway)


async def test_the_demonstrations_own_tokens_are_sound(tmp_path: Path) -> None:
    """What the demonstration's issuer issues is accepted, from one private key that every process shares."""
    first, second = DemoIssuer(tmp_path), DemoIssuer(tmp_path)
    check = Authenticator(KeySource(first.jwks_url), first.name, DEMO_AUDIENCE, 0)
    for issuer in (first, second):
        assert (await check.principal([f"Bearer {issuer.issue('account-9')}"])).account == "account-9"
    files = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "issuer").iterdir()}
    assert set(files) == {"issuer.pem", "jwks.json"}
    assert files["issuer.pem"] == 0o600


async def test_processes_that_start_together_share_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two processes that both find no key, the second uses the key of the first, and leaves nothing behind."""
    first = DemoIssuer(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _path: False)
    second = DemoIssuer(tmp_path)
    check = Authenticator(KeySource(first.jwks_url), first.name, DEMO_AUDIENCE, 0)
    assert await check.principal([f"Bearer {second.issue('account-9')}"])
    assert {path.name for path in (tmp_path / "issuer").iterdir()} == {"issuer.pem", "jwks.json"}


async def test_one_demonstration_does_not_trust_another(tmp_path: Path) -> None:
    """A token of another data folder's issuer is refused."""
    here, there = DemoIssuer(tmp_path / "here"), DemoIssuer(tmp_path / "there")
    check = Authenticator(KeySource(here.jwks_url), here.name, DEMO_AUDIENCE, 0)
    with pytest.raises(Refusal, match="UNAUTHENTICATED"):
        await check.principal([f"Bearer {there.issue('account-9')}"])


def test_the_demonstrations_key_must_be_one(tmp_path: Path) -> None:
    """A key file of another kind is refused with advice, and never used."""
    folder = tmp_path / "issuer"
    folder.mkdir()
    other = key("ec-1").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "issuer.pem").write_bytes(other)
    with pytest.raises(TypeError, match="remove it"):
        DemoIssuer(tmp_path)


def _set(*keys: dict[str, object]) -> bytes:
    return orjson.dumps({"keys": list(keys)})
