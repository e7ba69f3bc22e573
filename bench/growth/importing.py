"""The import tool of Neo4j Community, run on a population's files while the server is down."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from neo4j import AsyncDriver

from bench.growth.rows import ARRAY, LISTS, headers, is_link
from gateway.engines.folder import DataFolder, credential, end_engines, locked, open_folder
from gateway.stack import neo4j
from gateway.stack.tools import ensure_neo4j, java, run
from seed.load import DATABASE

_MEMORY = "40%"
"""How much of the memory that is free the tool may use besides its heap."""
_COMPLETE = (
    f"MATCH (c:Child) CALL (c) {{ SET {', '.join(f'c.{name} = coalesce(c.{name}, [])' for name in LISTS)} }} "
    "IN TRANSACTIONS OF 20000 ROWS"
)
"""Without a condition on what it sets: for that, Neo4j would first gather all children in memory."""
_PORT = 7687
"""Written into the settings that the tool reads, and opened by nobody: a server's port is chosen when it starts."""


def imported(data: Path, files: Path, progress: Callable[[str], None]) -> float:
    """Have a stack's Neo4j hold the population of some files, in place of whatever it held.

    The constraints and indexes are not made. A stack that is up on the folder is stopped.

    Args:
        data: the data folder of the stack.
        files: what `bench.growth.files.write` wrote.
        progress: told of each step that takes a while.

    Returns:
        How long it took, in seconds.

    Raises:
        EngineError: a tool is missing, the folder is in use, or the files cannot be imported.
    """
    folder = open_folder(data, "stack")
    jars = ensure_neo4j(progress)
    with locked(folder):
        end_engines(folder)
        neo4j.server(folder, jars, java(), port=_PORT, password=credential(folder, "graph"))
        began = time.monotonic()
        run(_command(folder, files), f"The files in {files} cannot be imported", _places(folder), private=True)
        return time.monotonic() - began


async def completed(driver: AsyncDriver) -> float:
    """Give imported children the empty lists that the tool leaves out, some thousands at a time.

    Returns:
        How long it took, in seconds.
    """
    began = time.monotonic()
    async with driver.session(database=DATABASE) as session:
        await (await session.run(_COMPLETE)).consume()
    return time.monotonic() - began


def dropped(data: Path) -> None:
    """Make room: delete the graph of a stack that is down. Another can be imported into its place.

    Raises:
        EngineError: the folder is in use.
    """
    folder = open_folder(data, "stack")
    with locked(folder):
        end_engines(folder)
        for part in ("databases", "transactions"):
            shutil.rmtree(folder.part("graph") / "data" / part / DATABASE, ignore_errors=True)


def size(data: Path) -> int:
    """How much room the graph takes on the disk, in bytes: records and indexes, without the transaction log."""
    store = DataFolder(data).part("graph") / "data" / "databases" / DATABASE
    return sum(file.stat().st_blocks * 512 for file in store.rglob("*") if file.is_file())


def _places(folder: DataFolder) -> dict[str, str]:
    home = folder.part("graph")
    return {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}


def _command(folder: DataFolder, files: Path) -> list[str]:
    arguments = folder.part("run") / "graph.args"
    groups = []
    for name in headers():
        if parts := sorted(files.glob(f"{name}-*.csv.gz")):
            kind = "relationships" if is_link(name) else "nodes"
            groups.append(f"--{kind}={name}={','.join(map(str, (files / f'{name}.csv', *parts)))}")
    options = (
        *("--id-type=integer", "--delimiter=TAB", f"--array-delimiter=U+{ord(ARRAY):04X}"),
        *("--path-pattern-style=none", "--overwrite-destination=true", f"--max-off-heap-memory={_MEMORY}"),
        # It would be written into the folder that the command was called from.
        f"--report-file={folder.log('import')}",
    )
    command = (str(java()), f"@{arguments}", "org.neo4j.cli.AdminTool", "database", "import", "full")
    return [*command, DATABASE, *options, *groups]
