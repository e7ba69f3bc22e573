"""Names in scope while a statement is written, and records whose class is known.

Both engines need every outer name listed in every ``WITH`` of a subquery (ArcadeDB forgets the others), so the scope
carries the names along: ``ask``, of which every guard reads, and those of the records.
"""

from dataclasses import dataclass, replace
from functools import partial

from graph.attributes import ATTRIBUTES
from resolvers.mediation import PAIR, PERSONAL


@dataclass(frozen=True, slots=True)
class Seen:
    """A record in scope with its class and grant.

    Attributes:
        type: the record's type.
        x: its variable.
        k: the variable of its class key, null where an attribute is unknown.
        g: the variable of its grant's bit string.
        s: for a child or carer, the variable of ``shielding``.
        l: for a child or carer, the variable of ``local``.
        mediated: as of the scope.
    """

    type: str
    x: str
    k: str
    g: str
    s: str = ""
    l: str = ""  # noqa: E741 - pairs with s
    mediated: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that a subquery below this record needs."""
        return ("ask", *(name for name in (self.x, self.k, self.s, self.l) if name))


@dataclass(frozen=True, slots=True)
class Scope:
    """The names in scope, the text that brought them there, and whether classes are worked out for two people."""

    names: tuple[str, ...]
    text: str
    mediated: bool = False

    def match(self, pattern: str, *names: str) -> "Scope":
        """Match a pattern that binds new names."""
        return replace(self, names=(*self.names, *names), text=f"{self.text} {pattern}")

    def having(self, **named: str) -> "Scope":
        """Give names to expressions; everything in scope stays there."""
        listed = [*self.names, *(f"{expression} AS {name}" for name, expression in named.items())]
        return replace(self, names=(*self.names, *named), text=f"{self.text} WITH {', '.join(listed)}")


def _attribute(type_name: str, attribute: str, x: str, *, mediated: bool) -> str:
    """An attribute's expression; of one that depends on the person, in a mediated request, that for each of the two."""
    mine = ATTRIBUTES[type_name, attribute].format(x=x, s=f"s{x}")
    if not (mediated and attribute in PERSONAL):
        return mine
    return f"({mine}) + '{PAIR}' + ({mine.replace('ask.me.', 'ask.you.')})"


def see(scope: Scope, type_name: str, x: str, grant: str, child: Seen | None = None) -> tuple[Scope, Seen]:
    """Work out a record's class and look up its grant.

    Args:
        scope: the scope in which ``x`` is bound.
        type_name: the record's type.
        x: the record's variable; names derived from it are bound.
        grant: the name of the record's entry in ``ask.g``.
        child: the child of a care or an involvement, whose shielding and locality it shares.

    Returns:
        The scope with the new names, and the record.
    """
    seen = Seen(type_name, x, f"k{x}", f"g{x}", mediated=scope.mediated)
    attribute = partial(_attribute, mediated=scope.mediated)
    if type_name in {"Child", "Carer"}:
        seen = replace(seen, s=f"s{x}", l=f"l{x}")
        scope = scope.having(**{seen.s: attribute(type_name, "shielding", x)})
        scope = scope.having(**{seen.l: attribute(type_name, "local", x)})
    shared = "" if child is None else f"{child.s} + '|' + {child.l}"
    own = {
        "Child": lambda: f"{seen.s} + '|' + {seen.l} + '|' + {attribute('Child', 'tie', x)}",
        "Carer": lambda: f"{seen.s} + '|' + {seen.l}",
        "Care": lambda: shared,
        "Involvement": lambda: (
            f"{attribute('Involvement', 'kind', x)} + '|' + {shared} + '|' + {attribute('Involvement', 'own', x)}"
        ),
        "Service": lambda: attribute("Service", "own", x),
        "Practitioner": lambda: attribute("Practitioner", "own", x),
    }.get(type_name, lambda: "''")()
    scope = scope.having(**{seen.k: own})
    scope = scope.having(**{seen.g: f"ask.g.{grant}[{seen.k}]"})
    return scope, seen


def seen_again(scope: Scope, known: Seen, name: str, grant: str) -> tuple[Scope, Seen]:
    """A record whose class is known already, under the grant of another node."""
    again = replace(known, g=f"g{name}")
    return scope.having(**{again.g: f"ask.g.{grant}[{known.k}]"}), again
