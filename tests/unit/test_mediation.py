"""Mediated access: two people prove who they are, both must pass the gate, and neither lends the other anything."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.mediation import SECONDS, TRIES, Codes, MediationError
from graph.attributes import ATTRIBUTES
from resolvers.decide import Decisions, question
from resolvers.grants import CLOSED, ClassGrant, Grants
from resolvers.mediation import PERSONAL, meet
from resolvers.model import Account
from resolvers.refusals import Refusal
from tests.edge import codes, edge
from tests.fakes import FakeReader, account
from tests.scripted import World
from tests.tokens import Clock, token
from tests.unit.test_decide import ACCESS, CLASSES, TODAY, Policy

MEDIATED = replace(ACCESS, mediated=True, on_behalf_of="other")


async def both_asked(decisions: Decisions, mine: Account, theirs: Account) -> Grants:
    """Ask for two people."""
    return await decisions.decide(question(mine, MEDIATED, TODAY, other=theirs), MEDIATED)


async def test_policy_is_asked_about_each_of_two_people_by_themselves() -> None:
    """In a mediated request each person's question is the one they would ask alone, and is remembered as such."""
    policy = Policy()
    decisions, other = Decisions(policy, CLASSES), replace(account("a"), roles=("school-nurse",))
    await both_asked(decisions, account("a"), other)
    alone = [{**question(each, ACCESS, TODAY), "classes": policy.asked[0]["classes"]} for each in (account("a"), other)]
    assert policy.asked == alone
    await both_asked(decisions, other, account("a"))
    await decisions.decide(question(other, ACCESS, TODAY), ACCESS)
    assert len(policy.asked) == 2


@pytest.mark.parametrize(("mediated", "other"), [(True, None), (False, account("a"))])
async def test_who_is_asked_for_is_neither_forgotten_nor_invented(*, mediated: bool, other: Account | None) -> None:
    """A mediated request without a second person, or a second person without mediation, is refused unasked."""
    policy, access = Policy(), replace(ACCESS, mediated=mediated)
    with pytest.raises(Refusal) as caught:
        await Decisions(policy, CLASSES).decide(question(account("a"), access, TODAY, other=other), access)
    assert caught.value.codes == ("MEDIATION_INVALID",)
    assert policy.asked == []


def test_the_personal_attributes_are_those_that_look_at_the_person() -> None:
    """An attribute is worked out for each of the two exactly if its expression reads who asks."""
    looking = {name for (_, name), text in ATTRIBUTES.items() if "ask.me." in text}
    assert looking == PERSONAL


def test_grants_meet_where_both_are_open() -> None:
    """What two grants open together is what each opens; a reason is given for all else, and nothing is nobody's."""
    one = ClassGrant(True, frozenset({"number", "gender"}), {"address": "TIE"}, frozenset({"familyName"}), None)
    two = ClassGrant(True, frozenset({"gender", "address"}), {"number": "ROLE"}, frozenset({"postcode"}), "relay")
    together = meet(one, two)
    assert (together.visible, together.open, together.searchable) == (True, frozenset({"gender"}), frozenset[str]())
    assert dict(together.withheld) == {"address": "TIE", "number": "ROLE"}
    assert together.contact == "relay"
    assert meet(one, replace(two, open=frozenset({"address"}))) == CLOSED
    assert meet(one, CLOSED) == meet(CLOSED, one) == CLOSED


STATED = {"x-access-purpose": "coordinate-services", "x-access-reason": "call"}
ASKED = {"query": "{ me { id } }"}
MARKED: dict[str, Any] = {
    "aud": "directory-mediation",
    "sub": "account-2",
    "azp": None,
    "may_act": {"sub": "account-1"},
}


async def sent(other: str, **more: Any) -> tuple[list[str] | None, Any]:
    """The codes that a request on behalf of somebody is refused with, or None, and its record."""
    served = edge(**more)
    response = await served.post(ASKED, **STATED, **{"x-on-behalf-of": other})
    assert (response.status_code == 200) is ("errors" not in response.json())
    return (codes(response) if response.status_code != 200 else None), served.recorder.last


async def test_both_people_are_on_record() -> None:
    """A request with a second person's own token is answered, and its record names both."""
    refused, entry = await sent(token(**MARKED))
    assert refused is None
    assert (entry.account, entry.access.mediated, entry.access.on_behalf_of) == ("account-1", True, "account-2")


NOW = int(time.time())


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "directory"},
        {"may_act": None},
        {"may_act": {"sub": "account-3"}},
        {"may_act": "account-1"},
        {"act": {"sub": "account-3"}},
        {"exp": NOW - 60},
        {"exp": NOW + 3600},
        {"iss": "https://elsewhere.example"},
        {"sub": ""},
        {"iat": None},
    ],
    ids=[
        "no mark",
        "for nobody",
        "for another",
        "no form",
        "a chain",
        "expired",
        "too long",
        "stranger",
        "no one",
        "no time",
    ],
)
async def test_a_token_that_is_not_for_this_is_refused(changes: dict[str, Any]) -> None:
    """Without the mark, for another mediator, of a chain, expired or too long-lived: the request is refused."""
    refused, entry = await sent(token(**{**MARKED, **changes}))
    assert refused == ["MEDIATION_INVALID"]
    assert (entry.access.mediated, entry.access.on_behalf_of) == (True, None)


@pytest.mark.parametrize("join", [", ", ",", " "])
async def test_joined_tokens_are_refused(join: str) -> None:
    """Two tokens that a router has joined into one header are nobody's."""
    assert (await sent(join.join([token(**MARKED)] * 2)))[0] == ["MEDIATION_INVALID"]


async def test_nobody_mediates_for_themselves() -> None:
    """A person cannot be both."""
    assert (await sent(token(**{**MARKED, "sub": "account-1"})))[0] == ["MEDIATION_SELF"]


async def test_a_token_for_mediation_is_no_sign_in() -> None:
    """With a token that was made for a mediator nobody signs in, even if its audience were the directory's."""
    for changes in ({}, {"aud": "directory"}, {"aud": "directory", "may_act": None, "act": {"sub": "account-3"}}):
        served = edge()
        headers = {
            **STATED,
            "authorization": f"Bearer {token(**{**MARKED, **changes})}",
            "content-type": "application/json",
        }
        response = await served.client.post("/graphql", json=ASKED, headers=headers)
        assert codes(response) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("client", [{"azp": "kit"}, {"azp": None, "client_id": "kit"}])
@pytest.mark.parametrize("subject", ["kit", "kit@clients"])
async def test_a_program_alone_reads_nothing(client: dict[str, Any], subject: str) -> None:
    """A token that was issued to a program by itself is refused, and the refusal says what to send instead."""
    served = edge()
    headers = {**STATED, "authorization": f"Bearer {token(sub=subject, **client)}", "content-type": "application/json"}
    response = await served.client.post("/graphql", json=ASKED, headers=headers)
    assert (response.status_code, codes(response)) == (403, ["PERSON_REQUIRED"])


async def test_an_unknown_person_is_no_news_to_the_mediator() -> None:
    """That the second person has no account is on record, and not in the answer."""
    refused, entry = await sent(token(**MARKED), reader=FakeReader(unknown=frozenset({"account-2"})))
    assert refused == ["MEDIATED_REFUSED"]
    assert entry.codes == ("MEDIATED_REFUSED", "ACCOUNT_UNKNOWN")


async def test_why_the_second_person_is_refused_is_on_record_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the second person's lapses the mediator learns nothing; of their own they learn all."""
    world = World()
    world.gate = lambda facts: ["TRAINING_LAPSED"] if facts["roles"] == ["nurse"] else []
    accounts = {"a": account("a"), "b": replace(account("b"), roles=("nurse",))}

    async def known(account_id: str) -> Account | None:
        return accounts[account_id]

    monkeypatch.setattr(world, "account", known)
    with pytest.raises(Refusal) as caught:
        await world.ask(mediated=True, on_behalf_of="b")
    assert caught.value.codes == ("MEDIATED_REFUSED",)
    assert world.entries[-1].codes == ("MEDIATED_REFUSED", "TRAINING_LAPSED")
    accounts["a"], accounts["b"] = accounts["b"], accounts["a"]
    with pytest.raises(Refusal) as caught:
        await world.ask(mediated=True, on_behalf_of="b")
    assert caught.value.codes == ("TRAINING_LAPSED",)


async def test_a_policy_that_changes_between_the_two_decides_nothing() -> None:
    """Where the two people were decided on under different revisions, nothing is shown."""
    policy = Policy()
    decisions, other = Decisions(policy, CLASSES), replace(account("a"), roles=("school-nurse",))
    await decisions.decide(question(account("a"), ACCESS, TODAY), ACCESS)
    policy.then = "r2"
    with pytest.raises(Refusal) as caught:
        await both_asked(decisions, account("a"), other)
    assert caught.value.codes == ("POLICY_UNAVAILABLE",)


def test_a_code_is_good_once_for_one_mediator(tmp_path: Path) -> None:
    """The mediator for whom it was issued redeems a code once; nobody else ever does."""
    kept = Codes(tmp_path)
    code = kept.issue("nurse", "social-worker")
    with pytest.raises(MediationError):
        kept.redeem(code, "auditor")
    assert kept.redeem(code.replace("-", " "), "social-worker") == "nurse"
    with pytest.raises(MediationError):
        kept.redeem(code, "social-worker")


def test_a_newer_code_takes_an_older_ones_place(tmp_path: Path) -> None:
    """There is one code for a mediator at a time, and it names the last who asked for it."""
    kept = Codes(tmp_path)
    older = kept.issue("nurse", "social-worker")
    newer = kept.issue("manager", "social-worker")
    if older != newer:
        with pytest.raises(MediationError):
            kept.redeem(older, "social-worker")
    assert kept.redeem(newer, "social-worker") == "manager"


def test_a_code_runs_out(tmp_path: Path) -> None:
    """After some minutes a code is worth nothing."""
    clock = Clock(0.0)
    kept = Codes(tmp_path, clock)
    code = kept.issue("nurse", "social-worker")
    clock.now = SECONDS
    with pytest.raises(MediationError, match="too late"):
        kept.redeem(code, "social-worker")


def test_a_code_cannot_be_guessed(tmp_path: Path) -> None:
    """After a few wrong tries the right code is worth nothing either."""
    kept = Codes(tmp_path)
    code = kept.issue("nurse", "social-worker")
    wrong = "0000-0000" if code != "0000-0000" else "1111-1111"
    for _ in range(TRIES):
        with pytest.raises(MediationError, match="not the code"):
            kept.redeem(wrong, "social-worker")
    with pytest.raises(MediationError, match="no code"):
        kept.redeem(code, "social-worker")


def test_codes_are_not_kept_in_the_clear(tmp_path: Path) -> None:
    """What is kept is readable by its owner alone and does not hold the code."""
    code = Codes(tmp_path / "codes").issue("nurse", "social-worker")
    (path,) = (tmp_path / "codes").iterdir()
    assert code.replace("-", "") not in path.read_text("utf-8")
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(MediationError, match="themselves"):
        Codes(tmp_path).issue("nurse", "nurse")
