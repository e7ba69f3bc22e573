"""docker-compose.yml is valid, runs the pinned versions with the native settings, and opens one port."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gateway.engines import stream
from gateway.pins import pins
from gateway.policy.bundle import ALGORITHM, KEY_ID
from gateway.settings import read_settings
from gateway.stack import neo4j

CHECKOUT = Path(__file__).parents[2]
COMPOSE = CHECKOUT / "docker-compose.yml"
SECRET = re.compile(r"PASSWORD|AUTH|SECRET|TOKEN|KEY|requirepass")


@pytest.fixture(name="services", scope="module")
def _services() -> dict[str, Any]:
    services: dict[str, Any] = YAML(typ="safe").load(COMPOSE)["services"]
    return services


def test_it_follows_the_compose_specification() -> None:
    """The file is valid by the JSON schema of the Compose Specification."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this interpreter
    assert done.returncode == 0, done.stdout


def test_it_runs_the_pinned_versions(services: dict[str, Any]) -> None:
    """Every image is the pinned one, and the gateway is built from this checkout."""
    images = {name: service.get("image") for name, service in services.items()}
    assert images == {
        "archiver": None,
        "gateway": None,
        "graph": f"neo4j:{pins().neo4j}",
        "policy": f"openpolicyagent/opa:{pins().opa}",
        "stream": f"redis:{pins().redis}",
    }


def test_the_graph_is_set_as_natively(services: dict[str, Any]) -> None:
    """Neo4j has the settings of the native launcher, no more and no fewer."""
    environment = dict(services["graph"]["environment"])
    environment.pop("NEO4J_AUTH")
    expected = {"NEO4J_" + key.replace("_", "__").replace(".", "_"): value for key, value in neo4j.SETTINGS.items()}
    assert environment == expected


def test_the_stream_is_set_as_natively() -> None:
    """Redis has the settings that the audit record needs."""
    text = YAML(typ="safe").load(COMPOSE)["configs"]["redis"]["content"]
    settings = dict(line.split(" ", 1) for line in text.splitlines())
    assert {key: settings[key] for key in stream.SETTINGS} == stream.SETTINGS


def test_policy_is_served_signed_alone(services: dict[str, Any]) -> None:
    """OPA and the gateway read one store, each with the key without whose signature nothing is in force."""
    command, gateway = services["policy"]["command"], services["gateway"]["environment"]
    assert command[command.index("--verification-key") + 1] == gateway["DIRECTORY_POLICY_KEY"]
    assert command[command.index("--verification-key-id") + 1] == KEY_ID
    assert command[command.index("--signing-alg") + 1] == ALGORITHM
    assert command[command.index("--bundle") + 1] == f"{gateway['DIRECTORY_POLICY_STORE']}/live.tar.gz"
    assert set(services["policy"]["volumes"]) < set(services["gateway"]["volumes"])
    assert "DIRECTORY_UNSIGNED_POLICIES" not in gateway


def test_only_the_gateway_can_be_reached(services: dict[str, Any]) -> None:
    """No port but the gateway's is published, and the engines have no way out."""
    assert [name for name, service in services.items() if "ports" in service] == ["gateway"]
    engines = {name: service.get("networks") for name, service in services.items() if name != "gateway"}
    assert engines.pop("archiver") == ["edge", "inside"]  # the way to witnesses
    assert engines == {"graph": ["inside"], "policy": ["inside"], "stream": ["inside"]}
    assert YAML(typ="safe").load(COMPOSE)["networks"]["inside"] == {"internal": True}


def test_every_server_has_a_health_check(services: dict[str, Any]) -> None:
    """What listens is watched, and the gateway waits until all its engines are healthy."""
    assert [name for name, service in services.items() if "healthcheck" not in service] == []
    waits = {name: wait["condition"] for name, wait in services["gateway"]["depends_on"].items()}
    assert waits == dict.fromkeys(("graph", "policy", "stream"), "service_healthy")


def test_no_secret_has_a_default() -> None:
    """Every secret comes from the environment, and nothing starts while one is missing."""
    lines = [
        line for line in COMPOSE.read_text(encoding="utf-8").splitlines() if SECRET.search(line) and ".pub" not in line
    ]
    assert lines
    for line in lines:
        folder = re.fullmatch(r"DIRECTORY_AUDIT_(KEYS|KEYSTORE): /\S+", line.strip())
        assert folder or re.search(r"\$\{(GRAPH_PASSWORD|STREAM_PASSWORD|AUDIT_KEYS|ARCHIVE_KEYS):\?[^}]+\}", line), (
            line
        )
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^(?:GRAPH|STREAM)_PASSWORD=(.*)$", example, re.MULTILINE) == ["", ""]


def test_the_archiver_alone_writes_the_archive(services: dict[str, Any]) -> None:
    """Gateway and archiver share settings and archive; only the archiver can write it, and each has keys of its own."""
    gateway, archiver = services["gateway"], services["archiver"]
    assert gateway["environment"].items() <= archiver["environment"].items()
    assert "DIRECTORY_AUDIT_KEYSTORE" not in gateway["environment"]
    assert [each for each in gateway["volumes"] if "archive" in each] == ["archive:/archive:ro"]
    assert "archive:/archive" in archiver["volumes"]
    assert "${ARCHIVE_KEYS:?set it in .env}:/keys:ro" in archiver["volumes"]
    assert archiver["command"][:3] == ["audit", "archive", "--settings"]
    made = (CHECKOUT / "gateway" / "Dockerfile").read_text("utf-8")
    assert "install --directory --owner directory --mode 0700 /archive /keystore" in made


def test_the_gateway_accepts_its_settings(services: dict[str, Any]) -> None:
    """With the variables of .env.example filled in, the gateway takes the environment that it is given."""
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    filled = {name: value or "filled" for name, value in re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE)}
    filled["DIRECTORY_JWKS"] = "https://issuer.example/keys"
    environment = {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: filled[found[1]], value)
        for name, value in services["gateway"]["environment"].items()
    }
    settings = read_settings(filled | environment)
    assert (settings.policy, settings.opa_url) == ("opa", "http://policy:8181")
    assert settings.stream_url.get_secret_value() == "redis://:filled@stream:6379/0"
    assert services["gateway"]["ports"][0].endswith(f":{settings.port}")
