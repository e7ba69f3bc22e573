"""The pinned versions of `pins.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Pins:
    """Versions of servers and tools.

    Attributes:
        neo4j: version of Neo4j's jars and of its image.
        opa: version of Open Policy Agent and of its image.
        regal: version of the Rego linter.
        redis: version of the Redis image.
        redis_minimum: major and minor version of the oldest Redis that is accepted from the PATH.
        python: version of the gateway's Python image.
    """

    neo4j: str
    opa: str
    regal: str
    redis: str
    redis_minimum: tuple[int, int]
    python: str


@cache
def pins() -> Pins:
    """Read `pins.toml`, once."""
    table = tomllib.loads(Path(__file__).with_name("pins.toml").read_text(encoding="utf-8"))
    major, minor = table["redis"]["minimum"].split(".")
    return Pins(
        neo4j=table["neo4j"]["version"],
        opa=table["opa"]["version"],
        regal=table["regal"]["version"],
        redis=table["redis"]["version"],
        redis_minimum=(int(major), int(minor)),
        python=table["python"]["version"],
    )
