"""The `directory` command as a person runs it: in a terminal that shows what it says, and can press Ctrl-C."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from gateway.engines.folder import free_ports

ROOT = Path(__file__).parents[1]
DIRECTORY = str(Path(sys.executable).parent / "directory")
UP = "Ctrl-C stops it."
"""The last words of a demonstration that answers."""
CTRL_C = b"\x03"
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SECONDS = 120.0
# The shell's first open of the terminal makes it the controlling one of its new session, as a login does.
_IN_TERMINAL = 'exec "$@" <"$0" >"$0" 2>&1'


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A person's environment: this one without any setting of the directory, in a terminal without colours."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("DIRECTORY_")}
    return {**kept, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "200", **(more or {})}


def run(*command: str, more: Mapping[str, str] | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, or end it and all that it began when it takes too long."""
    with subprocess.Popen(  # noqa: S603 - the tests' own words
        command,
        cwd=cwd,
        env=environment(more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, errors = process.communicate(timeout=_SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, errors)


def directory(*arguments: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a `directory` command to its end."""
    return run(DIRECTORY, *arguments, more=more)


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that failed says to a person: a sentence, perhaps with a code, and nothing of its inside."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr, done.stderr
    assert re.search(r"\.( \([A-Z_, ]+\))?\s*$", done.stderr), done.stderr
    return " ".join(done.stderr.split())


def free_port() -> int:
    """A port that nobody listens on now, and that no connection to elsewhere is given before it is used."""
    (port,) = free_ports(1)
    return port


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Whoever runs the tests in the background has commands ignore Ctrl-C; in a terminal none does.
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Terminal:
    """A command in a terminal of its own, the whole of whose foreground receives what is typed.

    Attributes:
        said: what it has written so far, without colours and movements.
        process: the command.
    """

    def __init__(self, *command: str, more: Mapping[str, str] | None = None) -> None:
        self.said = self._raw = ""
        self._screen, other = pty.openpty()
        shell = ["/bin/sh", "-c", _IN_TERMINAL, os.ttyname(other), *command]
        self.process = subprocess.Popen(  # noqa: S603 - the tests' own words
            shell, cwd=ROOT, env=environment(more), start_new_session=True
        )
        self._other = other  # held until the command has opened it, that is, until it has said something

    def until(self, words: str, seconds: float = _SECONDS) -> str:
        """Read until it says these words, and return all it said."""
        deadline = time.monotonic() + seconds
        while words not in self.said:
            assert self._more(deadline), f"it ended, or said nothing more, before {words!r}:\n{self.said}"
        return self.said

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._screen, keys)

    def end(self, seconds: float = _SECONDS) -> int:
        """Read to its end and return its exit code; negative for a signal."""
        deadline = time.monotonic() + seconds
        while self._more(deadline):
            pass
        return self.process.wait(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """End it if it runs still, and hang up."""
        if self.process.poll() is None:
            self.process.terminate()
            self.end()
        if self._other >= 0:
            os.close(self._other)
        os.close(self._screen)

    def _more(self, deadline: float) -> bool:
        """Read what comes next; False when nothing does any more."""
        if not select.select([self._screen], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        try:
            read = os.read(self._screen, 65536)
        except OSError:  # a terminal whose last user has left
            return False
        self._raw += read.decode("utf-8", "replace")
        self.said = _CONTROLS.sub("", self._raw).replace("\r\n", "\n")
        if self._other >= 0:
            os.close(self._other)
            self._other = -1
        return bool(read)


@contextmanager
def terminal(*command: str, more: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """Run a command in a terminal for the length of a block."""
    running = Terminal(*command, more=more)
    try:
        yield running
    finally:
        running.close()


@contextmanager
def demo(data: Path, port: int, children: int = 200) -> Iterator[Terminal]:
    """Run the demonstration for the length of a block, which begins when it says that it answers."""
    words = (DIRECTORY, "demo", "--port", str(port), "--children", str(children), "--data", str(data))
    with terminal(*words) as running:
        running.until(UP)
        yield running


def answers(port: int) -> bool:
    """Whether a gateway on this port says that it can answer."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def processes(words: str) -> dict[int, int]:
    """The processes whose command line holds these words: pid to parent's pid."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)  # noqa: S607
    rows = (line.split(None, 2) for line in listed.stdout.splitlines() if words in line)
    return {int(pid): int(parent) for pid, parent, *_ in rows if int(pid) != os.getpid()}
