"""The search for children by name with date of birth or postcode.

Every word given must match a name that is open in the candidate's class, and so must the date and the postcode: a
predicate over a withheld field is never true. The score is made of open matches only. Whose name and date fit is looked
at whatever the postcode, so that the time does not tell a right guess of a hidden one from a wrong guess.
"""

from dataclasses import dataclass

from graph.guards import opens, when
from graph.scope import Scope, Seen

_INDEXED = {"dated": "{code: q.code, dateOfBirth: q.date}", "placed": "{code: q.code, postcode: q.place}"}


@dataclass(frozen=True, slots=True)
class Search:
    """Candidates with their hits, before any guard.

    Attributes:
        scope: children (deduplicated) with the list of their hits.
        hits: the variable of that list; a hit is [word, field, weight, whether the postcode fits].
        place: the part's place in the statement.
    """

    scope: Scope
    hits: str
    place: str

    def _open(self, seen: Seen) -> str:
        """Whether a hit's name field is open in the candidate's class."""
        fields = ("givenName", "familyName", "formerNames")
        cases = [f"(h[1] = '{field}' AND {opens('search', seen.g, 'Child', field)})" for field in fields]
        return f"({' OR '.join(cases)})"

    def conditions(self, seen: Seen) -> list[str]:
        """The guards: every supplied predicate open, every word matched by an open name."""
        given, hit = f"ask.a.p{self.place}", f"h[0] = w AND h[3] = true AND {self._open(seen)}"
        return [
            f"({given}.dated = false OR {opens('search', seen.g, 'Child', 'dateOfBirth')})",
            f"({given}.placed = false OR {opens('search', seen.g, 'Child', 'address')})",
            f"all(w IN {given}.words WHERE any(h IN {self.hits} WHERE {hit}))",
        ]

    def score(self, seen: Seen) -> str:
        """How well the open names match, higher is better."""
        return f"reduce(t = 0, h IN {self.hits} | t + {when([self._open(seen)], 'h[2]', '0')})"


def searched(kind: str, place: str, x: str, *, mediated: bool) -> Search:
    """The candidates of a search by the index that its details allow: "dated" or "placed"."""
    hits = f"h{x}"
    text = (
        f"UNWIND ask.a.p{place}.keys AS q MATCH (n:NameKey {_INDEXED[kind]})-[:NAMES]->({x}:Child) "
        f"WITH ask, {x}, collect([q.word, n.field, CASE WHEN n.name = q.name THEN q.exact ELSE 0 END "
        "+ CASE WHEN n.field = q.field THEN q.same ELSE 0 END + q.base, "
        f"CASE WHEN q.place IS NULL OR n.postcode = q.place THEN true ELSE false END]) AS {hits}"
    )
    return Search(Scope(("ask", x, hits), text, mediated), hits, place)
