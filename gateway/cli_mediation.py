"""`directory mediation`: the two halves of a mediated request, with the data folder's own issuer."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.folder import DEMO, data_folder
from gateway.issuer import DemoIssuer
from gateway.mediation import Codes
from gateway.options import DataOption
from gateway.personas import named

app = typer.Typer(no_args_is_help=True, help="Ask on behalf of a colleague who telephones.")


@app.command()
def code(
    *,
    persona: Annotated[str, typer.Option("--as", help="Who telephones, signed in: a persona of the cast or an id.")],
    mediator: Annotated[str, typer.Option("--to", help="The colleague to whom the code is read out.")],
    data: DataOption = None,
) -> None:
    """Print a one-time code to read out: it is good for that colleague alone, for five minutes."""
    typer.echo(_codes(data).issue(named(persona), named(mediator)))


@app.command()
def token(
    *,
    persona: Annotated[str, typer.Option("--as", help="The colleague who was telephoned, signed in.")],
    given: Annotated[str, typer.Option("--code", help="The code that was read out.")],
    data: DataOption = None,
) -> None:
    """Print the token for x-on-behalf-of: it lets that colleague alone ask for the other, for ten minutes."""
    mediator = named(persona)
    account = _codes(data).redeem(given, mediator)
    typer.echo(DemoIssuer(data_folder(data, DEMO)).issue_mediation(account, mediator))


def _codes(data: Path | None) -> Codes:
    return Codes(data_folder(data, DEMO) / "issuer" / "codes")
