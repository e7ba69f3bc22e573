"""Whether entries are the chain that their writers made: each numbered, signed, and naming the one before it.

The archiver follows the chains as it archives; a verifier follows the same chains in the archive. What is wrong has a
name, so that the one can be held against the other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from audit.archive.manifest import End
from audit.archive.rows import Leaf, Place, decoded
from audit.chain import NOTHING, Verifies, signed

Code = Literal["malformed", "signature", "gap", "fork", "link", "moved", "ended", "lost", "repeated", "cut", "replaced"]
OWN = frozenset({"problem", "purged"})
"""The kinds of entries that the archive itself makes, signed with the log's key."""
Known = Callable[[str, int, int], str | None]
"""The hash of the first entry with this segment and number before a leaf, hexadecimal; None if there is none."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as the writers made it.

    Attributes:
        code: what it is, for programs.
        says: the same for people.
        leaf: where in the log.
        segment: in which segment, if that is known.
        n: at which number, if that is known.
        hash: where what is missing is the end of a segment, the hash of that end.
    """

    code: Code
    says: str
    leaf: int
    segment: str | None = None
    n: int | None = None
    hash: str | None = None

    @property
    def key(self) -> tuple[str, int]:
        """What makes two reports of it one."""
        return self.code, self.leaf


@dataclass(slots=True)
class Chains:
    """Follows every segment.

    Attributes:
        signing: the key of those who write entries.
        log: the key of the log, which signs what the archive writes itself.
        ends: where each segment ends so far.
        known: looks up what is behind that.
        complete: whether the beginning is known; where it was purged, a segment may begin anywhere.
    """

    signing: Verifies
    log: Verifies
    ends: dict[str, End]
    known: Known
    complete: bool = True
    _recent: dict[tuple[str, int], str] = field(default_factory=dict)

    def is_repeated(self, leaf: Leaf) -> bool:
        """Whether exactly this entry was followed before, as happens when one is appended twice."""
        try:
            place, _ = decoded(leaf.entry)
        except (KeyError, TypeError, ValueError):
            return False
        end = self.ends.get(place.segment)
        is_new = end is not None and place.n > end.n
        return not is_new and self._hash(place, leaf.index) == leaf.hash.hex()

    def follow(self, leaf: Leaf) -> list[Problem]:
        """Go on with an entry; what is wrong with it."""
        try:
            place, content = decoded(leaf.entry)
        except (KeyError, TypeError, ValueError) as error:
            return [Problem("malformed", f"leaf {leaf.index} is no entry: {_cause(error)}", leaf.index)]
        found = self._placed(leaf, place)
        verifier = self.log if place.kind in OWN else self.signing
        if not signed(leaf.entry, leaf.signature, verifier):
            return [*found, _problem("signature", "is not signed by whom it should be", leaf, place)]
        if content.get("code") == "cut" and place.kind == "problem":
            self.ends[content["of"]["segment"]] = End(content["of"]["n"], content["hash"])
        return found + self._said(leaf, place, content)

    def _placed(self, leaf: Leaf, place: Place) -> list[Problem]:
        end, digest = self.ends.get(place.segment), leaf.hash.hex()
        if end is not None and place.n <= end.n:
            return self._behind(leaf, place, digest)
        self.ends[place.segment] = End(place.n, digest, place.kind == "closed")
        self._recent[place.segment, place.n] = digest
        wrong = self._begun(place) if end is None else _continued(place, end)
        return [_problem(*wrong, leaf, place)] if wrong else []

    def _begun(self, place: Place) -> tuple[Code, str] | None:
        if place.n and self.complete:
            return "gap", f"is the first of its segment: {_numbers(0, place.n - 1)} missing"
        return None

    def _behind(self, leaf: Leaf, place: Place, digest: str) -> list[Problem]:
        before = self._hash(place, leaf.index)
        if before is None:
            self._recent[place.segment, place.n] = digest
            return [_problem("moved", "comes after later ones of its segment", leaf, place)]
        if before == digest:
            return [_problem("repeated", "is in the log twice", leaf, place)]
        return [_problem("fork", "is there twice, and the two differ", leaf, place)]

    def _said(self, leaf: Leaf, place: Place, content: Mapping[str, Any]) -> list[Problem]:
        """A segment that follows one that was given up says how far that one had come."""
        after = content.get("after") if place.kind == "opened" else None
        if not isinstance(after, dict):
            return []
        end = self.ends.get(str(after.get("segment")))
        reached, claimed = end.n if end else -1, after.get("n")
        if not isinstance(claimed, int) or claimed <= reached or (end is None and not self.complete):
            return []
        lost = f"follows segment {after['segment']}, of which {_numbers(reached + 1, claimed)} lost"
        return [_problem("lost", lost, leaf, place)]

    def _hash(self, place: Place, before: int) -> str | None:
        return self._recent.get((place.segment, place.n)) or self.known(place.segment, place.n, before)

    def forget_recent(self) -> None:
        """What was followed is archived, and can be looked up there."""
        self._recent.clear()

    def beyond(self, heads: Mapping[str, tuple[int, str]], leaf: int) -> list[Problem]:
        """What is missing at the end of segments, by where their writers left them.

        Args:
            heads: for each segment, the number and the hash of its last entry.
            leaf: how many leaves there are.
        """
        found = []
        for segment, (n, digest) in heads.items():
            end = self.ends.get(segment, End(-1, NOTHING.hex()))
            if n > end.n and self.known(segment, n, leaf) is None:
                says = f"segment {segment} ends with {n}, of which {_numbers(end.n + 1, n)} missing"
                found.append(Problem("cut", says, leaf, segment, n, digest))
                self.ends[segment] = replace(end, n=n, hash=digest)
        return found


def _continued(place: Place, end: End) -> tuple[Code, str] | None:
    if end.closed:
        return "ended", f"comes after its segment said that it ends with {end.n}"
    if place.n > end.n + 1:
        return "gap", f"follows {end.n}: {_numbers(end.n + 1, place.n - 1)} missing"
    if place.prev != end.hash:
        return "link", f"does not name the archived entry {end.n} as the one before it"
    return None


def _problem(code: Code, says: str, leaf: Leaf, place: Place) -> Problem:
    says = f"leaf {leaf.index}, entry {place.n} of segment {place.segment}, {says}"
    return Problem(code, says, leaf.index, place.segment, place.n)


def _numbers(first: int, last: int) -> str:
    return f"{first} is" if first == last else f"{first} to {last} are"


def _cause(error: Exception) -> str:
    return f"{error.args[0]!s} is missing" if isinstance(error, KeyError) else str(error)
