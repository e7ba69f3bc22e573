"""A PostgreSQL server of the bench's own, with the population in tables."""

import csv
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.model import BenchError
from bench.node import PEERS
from bench.people import Peopled
from seed.shape import AT, BY, CARES_FOR, OF, PART_OF, RESIDES_IN, Batch, Link, Value

_SETTINGS = ("shared_buffers=512MB", "jit=off", "listen_addresses=127.0.0.1", "max_connections=200", "fsync=off")
"""As much cache as Neo4j's pages get; no compiling of short queries. Nothing is written while it is measured."""
_SECONDS = 60.0
_ADDRESS = ("addressLines", "postcode", "addressState")
_TABLES: Mapping[str, tuple[str, Sequence[str], Mapping[str, Link]]] = {
    "organisation": ("Organisation", ("id", "name", "kind", "phone", "outOfHoursPhone"), {}),
    "service": ("Service", ("id", "name", "kind", "phone", "email", "outOfHoursPhone"), {"organisation_id": PART_OF}),
    "practitioner": ("Practitioner", ("id", "name", "role", "phone", "email"), {}),
    "child": (
        "Child",
        ("id", "number", "givenName", "familyName", "dateOfBirth", "gender", *_ADDRESS, "shielded"),
        {"authority_id": RESIDES_IN},
    ),
    "carer": ("Carer", ("id", "givenName", "familyName", "phone", *_ADDRESS), {}),
    "involvement": (
        "Involvement",
        ("id", "kind", "since", "until", "lead"),
        {"child_id": OF, "service_id": AT, "practitioner_id": BY},
    ),
}
"""For each table the label, its properties, and the links that are a column."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server.

    Attributes:
        pid: its first process.
        port: where it listens.
        version: its version.
    """

    pid: int
    port: int
    version: str

    def url(self, user: str) -> str:
        """The address for a role."""
        return f"postgres://{user}@127.0.0.1:{self.port}/postgres"


def program(name: str) -> Path:
    """One of PostgreSQL's programs; Debian keeps them off the path.

    Raises:
        BenchError: it is not installed.
    """
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda each: int(each.parts[-3]))
    path = found[-1] if found else shutil.which(name)
    if path is None:
        raise BenchError("PostgreSQL is missing: install it (on Debian: apt-get install postgresql).")
    return Path(path)


@contextmanager
def postgres(port: int, people: Peopled) -> Iterator[Postgres]:
    """Run a server for the length of a block, with a population in it. It never runs as root.

    Raises:
        BenchError: PostgreSQL is missing, or does not start.
    """
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as folder:
        data = Path(folder, "data")
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]
        _run([program("initdb"), f"--pgdata={data}", *options], user)
        settings = [f"--{each}" for each in (*_SETTINGS, f"unix_socket_directories={folder}", f"port={port}")]
        log = Path(folder, "log")
        with log.open("wb") as said, _server([program("postgres"), "-D", data, *settings], user, said) as process:
            running = Postgres(process.pid, port, _run([program("postgres"), "--version"], user).split()[2])
            _wait(running, process, log)
            _load(running, people, user)
            yield running


@contextmanager
def _server(command: Sequence[str | Path], user: str, log: object) -> Iterator["subprocess.Popen[bytes]"]:
    process: subprocess.Popen[bytes] = subprocess.Popen(  # type: ignore[call-overload] # noqa: S603
        command, stdout=log, stderr=log, cwd="/", **_as(user)
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _as(user: str) -> dict[str, Any]:
    """How a process is run as a user; only root may choose one."""
    return {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}


def _run(command: Sequence[str | Path], user: str, given: str = "") -> str:
    done: subprocess.CompletedProcess[str] = subprocess.run(  # noqa: S603 - our own words
        command, input=given, capture_output=True, text=True, check=False, cwd="/", **_as(user)
    )
    if done.returncode != 0:
        raise BenchError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return done.stdout


def _psql(server: Postgres, user: str, *words: str, given: str = "") -> None:
    options = ("--quiet", "--no-psqlrc", "-v", "ON_ERROR_STOP=1")
    _run([program("psql"), server.url("postgres"), *options, *words], user, given)


def _wait(server: Postgres, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while subprocess.run([program("pg_isready"), "-q", "-d", server.url("postgres")], check=False).returncode:  # noqa: S603
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchError(f"PostgreSQL does not start: {log.read_text('utf-8', errors='replace')[-600:]}")
        time.sleep(0.1)


def _load(server: Postgres, people: Peopled, user: str) -> None:
    """Write the rows beside the server's data and have it copy them."""
    _psql(server, user, given=(PEERS / "tables.sql").read_text("utf-8"))  # a user who may not look in here
    with tempfile.TemporaryDirectory(prefix="bench-rows-") as folder:
        Path(folder).chmod(0o755)
        names = _written(Path(folder), people)
        for table, columns in names.items():
            source = Path(folder, f"{table}.csv")
            _psql(
                server, user, "-c", f"\\copy directory.{table} ({', '.join(columns)}) from '{source}' with (format csv)"
            )
    _psql(server, user, given=(PEERS / "rules.sql").read_text("utf-8"))


def _written(folder: Path, people: Peopled) -> dict[str, list[str]]:
    """The columns of each table whose rows were written, in an order in which they may be copied."""
    columns = {name: [*map(_column, fields), *links] for name, (_, fields, links) in _TABLES.items()}
    columns["care"] = ["carer_id", "child_id", "relationship", "parental_responsibility"]
    files = {name: (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") for name in columns}
    writers = {name: csv.writer(file) for name, file in files.items()}
    for batch in people.batches():
        for table, rows in _rows(batch):
            writers[table].writerows(rows)
    for file in files.values():
        file.close()
    order = ("organisation", "service", "practitioner", "child", "carer", "care", "involvement")
    return {name: columns[name] for name in order}


def _rows(batch: Batch) -> Iterator[tuple[str, list[list[object]]]]:
    for table, (label, fields, links) in _TABLES.items():
        ends = {column: {row["start"]: row["end"] for row in batch.links[link]} for column, link in links.items()}
        yield (
            table,
            [
                [*(_cell(row.get(name)) for name in fields), *(ends[column].get(row["id"]) for column in links)]
                for row in batch.nodes[label]
            ],
        )
    yield "care", [[_cell(row[name]) for name in _CARE] for row in batch.links[CARES_FOR]]


_CARE = ("start", "end", "relationship", "parentalResponsibility")


def _column(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _cell(value: Value) -> object:
    """A value as a cell: a list as PostgreSQL writes one."""
    if isinstance(value, list):
        quoted = (each.replace("\\", "\\\\").replace('"', '\\"') for each in value)
        return "{" + ",".join(f'"{each}"' for each in quoted) + "}"
    return value
