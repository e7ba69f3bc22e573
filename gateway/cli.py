"""The command line: thin commands over the parts."""

import asyncio
import json
import math
import os
import sys
import tempfile
from typing import Annotated, NoReturn

import typer
import uvicorn
from neo4j.exceptions import DriverError, Neo4jError
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from audit.archive.folder import ArchiveError, NotArchivedError
from audit.keys import KeyFileError
from audit.keystore import KeyStoreError
from audit.note import NoteError
from audit.seal import UnfitKeyError
from audit.tiles import TileError
from audit.witness.state import WitnessError
from gateway import cli_audit, cli_conformance, cli_emergency, cli_mediation, cli_policy_past, cli_stack
from gateway.app import StartError, prepare
from gateway.connection import SERVER
from gateway.console import ConsoleError
from gateway.engines.model import EngineError
from gateway.folder import DEMO, chosen_settings, data_folder
from gateway.http.load import RECORD_SECONDS
from gateway.mediation import MediationError
from gateway.metrics import SHARED
from gateway.options import DataOption, SettingsOption
from gateway.personas import PersonaError, named
from gateway.policy.files import PolicyError
from gateway.port import check_port
from gateway.services import graph_driver, services
from gateway.settings import Settings, SettingsError, read_settings
from gateway.workbench.hunt import SurvivorError
from gateway.workbench.matrix import MatrixError
from gateway.workbench.proof import ProofError
from graph.closures import ClosureError
from resolvers.refusals import Refusal
from seed.load import GraphNotEmptyError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
app.add_typer(cli_stack.app, name="stack")
app.add_typer(cli_audit.app, name="audit")
app.add_typer(cli_emergency.app, name="emergency")
app.add_typer(cli_policy_past.app, name="policy")
app.add_typer(cli_mediation.app, name="mediation")
app.command()(cli_conformance.conformance)
schema = typer.Typer(no_args_is_help=True, help="The GraphQL schema.")
app.add_typer(schema, name="schema")

_screen = Console(stderr=True)
_WORKER_SECONDS = 60
"""How long a worker may be silent before it is replaced; on a busy machine, starting takes more than uvicorn's 5."""
_TOLD = (
    ArchiveError,
    ClosureError,
    cli_conformance.ConformanceError,
    ConsoleError,
    EngineError,
    GraphNotEmptyError,
    KeyFileError,
    KeyStoreError,
    MatrixError,
    MediationError,
    NotArchivedError,
    NoteError,
    PersonaError,
    PolicyError,
    ProofError,
    SettingsError,
    StartError,
    SurvivorError,
    TileError,
    UnfitKeyError,
    WitnessError,
)
"""What says by itself what to do."""


@app.command()
def demo(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    children: Annotated[int, typer.Option(min=100, help="Children to seed, where there are none yet.")] = 5000,
    data: DataOption = None,
) -> None:
    """Run the directory with embedded engines and a synthetic authority, until Ctrl-C."""
    from gateway.demo import run_demo  # noqa: PLC0415 - the engines are not needed by the other commands

    run_demo(data_folder(data, DEMO), host=host, port=port, children=children, screen=_screen)


@app.command()
def serve(
    *,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; else DIRECTORY_WORKERS.")] = None,
) -> None:
    """Run the gateway against the engines that the settings name."""
    settings = read_settings()
    check_port(settings.host, settings.port, "Set DIRECTORY_PORT to another.")
    with _screen.status("Checking the engines and planning the known statements …"):
        asyncio.run(_checked(settings))
    with tempfile.TemporaryDirectory() as shared:
        if (workers or settings.workers) > 1:
            os.environ[SHARED] = shared
        uvicorn.run(
            "gateway.app:create_app",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers or settings.workers,
            timeout_worker_healthcheck=_WORKER_SECONDS,
            timeout_graceful_shutdown=math.ceil(settings.deadline + RECORD_SECONDS),
            **SERVER,
        )


async def _checked(settings: Settings) -> None:
    async with services(settings) as parts:
        await prepare(parts)


@app.command()
def seed(
    *,
    children: Annotated[int, typer.Option(min=100, help="How many children.")] = 5000,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal populations.")] = 1,
    data: DataOption = None,
    settings: SettingsOption = False,
    anew: Annotated[bool, typer.Option("--anew", help="Empty the graph first: all that is in it is lost.")] = False,
) -> None:
    """Fill an empty graph with a synthetic population and the cast."""
    from gateway.demo import seed_graph  # noqa: PLC0415 - as above
    from graph.constraints import constrain  # noqa: PLC0415 - as above
    from seed.load import clear  # noqa: PLC0415 - as above

    chosen = chosen_settings(data, settings=settings)
    if anew:
        typer.confirm(f"Delete everything in the graph at {chosen.graph_uri}?", abort=True)

    async def _seed() -> None:
        async with graph_driver(chosen) as driver:
            await constrain(driver)
            if anew:
                await clear(driver)
        await seed_graph(chosen, children, seed, _screen)

    asyncio.run(_seed())


@app.command()
def token(
    *,
    persona: Annotated[str, typer.Option("--as", help="A persona of the cast, or an account's identifier.")],
    minutes: Annotated[int, typer.Option(min=1, max=24 * 60, help="How long it is valid.")] = 60,
    data: DataOption = None,
) -> None:
    """Print a bearer token of the data folder's own issuer."""
    from gateway.issuer import DemoIssuer  # noqa: PLC0415 - as above

    typer.echo(DemoIssuer(data_folder(data, DEMO)).issue(named(persona), seconds=minutes * 60))


@app.command()
def cast(
    *, as_json: Annotated[bool, typer.Option("--json", help="For programs: names and identifiers.")] = False
) -> None:
    """List the cast: the accounts and children that every population holds."""
    from seed.cast import CAST, cast_json  # noqa: PLC0415 - as above

    if as_json:
        typer.echo(json.dumps(cast_json(), indent=2))
        return
    for title, people in (("Accounts", CAST.accounts), ("Children", CAST.children)):
        table = Table("name", "who", "id", title=title, title_justify="left")
        for each in people:
            table.add_row(each.name, each.story, each.id)
        Console().print(table)


@schema.command("print")
def schema_print(
    *,
    authenticated: Annotated[
        bool, typer.Option("--authenticated", help="With @authenticated, for routers that heed it.")
    ] = False,
) -> None:
    """Print the subgraph's schema definition, to compose it."""
    from schema.sdl import definition  # noqa: PLC0415 - as above

    typer.echo(definition(authenticated=authenticated))


@schema.command("changelog")
def schema_changelog() -> None:
    """Print the changelog of the schema, from its published versions to this one."""
    from schema.changes import changelog  # noqa: PLC0415 - as above
    from schema.executable import SDL  # noqa: PLC0415 - as above

    typer.echo(changelog(SDL))


def main() -> None:
    """Run a command; what a person can mend is said in a sentence, without a traceback."""
    try:
        app()
    except _TOLD as error:
        _fail(str(error))
    except Refusal as refusal:
        _fail(f"{refusal.sentence} ({', '.join(refusal.codes)})")
    except (DriverError, Neo4jError):
        _fail("The graph does not answer, or refuses the password. Start it, or correct DIRECTORY_GRAPH_URI.")
    except RedisError:
        _fail("The audit stream does not answer. Start Redis, or correct DIRECTORY_STREAM_URL.")
    except OSError as error:
        if error.strerror is None:  # not the system's, but one of ours that says what to do
            _fail(str(error))
        _fail(f"{error.strerror}: {error.filename or 'the system refused'}. Free disk space or mend the rights.")


def _fail(sentence: str) -> NoReturn:
    _screen.print(sentence, style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)
