"""The witness, a program of its own: it shares nothing with a gateway, and should run with somebody else."""

import re
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from audit.note import NoteError, Verifier
from audit.witness.http import witness_app
from audit.witness.state import Witness, create_witness
from gateway.connection import SERVER
from gateway.port import check_port

_LISTEN = re.compile(r"(?P<host>[\w.-]+|\[[0-9a-f:]+\]):(?P<port>[0-9]{1,5})")


def witness(
    *,
    data: Annotated[Path, typer.Option(help="The witness's folder: its key, and what it has cosigned.")],
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on.")],
    name: Annotated[str, typer.Option(help="Its name, such as witness.example.")],
    logs: Annotated[list[str], typer.Option("--log", help="The public key of a log to watch; may be repeated.")],
) -> None:
    """Cosign the checkpoints of audit logs, as long as each continues the one before."""
    where = _LISTEN.fullmatch(listen)
    if where is None:
        raise typer.BadParameter(f"{listen} is not an address and a port, such as 127.0.0.1:8100.")
    host, port = where["host"].strip("[]"), int(where["port"])
    if not 0 < port < 65536:  # noqa: PLR2004 - the ports there are
        raise typer.BadParameter(f"{listen} names no port. Give one from 1 to 65535, such as 127.0.0.1:8100.")
    check_port(host, port, "Give another with --listen.")
    watched = [_log(each) for each in logs]
    create_witness(data, name)
    running = Witness(data, watched)
    typer.echo(running.key.text)
    uvicorn.run(witness_app(running), host=host, port=port, **SERVER)


def _log(text: str) -> Verifier:
    try:
        return Verifier.parse(text)
    except NoteError as error:
        raise typer.BadParameter(f"--log: {error} Give what stands in the log's log.pub, in quotes.") from None
