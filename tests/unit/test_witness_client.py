"""A log's side of witnessing: it believes what a witness has signed, and says why one has not."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from audit.note import COSIGNING, NoteError, Verifier, generate
from audit.witness.client import Peer, Peers
from audit.witness.http import witness_app
from audit.witness.state import Witness
from tests.logs import Log
from tests.witnessing import KEY, ask, checkpoint, connected, made, request


@pytest.fixture(name="witness")
def _witness(tmp_path: Path) -> Witness:
    return made(tmp_path)


def test_a_fork_of_the_same_size_is_named(witness: Witness) -> None:
    """A log that shows another tree of the cosigned size gets no signature, and is told that it has two pasts."""
    ask(witness, Log(4))
    assert "two pasts" in ask(witness, Log([b"other"] * 4)).absent["witness.example"]


def test_a_log_that_was_set_back_is_told(witness: Witness) -> None:
    """A log that is shorter than what was cosigned learns that it was set back, after a restart as without one."""
    peers = connected(witness)
    ask(witness, Log(9), peers)
    for side in (peers, connected(witness)):
        assert "set back" in ask(witness, Log(8), side).absent["witness.example"]


def test_another_archiver_is_no_second_past() -> None:
    """A witness that cosigns more for somebody else between two questions is not taken to know another past."""
    answers = iter([httpx.Response(409, text=f"{size}\n") for size in (2, 3)])
    peer = Peer("http://witness.example", generate("witness.example", COSIGNING).verifier)
    peers, log = Peers([peer], transport=httpx.MockTransport(lambda _: next(answers))), Log(3)
    found = asyncio.run(peers.ask(checkpoint(log), log.tiles.node))
    assert found.absent["witness.example"] == "It has cosigned more meanwhile: another archiver asks too."


def test_a_witness_that_was_wrong_once_is_asked_again(witness: Witness) -> None:
    """A size that is larger than the log is said, and not remembered: the next question is asked all the same."""
    app, wrong = httpx.ASGITransport(witness_app(witness)), [httpx.Response(409, text="999\n")]

    async def answered(asked: httpx.Request) -> httpx.Response:
        return wrong.pop() if wrong else await app.handle_async_request(asked)

    peers = Peers([Peer("http://witness.example", witness.key)], transport=httpx.MockTransport(answered))
    assert "set back" in ask(witness, Log(3), peers).absent["witness.example"]
    assert ask(witness, Log(3), peers).absent == {}


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (500, "down", "It says 500: down"),
        (409, "x", "not with what"),
        (200, "nonsense", "no cosignature"),
        (200, "", "no cosignature with its key"),
        pytest.param(200, generate("witness.example", COSIGNING).text, "no cosignature", id="a key"),
    ],
)
def test_a_witness_that_misbehaves_is_absent(status: int, text: str, said: str) -> None:
    """What a witness answers is believed only if it is its signature; else it is absent, and it is said why."""
    peer = Peer("http://witness.example", generate("witness.example", COSIGNING).verifier)
    peers = Peers([peer], transport=httpx.MockTransport(lambda _: httpx.Response(status, text=text)))
    log = Log(1)
    found = asyncio.run(peers.ask(checkpoint(log), log.tiles.node))
    assert found.signatures == ()
    assert said in found.absent["witness.example"]


def test_a_false_cosignature_is_not_believed(witness: Witness) -> None:
    """A signature under the witness's name that is not over this checkpoint is left out."""
    other = witness.cosign(request(Log(5), 0)).line
    peers = Peers(
        [Peer("http://witness.example", witness.key)],
        transport=httpx.MockTransport(lambda _: httpx.Response(200, text=other)),
    )
    assert "not that of this text" in ask(witness, Log(6), peers).absent["witness.example"]


def test_one_witness_away_does_not_stop_another(witness: Witness) -> None:
    """Those who answer sign, those who do not are named, and neither a silent nor a broken one is waited for long."""
    names = {"here": witness.key, "silent": generate("silent", COSIGNING).verifier}
    app = httpx.ASGITransport(witness_app(witness))

    async def answered(asked: httpx.Request) -> httpx.Response:
        if asked.url.host == "silent":
            await asyncio.sleep(3600)
        return await app.handle_async_request(asked)

    peers = Peers([Peer(f"http://{name}", key) for name, key in names.items()], 0.5, httpx.MockTransport(answered))
    found = ask(witness, Log(2), peers)
    assert [each.name for each in found.signatures] == ["witness.example"]
    assert found.absent == {"silent": "It does not answer (TimeoutError)."}


def test_damage_of_the_log_itself_is_not_hidden(witness: Witness) -> None:
    """A log that cannot make its proof fails as itself, and is not taken for an absent witness."""
    peers = connected(witness)
    ask(witness, Log(300), peers)
    broken = Log(400)
    note = checkpoint(broken)
    broken.files = {name: data[:-1] for name, data in broken.files.items()}
    with pytest.raises(Exception, match="is not as long as the tree says"):
        ask(witness, broken, peers, note)


@pytest.mark.parametrize("text", ["witness.example {key}", "http://witness.example", "http://witness.example {log}"])
def test_a_wrong_witness_is_refused(text: str) -> None:
    """What is not an address and the key of a witness is refused."""
    keys: Mapping[str, Verifier] = {"key": generate("w", COSIGNING).verifier, "log": KEY.verifier}
    with pytest.raises(NoteError):
        Peer.parse(text.format(**{name: key.text for name, key in keys.items()}))
    assert Peer.parse(f"http://witness.example/ {keys['key'].text}\n") == Peer("http://witness.example", keys["key"])
