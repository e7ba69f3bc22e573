"""What policy authors ask of real traffic, on both sets of engines: replay, explanations, and a candidate in shadow."""

import asyncio
import json
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from neo4j import AsyncDriver

from audit.archive.folder import NotArchivedError
from audit.stream import STREAM, entries
from gateway.folder import environment_of
from gateway.policy.files import read_policies
from gateway.workbench.opa import Opa
from gateway.workbench.recorded import recorded
from tests.commands import directory as command
from tests.commands import sentence
from tests.conftest import POLICIES, REVISION
from tests.integration.conftest import CAST, Directory
from tests.integration.test_mediated_requests import bringing
from tests.integration.test_trail_asked import _no_archive_is_left, archived, receipt  # noqa: F401 - a fixture
from tests.policy.conftest import _edit, _folder, _opa  # noqa: F401 - fixtures
from tests.policy.signed import Signer, empty_store

pytestmark = pytest.mark.anyio

OPEN, SHIELDED = CAST["children"]["open-child"], CAST["children"]["shielded-child"]
QUERY = "query($id: ID!) { child(id: $id) { givenName address { postcode } } }"
Edit = Callable[[str, str, str], None]


@pytest.fixture(name="signer", scope="module", autouse=True)
def _signer(opa: Opa, directory: Directory) -> Signer:
    """The store of the gateway, which holds the policies that the real engines were started with."""
    signer = Signer(opa, empty_store(directory.folder / "policies"))
    signer.sign(REVISION)
    return signer


async def policy(directory: Directory, *arguments: str, fails: bool = False) -> str:
    """What a command of `directory policy` prints on the directory's engines; of one that fails, its sentence."""
    more = {**environment_of(directory.folder, directory.engines.engines), "DIRECTORY_DATA": str(directory.folder)}
    done = await asyncio.to_thread(command, "policy", *arguments, more=more)
    if fails:
        return sentence(done)
    assert done.returncode == 0, done
    return done.stdout


async def ask(directory: Directory, persona: str = "social-worker", child: str = OPEN, **more: Any) -> httpx.Response:
    """Ask about a child."""
    return await directory.ask(persona, QUERY, {"id": child}, **more)


async def replayed(directory: Directory, candidate: Path, since: str, *more: str) -> Mapping[str, Any]:
    """What a replay of what was asked since then finds."""
    told = await policy(
        directory, "replay", "--candidate", str(candidate), "--since", since, "--settings", "--json", *more
    )
    found: Mapping[str, Any] = json.loads(told)
    return found


async def test_a_replay_reads_archive_and_stream(
    directory: Directory, folder: Path, edit: Edit, tmp_path: Path
) -> None:
    """Accesses in archive and stream are decided once more, each once and for both people; that is recorded."""
    edit("directory/roles/data.json", '"always": ["identity", "address", ', '"always": ["identity", ')
    edit("directory/ties/data.json", '"organisation", "direct"', '"organisation"')
    since = datetime.now(UTC).isoformat()
    await ask(directory)
    await archived(directory)
    await ask(directory)
    await ask(directory, headers=bringing(directory, "school-nurse", "social-worker"))
    await ask(directory, "lapsed-vetting")
    found = await replayed(directory, folder, since)
    (flip, *others) = [each for each in found["flips"] if each["key"].count("&") == 0]
    assert (flip["field"], flip["before"], flip["after"], flip["count"]) == ("address", "shown", "ROLE", 2)
    assert others == []
    (together,) = [each for each in found["flips"] if "&" in each["key"]]
    assert (together["field"], together["after"], together["count"]) == ("address", "ROLE", 1)
    assert (found["accesses"], found["undetermined"]) == (4, {})
    copy = shutil.copytree(directory.folder / "archive", tmp_path / "archive")
    await directory.stream.xtrim(STREAM, maxlen=1)
    assert (await replayed(directory, folder, since, "--archive", str(copy)))["accesses"] == 2
    assert (await replayed(directory, folder, "2100-01-01"))["accesses"] == 0
    names = [each["operationName"] async for each in entries(directory.stream, last=3, follow=False)]
    assert names[0] == f"policy replay {read_policies(folder).revision}"


async def test_an_archive_that_is_not_there_is_said(directory: Directory, tmp_path: Path) -> None:
    """A named archive that does not exist, and a moment that is none, are refused in a sentence."""
    args = ("--candidate", str(POLICIES), "--settings", "--archive", str(tmp_path))
    assert "There is no archive" in await policy(directory, "replay", *args, fails=True)
    with pytest.raises(NotArchivedError):
        [each async for each in recorded(directory.stream, directory.settings, tmp_path)]
    more = environment_of(directory.folder, directory.engines.engines)
    done = await asyncio.to_thread(command, "policy", "replay", "--candidate", str(POLICIES), "--since", "x", more=more)
    assert (done.returncode, "2026-11-24T10:00" in " ".join(done.stderr.split())) == (2, True)


async def explained(directory: Directory, *arguments: str) -> list[Mapping[str, Any]]:
    """What an explanation says."""
    told = await policy(directory, "explain", *arguments, "--settings", "--json")
    return [json.loads(line) for line in told.splitlines()]


async def test_a_receipt_is_explained_from_the_stream_and_the_archive(directory: Directory) -> None:
    """Of an access on record, wherever it is, each field is explained by its rule, for both people where two asked."""
    name = receipt(await ask(directory, child=SHIELDED, purpose="safeguarding"))
    first = await explained(directory, "--receipt", name)
    await archived(directory)
    await directory.stream.xtrim(STREAM, maxlen=0)
    assert await explained(directory, "--receipt", name) == first
    by_field = {each["field"]: each for each in first}
    assert by_field.keys() == {"givenName", "address"}
    assert (by_field["givenName"]["recorded"], by_field["givenName"]["said"]) == ("shown", "open")
    assert by_field["address"]["recorded"] == by_field["address"]["said"] == "SHIELDED"
    assert "shield.rego:" in by_field["address"]["rules"][0]
    assert "the role management-team" in by_field["address"]["changes"]
    together = receipt(await ask(directory, headers=bringing(directory, "partner-caseworker", "social-worker")))
    both = await explained(directory, "--receipt", together)
    assert {(each["who"], each["field"], each["said"]) for each in both} >= {("asker", "address", "open")}
    assert {each["who"] for each in both} == {"asker", "other"}


async def test_a_refusal_is_explained_by_its_receipt(directory: Directory) -> None:
    """Of a refusal each failed check is named; what is on no record, or was no matter of policy, is said to be that."""
    refused = await ask(directory, "lapsed-vetting")
    name = refused.json()["extensions"]["access"]["receipt"]
    (found,) = await explained(directory, "--receipt", name)
    assert found["said"] == found["recorded"] == "VETTING_LAPSED"
    assert found["changes"] == ["vetting today"]
    assert "There is no access" in await policy(directory, "explain", "--receipt", "00", "--settings", fails=True)
    odd = (await directory.ask("social-worker", "{")).json()["extensions"]["access"]["receipt"]
    assert "Policy was not asked" in await policy(directory, "explain", "--receipt", odd, "--settings", fails=True)


async def test_any_record_is_explained(directory: Directory, graph_driver: AsyncDriver) -> None:
    """A field of a record of any type is explained as the account meets it; the classes are those of every read."""
    found = {
        "Involvement": ("MATCH (x:Involvement)-[:OF]->(:Child {id: $id}) RETURN x.id AS id LIMIT 1", "kind", 4),
        "Carer": ("MATCH (x:Carer)-[:CARES_FOR]->(:Child {id: $id}) RETURN x.id AS id LIMIT 1", "phone", 2),
        "Care": (
            "MATCH (x:Carer)-[:CARES_FOR]->(c:Child {id: $id}) RETURN x.id + '/' + c.id AS id LIMIT 1",
            "carer",
            2,
        ),
        "Practitioner": ("MATCH (x:Practitioner) RETURN x.id AS id LIMIT 1", "phone", 1),
        "Organisation": ("MATCH (x:Organisation) RETURN x.id AS id LIMIT 1", "name", 1),
    }
    for type_name, (query, field, parts) in found.items():
        records, _, _ = await graph_driver.execute_query(query, parameters_={"id": OPEN})
        who = ("--as", "social-worker", "--record", f"{type_name}:{records[0]['id']}", "--field", field)
        (said,) = await explained(directory, *who)
        assert said["ref"].startswith(f"{type_name}:")
        assert len(said["ref"].partition(":")[2].split("|")) == parts
        assert said["said"] == "open", said
        assert "roles/data.json:" in said["rules"][0]
    (shielded,) = await explained(directory, "--as", "social-worker", "--child", "shielded-child", "--field", "address")
    assert (shielded["ref"].split("|")[0], shielded["said"]) == ("Child:shielded", "SHIELDED")
    nowhere = ("--as", "social-worker", "--record", "Service:0", "--field", "name", "--settings")
    assert "There is no Service 0" in await policy(directory, "explain", *nowhere, fails=True)


async def determined(directory: Directory, revision: str, asks: Callable[[], Any]) -> Mapping[str, Any]:
    """What is recorded of the candidate, once it has decided on such an access."""
    while True:
        response = await asks()
        (entry,) = [each async for each in entries(directory.stream, last=1, follow=False)]
        assert (response.status_code == 200) == (entry["outcome"] == "answered")
        told = entry.get("shadow")
        if told and told["revision"] == revision and told["undetermined"] != "late":
            found: Mapping[str, Any] = told
            return found
        await asyncio.sleep(0)


async def test_a_candidate_decides_beside_real_traffic(directory: Directory, signer: Signer) -> None:
    """A signed candidate decides beside the policy in force, which alone answers; the report adds up what differs."""
    store = signer.store
    signer.sign("next", "roles/data.json", '"always": ["identity", "address", ', '"always": ["identity", ')
    before = (await ask(directory)).json()["data"]
    assert before["child"]["address"]["postcode"]
    since = datetime.now(UTC).isoformat()
    await policy(directory, "shadow", "next", "--store", str(store.folder))
    found = await determined(directory, "next", lambda: ask(directory))
    assert (await ask(directory)).json()["data"] == before
    (difference,) = found["differences"]
    told = [difference[name] for name in ("type", "field", "before", "after", "records")]
    assert told == ["Child", "address", "shown", "ROLE", 1]
    report = ("shadow", "--report", "--store", str(store.folder), "--settings", "--since", since)
    reported = json.loads(await policy(directory, *report, "--json"))
    (flip,) = reported["flips"]
    assert (flip["roles"], flip["field"], flip["after"], flip["count"]) == (["social-worker"], "address", "ROLE", 2)
    assert "ROLE" in await policy(directory, *report)
    await policy(directory, "shadow", "--off", "--store", str(store.folder))
    while True:
        await ask(directory)
        (entry,) = [each async for each in entries(directory.stream, last=1, follow=False)]
        if "shadow" not in entry:
            break
    assert "No revision decides" in await policy(directory, "shadow", "--off", "--store", str(store.folder), fails=True)
