"""A server of the stream that can be stopped, started, exchanged, and whose system calls can be watched and spoilt."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.engines.stream import SETTINGS
from tests.commands import free_port

PATIENCE = 20.0
"""How long a server or a tracer may take to start or to end, in seconds."""


@dataclass
class Server:
    """A server on a port of its own.

    Attributes:
        program: Redis or Valkey.
        folder: where it keeps its files.
        more: further settings.
        port: where it answers.
    """

    program: Path
    folder: Path
    more: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process
        return self.process.pid

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.folder.mkdir(exist_ok=True)
        settings = {**SETTINGS, "save": "", "bind": "127.0.0.1", "port": str(self.port), "dir": str(self.folder)}
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self.process = subprocess.Popen([self.program, *words, *self.more], stdout=subprocess.DEVNULL)  # noqa: S603
        begun = time.monotonic()
        while not self.answers():
            assert self.process.poll() is None, "the server does not start"
            assert time.monotonic() - begun < PATIENCE, "the server does not answer"

    def answers(self) -> bool:
        """Whether it has read its files and answers."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"+PONG")
        except OSError:
            return False

    def kill(self) -> None:
        """End it as a crash would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        if self.process:
            self.process.wait(PATIENCE)

    def copy(self, to: Path) -> None:
        """Copy its files, as a replica that falls behind from now on would have them."""
        shutil.copytree(self.folder, to)

    def exchange(self, other: Path | None) -> None:
        """Have another server take its place: one with these files, or an empty one."""
        self.kill()
        shutil.rmtree(self.folder)
        if other:
            shutil.copytree(other, self.folder)
        self.start()


@contextmanager
def traced(pid: int, log: Path, *options: str) -> Iterator[None]:
    """While a process is traced; the options say what is logged, or spoilt."""
    words = ["strace", "-f", "-ttt", "-y", "-s", "1000000", "-o", str(log), *options, "-p", str(pid)]
    tracer = subprocess.Popen(words, stderr=subprocess.PIPE)  # noqa: S603
    try:
        assert tracer.stderr
        os.set_blocking(tracer.stderr.fileno(), True)
        said = tracer.stderr.readline()
        assert b"attached" in said, said
        yield
    finally:
        if tracer.poll() is None:
            tracer.terminate()
        tracer.wait(PATIENCE)
        if tracer.stderr:
            tracer.stderr.close()
