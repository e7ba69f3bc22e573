"""The cases. Each says in a sentence what must hold, and what was wrong where it does not."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.conformance.asking import CHILDREN, FIND, Reply, Router
from seed.cast import SEALED_MARKERS, SENSITIVE_MARKERS, SHIELDED_MARKERS

UNCLEARED = ("social-worker", "school-nurse", "partner-caseworker")
_SHIELDED = "shielded-child"
Check = Callable[[Router], Awaitable[str | None]]
"""What is wrong, or None."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something that must hold behind any router.

    Attributes:
        name: in a few words.
        promise: in a sentence.
        check: asks, and says what is wrong.
    """

    name: str
    promise: str
    check: Check


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case; ``wrong`` is None where it holds."""

    case: Case
    wrong: str | None


async def conforms(router: Router) -> list[Outcome]:
    """Run every case, one after the other: what one person asked must not help the next.

    Raises:
        httpx.HTTPError: the router does not answer.
    """
    return [Outcome(case, await case.check(router)) for case in CASES]


def _leaks(reply: Reply, markers: Sequence[str]) -> str | None:
    """Which hidden values are in a reply, wherever in it they stand."""
    found = [marker for marker in markers if marker in reply.text]
    return f"the answer holds {len(found)} hidden values" if found else None


def _shows_only(reply: Reply, markers: Sequence[str]) -> str | None:
    """Whether a record came through at all, and without what is hidden."""
    return _leaks(reply, markers) or (None if reply.child else "the record does not come through")


async def _open(router: Router) -> str | None:
    child = (await router.record("social-worker", "open-child")).child
    if not child or not child["address"] or not child["involvements"]:
        return "an open record does not come through whole: are the headers passed on?"
    return None


async def _shielded(router: Router) -> str | None:
    for persona in UNCLEARED:
        reply = await router.record(persona, _SHIELDED)
        if wrong := _shows_only(reply, SHIELDED_MARKERS):
            return f"as {persona} {wrong}"
        if not reply.child["access"]["shielded"] or not reply.child["access"]["contact"]:
            return f"as {persona} nothing says that she is shielded, or whom to call"
    return None


async def _family(router: Router) -> str | None:
    for persona in UNCLEARED:
        reply = await router.record(persona, "half-sibling")
        if wrong := _shows_only(reply, SHIELDED_MARKERS):
            return f"as {persona} {wrong}"
    return None


async def _cleared(router: Router) -> str | None:
    child = (await router.record("duty-manager", _SHIELDED)).child
    return None if child and child["address"] else "the management team does not see where she lives"


async def _caches(router: Router) -> str | None:
    if wrong := await _cleared(router):
        return wrong
    for persona in (*UNCLEARED, None):
        reply = await router.record(persona, _SHIELDED)
        if wrong := _leaks(reply, SHIELDED_MARKERS):
            return f"{persona or 'nobody'} got what was answered to the management team: {wrong}"
    return await _cleared(router)


async def _together(router: Router) -> str | None:
    first = await router.record("social-worker", _SHIELDED)
    if first.child and first.child["address"]:
        return "a social worker sees where she lives"
    return await _cleared(router)


async def _sensitive(router: Router) -> str | None:
    return _shows_only(await router.record("social-worker", "sensitive-service-child"), SENSITIVE_MARKERS)


async def _sealed(router: Router) -> str | None:
    return _shows_only(await router.record("social-worker", "adopted-child"), SEALED_MARKERS)


async def _search(router: Router) -> str | None:
    child = (await router.record("duty-manager", _SHIELDED)).child
    if not child or not child["address"]:
        return "the management team does not see where she lives, so that this cannot be tried"
    name = {"familyName": child["familyName"]}
    open_search = await router.ask("social-worker", FIND, {"by": {**name, "dateOfBirth": child["dateOfBirth"]}})
    if CHILDREN[_SHIELDED] not in open_search.text:
        return "a search by name and date of birth does not find her"
    closed_search = await router.ask("social-worker", FIND, {"by": {**name, "postcode": child["address"]["postcode"]}})
    return "a search by her postcode finds her" if CHILDREN[_SHIELDED] in closed_search.text else None


async def _unknown(router: Router) -> str | None:
    reply = await router.record("social-worker", "00000000-0000-4000-8000-000000000000")
    return None if reply.data == {"child": None} else "a child who does not exist is not simply null"


async def _nobody(router: Router) -> str | None:
    await router.record("social-worker", "open-child")
    reply = await router.record(None, "open-child")
    return "without a token there is an answer" if reply.child else None


async def _stated(router: Router) -> str | None:
    for header in ("x-access-purpose", "x-access-reason"):
        if (await router.record("social-worker", "open-child", without=header)).child:
            return f"without {header} there is an answer: the router adds one, or keeps another's"
    return None


async def _refusals(router: Router) -> str | None:
    reply = await router.record("suspended", "open-child")
    if reply.child:
        return "a suspended account gets an answer"
    return None if "ACCOUNT_SUSPENDED" in reply.codes else "the code of a refusal does not reach the front-end"


async def _not_stored(router: Router) -> str | None:
    reply = await router.record("social-worker", "open-child")
    stored = "no-store" not in reply.headers.get("cache-control", "")
    return "the answer does not say cache-control: no-store" if stored else None


CASES: Sequence[Case] = (
    Case("open record", "Who may see an open record sees it whole.", _open),
    Case("shielded record", "A shielded child is named, and nothing tells where she is.", _shielded),
    Case("family", "Nothing of her half-brother tells where she is.", _family),
    Case("clearance", "Her authority's management team sees all of her record.", _cleared),
    Case("caches, cleared first", "What a cleared person was answered, nobody else gets.", _caches),
    Case("caches, uncleared first", "What was withheld from one person, a cleared one still gets.", _together),
    Case("sensitive service", "The provider of a sensitive service stays withheld.", _sensitive),
    Case("sealed names", "Names before an adoption stay sealed.", _sealed),
    Case("search", "A search by what is hidden finds nothing.", _search),
    Case("no such child", "A child who does not exist is null, and no error.", _unknown),
    Case("nobody", "Without a token there is no answer, whatever was answered before.", _nobody),
    Case("purpose and reason", "Without a purpose or a reason there is no answer.", _stated),
    Case("refusals", "The code of a refusal reaches the front-end.", _refusals),
    Case("not stored", "Answers are marked so that no cache keeps them.", _not_stored),
)
"""Every case, in order."""
