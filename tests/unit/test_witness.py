"""The witness: it cosigns what continues what it cosigned, and nothing else, whoever asks at whatever moment."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint
from audit.merkle import EMPTY
from audit.note import Note, Signer, generate, sign
from audit.witness import state
from audit.witness.http import read_request, witness_app, write_request
from audit.witness.state import Declined, Request, Witness, WitnessError, create_witness
from tests.logs import Log, numbered
from tests.witnessing import KEY, NAME, NOW, ask, checkpoint, connected, made, request


@pytest.fixture(name="witness")
def _witness(tmp_path: Path) -> Witness:
    return made(tmp_path)


def post(witness: Witness, body: bytes) -> httpx.Response:
    """Ask over HTTP."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(witness_app(witness))
        async with httpx.AsyncClient(transport=transport, base_url="http://witness.example") as client:
            return await client.post("/add-checkpoint", content=body)

    return asyncio.run(asked())


def declined(witness: Witness, asked: Request) -> tuple[int, int | None]:
    """How the witness declines."""
    with pytest.raises(Declined) as told:
        witness.cosign(asked)
    return told.value.status, told.value.size


def test_a_growing_log_is_cosigned(witness: Witness) -> None:
    """Each checkpoint that continues the one before is cosigned, with the time, also the same one again."""
    log, peers = Log(0), connected(witness)
    for size in (0, 3, 3, 8, 700):
        log.append(numbered(size, log.size))
        note = checkpoint(log)
        (signature,) = ask(witness, log, peers).signatures
        assert signature.at == NOW
        assert Note(note.text, (*note.signatures, signature)).verified([witness.key]) == (signature,)


def test_a_log_that_forgot_learns_where_it_was(tmp_path: Path, witness: Witness) -> None:
    """A log that does not know what the witness cosigned is told, and cosigned then; the witness forgets nothing."""
    ask(witness, Log(5))
    reborn = Witness(tmp_path, [KEY.verifier])
    assert reborn.key == witness.key
    assert declined(reborn, request(Log(9), 0)) == (409, 5)
    assert ask(reborn, Log(9)).signatures


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 39))
def test_no_fork_is_ever_cosigned(witness: Witness, size: int, more: int, changed: int) -> None:
    """A log in which any cosigned leaf is another is declined, as is a smaller one, whatever old size it claims."""
    signer = generate(f"log-{size}-{more}-{changed}")
    known = Witness(witness._path.parent, [signer.verifier])
    origin = signer.verifier.name
    honest = Log(size)
    note = checkpoint(honest, signer, origin=origin)
    old = 0
    try:
        known.cosign(Request(0, [], note))
    except Declined as seen:  # this example was drawn before
        old = seen.size or 0
    leaves = numbered(size + more)
    leaves[changed % size] += b"'"
    fork = Log(leaves)
    for claimed in {0, old, size, fork.size, changed}:
        if claimed <= fork.size:
            asked = Request(claimed, fork.consistency(claimed), checkpoint(fork, signer, origin=origin))
            assert declined(known, asked)[0] in {409, 422}
    if size > 1:
        shorter = Log(size - 1)
        assert declined(known, Request(size, [], checkpoint(shorter, signer, origin=origin)))[0] == 400
        assert declined(known, Request(size - 1, [], checkpoint(shorter, signer, origin=origin))) == (409, size)


def test_only_the_logs_own_key_counts(witness: Witness) -> None:
    """A checkpoint of another log, without the log's signature, or with a wrong one under its name is declined."""
    log = Log(2)
    forged = Note(checkpoint(log).text, checkpoint(Log(3)).signatures)
    assert declined(witness, Request(0, [], checkpoint(log, origin="other.example"))) == (404, None)
    assert declined(witness, request(log, 0, generate(NAME))) == (403, None)
    assert declined(witness, Request(0, [], forged)) == (403, None)
    assert declined(witness, Request(0, [], sign("no checkpoint\n", [KEY]))) == (400, None)
    assert declined(witness, Request(3, [], checkpoint(log))) == (400, None)
    assert declined(witness, Request(0, [], sign(Checkpoint(NAME, 0, b"\0" * 32).text, [KEY]))) == (409, 0)
    assert declined(witness, Request(0, [EMPTY], checkpoint(log))) == (422, None)
    assert ask(witness, log).signatures


def test_a_log_may_change_its_key(tmp_path: Path, witness: Witness) -> None:
    """A witness that knows two keys of a log accepts either."""
    second = generate(NAME)
    both = Witness(tmp_path, [KEY.verifier, second.verifier])
    ask(both, Log(1))
    assert both.cosign(request(Log(2), 1, second)).name == "witness.example"
    assert declined(witness, request(Log(3), 2, second)) == (403, None)


def test_it_is_on_disk_before_it_is_cosigned(tmp_path: Path, witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the moment of signing, whoever opens the state finds the checkpoint there, committed under full syncing."""
    found: list[Any] = []
    pragmas: list[int] = []
    original = Signer.sign

    def signing(self: Signer, message: bytes, at: int | None = None) -> bytes:
        with sqlite3.connect(tmp_path / "witness.sqlite") as database:
            found.append(database.execute("SELECT origin, size FROM log").fetchall())
        with witness._open() as connection:
            pragmas.append(connection.execute("PRAGMA synchronous").fetchone()[0])
        return original(self, message, at)

    asked = request(Log(6), 0)
    monkeypatch.setattr(Signer, "sign", signing)
    witness.cosign(asked)
    assert found == [[(NAME, 6)]]
    assert pragmas == [3]


def test_many_at_once_get_one_past(tmp_path: Path, witness: Witness) -> None:
    """Of many forks sent at the same moment, to one witness twice over, one is cosigned and no other ever."""
    twin = Witness(tmp_path, [KEY.verifier])
    forks = [Log([str(number).encode()] * 3) for number in range(16)]

    def attempt(number: int) -> bool:
        try:
            (witness, twin)[number % 2].cosign(request(forks[number], 0))
        except Declined as said:
            assert said.status == 409  # noqa: PT017 - each of many attempts may go either way
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(len(forks)))) == 1


def test_nobody_comes_between_checking_and_keeping(
    tmp_path: Path, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fork that comes while another checkpoint is being checked waits, and is declined then."""
    said: list[int] = []
    check = state._check

    def attempt() -> None:
        with pytest.raises(Declined) as told:
            Witness(tmp_path, [KEY.verifier]).cosign(request(Log([b"fork"] * 3), 0))
        said.append(told.value.status)

    other = Thread(target=attempt)

    def interrupted(*given: Any) -> None:
        if not other.ident:
            other.start()
            other.join(0.5)  # it cannot get further than to wait
        check(*given)

    monkeypatch.setattr(state, "_check", interrupted)
    witness.cosign(request(Log(3), 0))
    other.join()
    assert said == [409]


def test_what_was_written_is_read() -> None:
    """A request comes out of its body as it went in."""
    asked = request(Log(300), 77)
    assert read_request(write_request(asked)) == replace(asked, proof=list(asked.proof))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b"old 1", b"old 01"),
        lambda body: body.replace(b"old 1", b"new 1"),
        lambda body: body.replace(b"old 1\n", b"old 1\nAAAA\n"),
        lambda body: body.replace(b"old 1\n", b"old 1\n!\n"),
        lambda body: body.replace(b"old 1\n", b"old 1\n" + b"A" * 42 + b"B=\n"),
        lambda body: body.replace(b"old 1\n", b"old 1\n" + b"A" * 43 + b"=\n" + (b"A" * 43 + b"=\n") * 63),
        lambda body: body.partition(b"\n\n")[0],
        lambda body: body.partition(b"\n\n")[0] + b"\n\nno note",
        lambda _: b"\xff",
    ],
)
def test_a_malformed_request_is_refused(witness: Witness, spoil: Any) -> None:
    """A body that is not exactly a request gets a 400 with what it should be."""
    response = post(witness, spoil(write_request(request(Log(2), 1))))
    assert response.status_code == 400
    assert response.text.endswith(".\n")


def test_the_answers_of_the_protocol(tmp_path: Path, witness: Witness) -> None:
    """A conflict says the size in the protocol's own type, a flood is cut off, and a witness without memory says so."""
    good = post(witness, write_request(request(Log(2), 0)))
    assert (good.status_code, good.text[:2]) == (200, "— ")
    conflict = post(witness, write_request(request(Log(3), 0)))
    assert (conflict.status_code, conflict.text) == (409, "2\n")
    assert conflict.headers["content-type"].startswith("text/x.tlog.size")
    assert post(witness, b"x" * 70_000).status_code == 413
    (tmp_path / "witness.sqlite").unlink()
    gone = post(witness, write_request(request(Log(3), 2)))
    assert (gone.status_code, gone.text) == (503, "The witness cannot cosign just now. Ask again later.\n")


def test_a_folder_holds_one_witness(tmp_path: Path) -> None:
    """A witness's folder keeps its key, closed to others; another name or a lost file is refused."""
    create_witness(tmp_path, "witness.example")
    first = Witness(tmp_path, ()).key
    create_witness(tmp_path, "witness.example")
    assert Witness(tmp_path, ()).key == first
    assert (tmp_path / "witness.sqlite").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["witness.sqlite"]
    with pytest.raises(WitnessError, match="folder of its own"):
        create_witness(tmp_path, "other.example")
    (tmp_path / "witness.sqlite").write_bytes(b"not a database, but as long as one might be")
    with pytest.raises(WitnessError, match="cannot be used"):
        Witness(tmp_path, ())
    with pytest.raises(WitnessError, match="is gone"):
        Witness(tmp_path / "other", ())
