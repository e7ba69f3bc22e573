"""The demonstration: embedded engines, a synthetic authority, the gateway, and what to do next. In one process tree."""

import asyncio
import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.app import create_app, prepare
from gateway.connection import SERVER
from gateway.console import Persona
from gateway.engines.embedded import embedded_engines
from gateway.engines.model import Engines
from gateway.folder import DEMO, environment_of, settings_of
from gateway.issuer import DemoIssuer
from gateway.port import check_port
from gateway.services import graph_driver, services
from gateway.settings import ROOT, Settings
from graph.constraints import constrain
from seed.cast import CAST, cast_json
from seed.load import clear, is_seeded, load
from seed.population import population

SEED = 20_070_727
"""The population's seed: the day on which the consultation closed that the product answers."""
SHIFT = 8 * 60 * 60
"""How long the console's tokens last, in seconds."""


def run_demo(data: Path, *, host: str, port: int, children: int, screen: Console) -> None:
    """Run until interrupted.

    Raises:
        EngineError: an engine cannot be started.
        StartError: the port is taken, or an engine cannot be relied on.
    """
    check_port(host, port, f"Choose another: directory demo --port {port % 65535 + 1}.")
    screen.print("Starting the embedded engines …")
    with embedded_engines(data) as engines:
        settings = settings_of(data, engines, host=host, port=port)
        asyncio.run(_prepared(settings, children, screen))
        with _archiving(data, engines), suppress(KeyboardInterrupt):  # the usual end
            asyncio.run(_serve(settings, data, screen))
        screen.print("Stopping …")


@contextmanager
def _archiving(data: Path, engines: Engines) -> Iterator[None]:
    """An archiver beside the gateway, which ends with it, however it ends."""
    command = [sys.executable, "-m", "gateway.archiver"]
    environment = os.environ | environment_of(data, engines)
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, cwd=ROOT) as archiver:  # noqa: S603 - our own
        try:
            yield
        finally:
            archiver.communicate()  # closes the pipe, by which it ends


async def _prepared(settings: Settings, children: int, screen: Console) -> None:
    async with graph_driver(settings) as driver:
        await constrain(driver)
        if not await is_seeded(driver):
            await clear(driver)
            await seed_graph(settings, children, SEED, screen)
    with screen.status("Planning the known statements …"):
        async with services(settings) as parts:
            await prepare(parts)


async def seed_graph(settings: Settings, children: int, seed: int, screen: Console) -> None:
    """Load a population, with a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    today: date = datetime.now(UTC).date()
    with Progress(*columns, console=screen) as progress:
        task = progress.add_task("Seeding children", total=children)
        async with graph_driver(settings) as driver:
            await load(driver, population(children, seed, today), lambda done, _: progress.update(task, completed=done))


async def _serve(settings: Settings, data: Path, screen: Console) -> None:
    issuer = DemoIssuer(data)
    personas = [Persona(each.name, each.story, issuer.issue(each.id, seconds=SHIFT)) for each in CAST.accounts]
    app = create_app(settings.model_copy(update={"warm": False}), personas)
    config = uvicorn.Config(app, host=settings.host, port=settings.port, **SERVER)
    server = _Announcing(config, lambda: tell(settings, data, screen))
    await server.serve()


class _Announcing(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def tell(settings: Settings, data: Path, screen: Console) -> None:
    """Say what to do now that it runs: an address, a persona, and a command that works as pasted."""
    address = f"http://{settings.host}:{settings.port}"
    lines = (
        f"\n[bold]Who else is working with this child?[/bold] The directory answers at [bold]{address}/[/bold]",
        "Open it and ask as [bold]social-worker[/bold], then as [bold]partner-caseworker[/bold].",
        "Or paste this into another terminal, in this folder:\n",
        escape(curl(address, data)),
        "\nEverybody else: [bold].venv/bin/directory cast[/bold]   Ctrl-C stops it.",
    )
    for line in lines:
        screen.print(line, highlight=False, soft_wrap=True)


def curl(address: str, data: Path) -> str:
    """A command that asks about a child of the cast as the social worker."""
    child = cast_json()["children"]["open-child"]
    fields = "givenName involvements { kind service { name phone } practitioner { name } }"
    body = json.dumps({"query": f'{{ child(id: "{child}") {{ {fields} }} }}'})
    where = "" if data == DEMO else f" --data {shlex.quote(str(data))}"
    return (
        f"curl -s {address}/graphql -H 'content-type: application/json' \\\n"
        "  -H 'x-access-purpose: coordinate-services' -H 'x-access-reason: team around the child meeting' \\\n"
        f'  -H "authorization: Bearer $(.venv/bin/directory token --as social-worker{where})" \\\n'
        f"  -d '{body}'"
    )
