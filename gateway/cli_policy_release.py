"""Commands that take a policy live: build, sign, agree, activate, and go back."""

import getpass
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.cli_policy import POLICIES, FolderOption, app
from gateway.folder import DEMO, VARIABLE, data_folder
from gateway.options import JsonOption
from gateway.policy.bundle import believe, read_bundle, read_keys
from gateway.policy.files import read_policies
from gateway.policy.store import Store
from gateway.signers import make_keys, store_of
from gateway.workbench import release
from gateway.workbench.matrix import summary
from gateway.workbench.opa import pinned_opa
from gateway.workbench.space import capacities

__all__ = ["app"]
_screen = Console(stderr=True)
StoreOption = Annotated[
    Path | None, typer.Option("--store", help=f"The policy store; else that of {VARIABLE}, else the demo's.")
]
KeyOption = Annotated[Path, typer.Option("--key", help="Your private key, a PEM file.")]
RevisionArgument = Annotated[str, typer.Argument(help="The policy revision.")]


def store(given: Path | None) -> Store:
    """The store that a command means; its `keys` folder holds both public keys."""
    folder = given or store_of(data_folder(None, DEMO))
    return Store(folder, read_keys(folder / "keys" / "first.pub", folder / "keys" / "second.pub"))


@app.command()
def keys(
    *,
    out: Annotated[Path, typer.Option(help="Where to keep them; the private one is yours alone.")],
    name: Annotated[str, typer.Option(help="first for whoever signs, second for whoever agrees.")] = "first",
) -> None:
    """Make a key pair to sign policies with, or to agree to them."""
    typer.echo(str(make_keys(out, name)))


@app.command()
def build(
    *,
    folder: FolderOption = POLICIES,
    out: Annotated[Path, typer.Option(help="The bundle to write.")] = Path("policy.tar.gz"),
) -> None:
    """Check, prove and test the policies, and build their bundle, unsigned."""
    opa = pinned_opa(_screen.print)
    with _screen.status("Checking, proving and testing the policies …"):
        policies = release.build(opa, folder.resolve(), out)
    _screen.print(f"Policy revision {policies.revision} is in {out}. Next: directory policy sign {out}", soft_wrap=True)
    typer.echo(policies.revision)


@app.command()
def sign(
    *,
    bundle: Annotated[Path, typer.Argument(help="What directory policy build wrote.")],
    key: KeyOption,
    folder: FolderOption = POLICIES,
    where: StoreOption = None,
) -> None:
    """Vouch for a bundle: prove it once more, compare it with what is live, sign it, and put it into the store."""
    opa, columns = pinned_opa(_screen.print), (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_screen, transient=True) as progress:
        task = progress.add_task("Comparing with what is live", total=2 * len([*capacities(read_policies(folder))]))
        policies, found = release.sign(
            opa, bundle, folder.resolve(), key, store=store(where), step=lambda: progress.advance(task)
        )
    for line in summary(found.changed) if found.base else ():
        _screen.print(line, markup=False, highlight=False, soft_wrap=True)
    _screen.print(f"Signed policy revision {policies.revision}: {len(found.changed)} cells differ from what is live.")
    if found.widens:
        more = f", and these may allow more: {', '.join(found.tables)}" if found.tables else ""
        _screen.print(f"It opens {len(found.opened)} cells{more}. A second person must agree:", soft_wrap=True)
        _screen.print(f"directory policy agree {policies.revision}", soft_wrap=True)
    else:
        _screen.print(f"It opens nothing. Next: directory policy activate {policies.revision}", soft_wrap=True)
    typer.echo(policies.revision)


@app.command()
def agree(*, revision: RevisionArgument, key: KeyOption, where: StoreOption = None) -> None:
    """Agree, as a second person, that a revision which opens more may go live."""
    release.agree(store(where), revision, key)
    _screen.print(f"Agreed. Next: directory policy activate {revision}", soft_wrap=True)


@app.command()
def check(
    *,
    bundle: Annotated[Path, typer.Argument(help="A signed bundle.")],
    where: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a signed bundle as a gateway does: its signature, its proof, and whether it needs a second person."""
    of = store(where)
    found = read_bundle(bundle, of.keys)
    believe(found, of.agreement(found.policies.revision), of.keys)
    told = {"revision": found.policies.revision, "base": found.vouched.base, "widens": found.vouched.widens}
    if as_json:
        typer.echo(json.dumps(told))
    _screen.print(f"Policy revision {told['revision']} is signed, proved and may go live.", soft_wrap=True)


@app.command()
def activate(*, revision: RevisionArgument, where: StoreOption = None) -> None:
    """Make a revision live: within a second every gateway decides by it, without a restart."""
    store(where).activate(revision, at=now(), by=getpass.getuser())
    _screen.print(f"Policy revision {revision} is live. Go back with: directory policy rollback", soft_wrap=True)


@app.command()
def rollback(*, where: StoreOption = None) -> None:
    """Make live again what was live before."""
    revision = store(where).rollback(at=now(), by=getpass.getuser())
    _screen.print(f"Policy revision {revision} is live again.", soft_wrap=True)


@app.command()
def revisions(*, where: StoreOption = None, as_json: JsonOption = False) -> None:
    """List what was live, or decided beside what was, and when."""
    history = store(where).steps()
    if as_json:
        typer.echo(json.dumps([{"at": each.at, "revision": each.revision, "how": each.how} for each in history]))
        return
    table = Table("since", "revision", "by", "how")
    for each in history:
        table.add_row(each.at, each.revision, each.by, each.how)
    Console().print(table)


def now() -> str:
    """The moment, as the store's history holds it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
