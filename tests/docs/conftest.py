"""The demonstration that the documentation is tried on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.issuer import DemoIssuer
from seed.cast import cast_json
from tests.commands import demo, free_port


@dataclass(frozen=True)
class Demo:
    """A running demonstration.

    Attributes:
        data: its data folder.
        port: its port.
    """

    data: Path
    port: int

    def ask(self, persona: str, purpose: str, query: str, variables: dict[str, Any]) -> httpx.Response:
        """Ask as somebody of the cast."""
        headers = {
            "authorization": f"Bearer {DemoIssuer(self.data).issue(cast_json()['accounts'][persona])}",
            "x-access-purpose": purpose,
            "x-access-reason": "reading the documentation",
        }
        return httpx.post(
            f"http://127.0.0.1:{self.port}/graphql", json={"query": query, "variables": variables}, headers=headers
        )


@pytest.fixture(name="running", scope="package")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data, port = tmp_path_factory.mktemp("documentation"), free_port()
    with demo(data, port):
        yield Demo(data, port)
