"""Every place that names a version of a server or tool names the pinned one."""

import re
from pathlib import Path

from gateway.pins import pins
from gateway.stack import tools

CHECKOUT = Path(__file__).parents[2]


def test_the_dockerfile_uses_the_pinned_python() -> None:
    """The gateway's image is built on the pinned Python."""
    dockerfile = (CHECKOUT / "gateway/Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)$", dockerfile, re.MULTILINE) == [f"python:{pins().python}-slim"]


def test_the_native_launcher_names_no_version() -> None:
    """No module of the native launcher or of the engines states a server's version by itself."""
    versions = [pins().neo4j, pins().opa, pins().regal, pins().redis]
    for folder in ("gateway/engines", "gateway/stack"):
        for module in (CHECKOUT / folder).glob("*.py"):
            text = module.read_text(encoding="utf-8")
            assert [version for version in versions if version in text] == [], module


def test_the_jars_are_those_of_the_pin() -> None:
    """Both of Neo4j's artifacts are fetched at one version, the pinned one."""
    pom = tools.pom(pins().neo4j)
    assert re.findall(r"<version>(.+?)</version>", pom) == ["1", pins().neo4j, pins().neo4j]


def test_the_image_of_redis_is_one_that_the_launcher_accepts() -> None:
    """The Redis of docker-compose.yml is not older than what the launcher asks of the PATH."""
    major, minor, _ = pins().redis.split(".")
    assert (int(major), int(minor)) >= pins().redis_minimum


def test_the_lock_of_regal_is_at_the_pin() -> None:
    """The module that locks Regal by hash requires the pinned version."""
    lock = (CHECKOUT / "gateway/stack/regal/go.mod").read_text(encoding="utf-8")
    assert f"github.com/open-policy-agent/regal v{pins().regal}" in lock
