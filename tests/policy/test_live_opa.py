"""Beside an OPA server: it and the gateway follow one store, and neither serves what may not be live."""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from gateway.engines.folder import free_ports, open_folder
from gateway.policy.live import Served
from gateway.policy.opa import OpaDecider
from gateway.stack import opa as stack
from gateway.workbench.opa import Opa
from resolvers.refusals import Refusal
from tests.fakes import FakeRecorder
from tests.policy.living import ACCESS, ASK, live, revision, stocked
from tests.policy.signed import Signer


@pytest.fixture(name="signer", scope="module")
def _signer(opa: Opa, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return stocked(opa, tmp_path_factory.mktemp("live") / "store")


@contextmanager
def served(signer: Signer, tmp_path: Path) -> Iterator[str]:
    """An OPA server on the store's live bundle, started as the stack starts it."""
    folder, (port,) = open_folder(tmp_path / "data", "stack"), free_ports(1)
    key = signer.store.folder / "keys" / "first.pub"
    spec = stack.server(folder, signer.opa.program, signer.store.live, port=port, key=key)
    with spec.log.open("wb") as log:
        process = subprocess.Popen(spec.argv, stdout=log, stderr=log)  # noqa: S603 - the pinned program
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@asynccontextmanager
async def opa_source(signer: Signer, tmp_path: Path) -> AsyncIterator[tuple[Served, OpaDecider]]:
    """The source of a gateway beside that server, once it answers."""
    with served(signer, tmp_path) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            while True:
                try:
                    await client.get("/health?bundles")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
            server = OpaDecider(client)
            yield Served(signer.store, server), server


async def test_opa_takes_a_new_revision_within_a_second_and_drops_nothing(signer: Signer, tmp_path: Path) -> None:
    """Beside OPA, a new revision is in force within a second; no request meanwhile fails or mixes two revisions."""
    signer.live("r1")
    async with opa_source(signer, tmp_path) as (source, _):
        line = live(source, FakeRecorder())
        assert (await line.answer(ASK, "a", ACCESS)).revision == "r1"
        for wanted in ("r2", "r1"):
            signer.live(wanted)
            begun, seen = time.monotonic(), ""
            while seen != wanted:
                seen = (await line.answer(ASK, "a", ACCESS)).revision
                assert time.monotonic() - begun < 1
            for _ in range(20):
                assert (await line.answer(ASK, "a", ACCESS)).revision == wanted


async def test_opa_keeps_what_it_has_rather_than_load_what_is_not_signed(signer: Signer, tmp_path: Path) -> None:
    """OPA serves on what it has when the live bundle is no longer the signed one, and takes the next good one."""
    signer.live("r1")
    async with opa_source(signer, tmp_path) as (source, _):
        assert await revision(source) == "r1"
        signer.store.live.write_bytes(b"nonsense")
        for _ in range(30):
            assert await revision(source) == "r1"
        signer.live("r2")
        begun = time.monotonic()
        while await revision(source) != "r2":
            await asyncio.sleep(0.05)
            assert time.monotonic() - begun < 5


async def test_what_opa_serves_must_be_fit_to_be_live(signer: Signer, tmp_path: Path) -> None:
    """A revision that OPA serves, since it is signed, but that nobody proved or agreed to, decides nothing here."""
    signer.live("wide")
    async with opa_source(signer, tmp_path) as (source, server):
        assert await server.revision() == "wide"
        with pytest.raises(Refusal) as caught:
            await source.current()
        assert caught.value.code == "POLICY_UNAVAILABLE"
