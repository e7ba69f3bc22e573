"""Signatures, tried on the public vectors of Project Wycheproof."""

import json
from pathlib import Path
from typing import Any

import jwt
import orjson
import pytest

from gateway.identity import _header
from gateway.jwks.keys import usable_keys
from resolvers.refusals import Refusal

_GROUPS = json.loads((Path(__file__).parent / "vectors" / "jws.json").read_text("utf-8"))["groups"]
VECTORS = [(group["public"], test) for group in _GROUPS for test in group["tests"]]
OTHER_ALGORITHM = frozenset({346, 350})
"""Signed by PS384, which is not accepted here, with a key that says PS256."""


def accepted(public: dict[str, Any], encoded: str) -> bool:
    """Whether a signature is accepted, by the steps of a sign-in: key, header, algorithm of the key, signature."""
    keys = usable_keys(orjson.dumps({"keys": [public]}))
    try:
        name, algorithm = _header(encoded)
        key = keys[name]
        if algorithm not in key.algorithms:
            return False
        jwt.PyJWS().decode(encoded, key.public, algorithms=[algorithm])
    except (Refusal, jwt.PyJWTError, KeyError):
        return False
    return True


@pytest.mark.parametrize(
    ("public", "vector"), VECTORS, ids=[f"{test['tcId']}-{test['comment']}" for _, test in VECTORS]
)
def test_only_sound_signatures_are_accepted(public: dict[str, Any], vector: dict[str, Any]) -> None:
    """A signature is accepted if its vector is valid, and refused if it is changed, misnamed or for another use."""
    assert accepted(public, vector["jws"]) == (vector["result"] == "valid" and vector["tcId"] not in OTHER_ALGORITHM)


def test_the_vectors_try_both_outcomes() -> None:
    """There are vectors of every algorithm in use with keys of that kind, valid and invalid."""
    assert {public["kty"] for public, _ in VECTORS} == {"RSA", "EC"}
    assert {test["result"] for _, test in VECTORS} == {"valid", "invalid"}
    assert len(VECTORS) > 100
