"""Who cares for a family's children: how many carers, in which relationship, and whether they live with them."""

from dataclasses import dataclass
from random import Random
from typing import Final

from seed.draws import weighted
from seed.names import FEMALE, MALE

ORDINARY: Final = "ordinary"
LOOKED_AFTER: Final = "looked after"
ADOPTED: Final = "adopted"


@dataclass(frozen=True)
class Carer:
    """One carer's part in a family.

    Attributes:
        relationship: to the children.
        gender: of the carer, by which the first name is chosen.
        responsible: holds parental responsibility.
        lives_in: at the children's address.
        eldest_only: cares for all children but the youngest, who is a half-sibling of the others.
    """

    relationship: str
    gender: str
    responsible: bool = True
    lives_in: bool = True
    eldest_only: bool = False


_MOTHER: Final = Carer("mother", FEMALE)
_FATHER: Final = Carer("father", MALE)
_ABSENT_FATHER: Final = Carer("father", MALE, lives_in=False)
_EARLIER_FATHER: Final = Carer("father", MALE, lives_in=False, eldest_only=True)
_STEPFATHER: Final = Carer("step-parent", MALE, responsible=False)
_STEPMOTHER: Final = Carer("step-parent", FEMALE, responsible=False, lives_in=False)
_GRANDMOTHER: Final = Carer("grandparent", FEMALE, responsible=False)
_FOSTER_MOTHER: Final = Carer("foster carer", FEMALE, responsible=False)
_FOSTER_FATHER: Final = Carer("foster carer", MALE, responsible=False)
_ABSENT_MOTHER: Final = Carer("mother", FEMALE, lives_in=False)
_ADOPTIVE_MOTHER: Final = Carer("adoptive parent", FEMALE)
_ADOPTIVE_FATHER: Final = Carer("adoptive parent", MALE)

_CARERS: Final[dict[str, tuple[tuple[tuple[Carer, ...], float], ...]]] = {
    ORDINARY: (
        ((_MOTHER,), 16.5),
        ((_FATHER,), 2),
        ((_GRANDMOTHER,), 0.8),
        ((Carer("aunt", FEMALE, responsible=False),), 0.4),
        ((_MOTHER, _FATHER), 46),
        ((_MOTHER, _ABSENT_FATHER), 11),
        ((_MOTHER, _STEPFATHER), 4),
        ((_MOTHER, _GRANDMOTHER), 2),
        ((_MOTHER, _MOTHER), 0.8),
        ((_FATHER, _FATHER), 0.4),
        ((_MOTHER, _STEPFATHER, _EARLIER_FATHER), 5),
        ((_MOTHER, _STEPFATHER, _ABSENT_FATHER), 5),
        ((_MOTHER, _FATHER, _GRANDMOTHER), 4),
        ((_MOTHER, _STEPFATHER, _ABSENT_FATHER, _STEPMOTHER), 2),
    ),
    LOOKED_AFTER: (
        ((_FOSTER_MOTHER,), 15),
        ((_FOSTER_MOTHER, _FOSTER_FATHER), 20),
        ((_FOSTER_MOTHER, _FOSTER_FATHER, _ABSENT_MOTHER), 35),
        ((_FOSTER_MOTHER, _ABSENT_MOTHER), 15),
        ((Carer("kinship carer", FEMALE, responsible=False), _ABSENT_MOTHER), 15),
    ),
    ADOPTED: (
        ((_ADOPTIVE_MOTHER,), 20),
        ((_ADOPTIVE_MOTHER, _ADOPTIVE_FATHER), 65),
        ((_ADOPTIVE_MOTHER, _ADOPTIVE_MOTHER), 7),
        ((_ADOPTIVE_FATHER, _ADOPTIVE_FATHER), 8),
    ),
}
_CIRCUMSTANCES: Final = ((ORDINARY, 98.9), (LOOKED_AFTER, 0.7), (ADOPTED, 0.4))
_SHIELDED: Final = {ORDINARY: 0.0018, LOOKED_AFTER: 0.05, ADOPTED: 0.05}
"""How many of the families in each circumstance are shielded: about one in 400 of all."""


@dataclass(frozen=True)
class Household:
    """What a family is like, before anybody in it has a name.

    Attributes:
        circumstances: ordinary, looked after or adopted.
        carers: of whom the first cares for every child, so that all siblings share a carer.
        shielded: the family must not be found by somebody, who is then no carer on the record.
    """

    circumstances: str
    carers: tuple[Carer, ...]
    shielded: bool


def household(rng: Random) -> Household:
    """A household. Whoever a shielded family lives apart from is not on its record."""
    circumstances = weighted(rng, _CIRCUMSTANCES)
    carers = weighted(rng, _CARERS[circumstances])
    shielded = rng.random() < _SHIELDED[circumstances]
    if shielded:
        carers = tuple(carer for carer in carers if carer.lives_in)
    return Household(circumstances, carers, shielded)
