"""The witness as a program of its own, killed at random."""

import asyncio
import json
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from audit.note import Note, Verifier
from audit.witness.client import Peer, Peers
from audit.witness.state import create_witness
from tests.commands import DIRECTORY, Terminal, directory, free_port, sentence, terminal
from tests.logs import Log, numbered
from tests.verifier import verify
from tests.witnessing import KEY, NAME, checkpoint


@contextmanager
def running(data: Path, port: int) -> Iterator[tuple[Terminal, Verifier]]:
    """The program, from when it answers, and the key that it told."""
    words = ("--data", str(data), "--listen", f"127.0.0.1:{port}", "--name", "witness.example")
    with terminal(DIRECTORY, "audit", "witness", *words, "--log", KEY.verifier.text) as program:
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                assert program.process.poll() is None, program.said
        yield program, Verifier.parse(program.until("\n").splitlines()[0])


def kill_soon(program: Terminal) -> threading.Timer:
    """Kill the program at a random moment of the next third of a second."""
    timer = threading.Timer(random.uniform(0.02, 0.3), lambda: program.process.send_signal(signal.SIGKILL))  # noqa: S311 - a moment is no secret
    timer.start()
    return timer


def grow_until_killed(log: Log, peers: Peers) -> int:
    """Let the log grow and ask for a cosignature each time, until the witness is away; the last size that it signed."""
    cosigned = 0
    while asyncio.run(peers.ask(checkpoint(log), log.tiles.node)).signatures:
        cosigned = log.size
        log.append(numbered(log.size + 3, log.size))
    return cosigned


def test_a_killed_witness_forgets_nothing_that_it_signed(tmp_path: Path) -> None:
    """However often it is killed under load, the witness keeps its key and cosigns one past only, from where it was."""
    port, log, keys, cosigned = free_port(), Log(1), set(), 0
    for _ in range(3):
        with running(tmp_path / "witness", port) as (program, key):
            keys.add(key)
            peers = Peers([Peer(f"http://127.0.0.1:{port}", key)])
            assert asyncio.run(peers.ask(checkpoint(log), log.tiles.node)).signatures
            fork = Log([b"another past"] * (log.size + 1))
            assert asyncio.run(peers.ask(checkpoint(fork), fork.tiles.node)).signatures == ()
            shorter = Log(max(cosigned - 1, 0))
            assert asyncio.run(peers.ask(checkpoint(shorter), shorter.tiles.node)).signatures == ()
            timer = kill_soon(program)
            cosigned = grow_until_killed(log, peers) or log.size
            timer.join()
            program.process.wait()
    assert len(keys) == 1


def test_go_verifies_what_a_witness_signed(tmp_path: Path) -> None:
    """A checkpoint with the cosignature of the running witness verifies in another language, with its published key."""
    port, log = free_port(), Log(70)
    with running(tmp_path / "witness", port) as (_, key):
        note = checkpoint(log)
        (signature,) = asyncio.run(Peers([Peer(f"http://127.0.0.1:{port}", key)]).ask(note, log.tiles.node)).signatures
    done = verify("note", KEY.verifier.text, key.text, given=Note(note.text, (*note.signatures, signature)).data)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["signed"] == [NAME, "witness.example"]


def test_what_cannot_be_a_witness_says_so(tmp_path: Path) -> None:
    """A wrong address, a wrong key or a folder of another witness ends the program with a sentence."""
    rest = ("--data", str(tmp_path), "--name", "witness.example")
    for nowhere in ("nowhere", "127.0.0.1:70000"):
        wrong = directory("audit", "witness", *rest, "--listen", nowhere, "--log", KEY.verifier.text)
        assert (wrong.returncode, "127.0.0.1:8100" in wrong.stderr) == (2, True)
    listen = ("--listen", f"127.0.0.1:{free_port()}")
    wrong = directory("audit", "witness", *rest, *listen, "--log", "none")
    assert (wrong.returncode, "log.pub" in wrong.stderr) == (2, True)
    create_witness(tmp_path, "other.example")
    taken = directory("audit", "witness", *rest, *listen, "--log", KEY.verifier.text)
    assert "folder of its own" in sentence(taken)
