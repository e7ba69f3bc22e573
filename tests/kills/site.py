"""A gateway, a stream, an archiver and a witness, each a process of its own that can be killed and started again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from audit.note import Verifier
from audit.witness.state import Witness, create_witness
from gateway.engines import Engines
from gateway.folder import environment_of
from gateway.issuer import DemoIssuer
from tests.commands import DIRECTORY, ROOT, answers, environment, free_port
from tests.durability.servers import Server
from tests.timing.served import UNLIMITED

PARTS = ("gateway", "stream", "archiver", "witness")
"""What is killed."""
_SECONDS = 90.0


@dataclass
class Program:
    """A program with all that it starts, in a process group of its own.

    Attributes:
        words: its command.
        settings: its environment.
        log: what it writes.
    """

    words: Sequence[str]
    settings: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.process and self.process.poll() is None:
            return
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603 - the directory's own commands
                self.words,
                cwd=ROOT,
                env=environment(self.settings),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it, and all that it started, as a crash would."""
        if self.process:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(_SECONDS)


@dataclass(frozen=True)
class Site:
    """All of it.

    Attributes:
        folder: its data folder: keys, archive, logs.
        gateway: the gateway.
        stream: the stream's server.
        archiver: the archiver.
        witness: a witness of its log.
        key: the witness's public key.
        port: where the gateway answers.
        issuer: whom it trusts.
    """

    folder: Path
    gateway: Program
    stream: Server
    archiver: Program
    witness: Program
    key: Verifier
    port: int
    issuer: DemoIssuer

    @property
    def keys(self) -> Path:
        """The folder of the keys."""
        return self.folder / "keys"

    @property
    def archive(self) -> Path:
        """The folder of the archive."""
        return self.folder / "archive"

    def start(self) -> None:
        """Start whatever does not run."""
        if self.stream.process is None or self.stream.process.poll() is not None:
            self.stream.start()
        for program in (self.witness, self.archiver, self.gateway):
            program.start()

    def kill(self, part: str) -> None:
        """Kill a part."""
        getattr(self, part).kill()

    def await_gateway(self) -> None:
        """Return when the gateway answers again."""
        deadline = time.monotonic() + _SECONDS
        while not answers(self.port):
            assert time.monotonic() < deadline, self.gateway.log.read_text("utf-8")
            self.start()  # it gives up where the stream is still away
            time.sleep(0.05)

    def end(self) -> None:
        """Stop everything."""
        for program in (self.gateway, self.archiver, self.witness):
            program.stop()
        self.stream.kill()


def site(folder: Path, engines: Engines, program: Path) -> Site:
    """A site on the graph of these engines, and a stream of its own, run by this program."""
    stream = Server(program, folder / "stream")
    own = replace(engines, stream_url=stream.url)
    policies = folder / "policies"
    shutil.copytree(ROOT / "policies", policies)
    (policies / "directory" / "limits" / "data.json").write_text(json.dumps(UNLIMITED), encoding="utf-8")
    port, witnessing = free_port(), free_port()
    known = environment_of(folder, own)  # it makes the keys
    create_witness(folder / "witness", "witness.example")
    key = Witness(folder / "witness", ()).key
    settings = {
        **known,
        "DIRECTORY_PORT": str(port),
        "DIRECTORY_POLICIES": str(policies),
        "DIRECTORY_WARM": "false",
        "DIRECTORY_AUDIT_WITNESSES": f"http://127.0.0.1:{witnessing} {key.text}",
    }
    log = (folder / "keys" / "log.pub").read_text("utf-8").strip()
    listen = ("--data", str(folder / "witness"), "--listen", f"127.0.0.1:{witnessing}", "--name", key.name)

    def program_of(name: str, *words: str) -> Program:
        return Program([sys.executable, *words], settings, folder / f"{name}.log")

    return Site(
        folder,
        program_of("gateway", DIRECTORY, "serve"),
        stream,
        program_of("archiver", "-m", "tests.kills.archiving"),
        program_of("witness", DIRECTORY, "audit", "witness", *listen, "--log", log),
        key,
        port,
        DemoIssuer(folder),
    )
