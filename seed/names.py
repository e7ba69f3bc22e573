"""Names of people who do not exist: British first and last names, names of other heritages, and their misspellings."""

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from faker.providers.person.en_GB import Provider as British

from seed.draws import pick, weighted

FEMALE: Final = "FEMALE"
MALE: Final = "MALE"


@dataclass(frozen=True)
class Heritage:
    """First and last names that are often found together; the earlier in its list, the commoner a name."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _commonest_first(weights: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(weights, key=lambda pair: (-pair[1], pair[0])))


_BRITISH: Final = Heritage(
    tuple(British.first_names_female), tuple(British.first_names_male), _commonest_first(British.last_names.items())
)
_OTHERS: Final = (
    Heritage(  # South Asia
        _listed("Aisha Priya Fatima Ananya Zara Maryam Simran Nadia Kavita Meera Sana Jasleen"),
        _listed("Muhammad Arjun Ali Rohan Ibrahim Harpreet Imran Vikram Yusuf Dev Bilal Sunil"),
        _listed("Khan Patel Singh Begum Hussain Ahmed Kaur Shah Sharma Chowdhury Mistry Iyer"),
    ),
    Heritage(  # West Africa and the Caribbean
        _listed("Adaeze Ama Folake Imani Ngozi Abena Shanice Temitope Efua Keisha"),
        _listed("Kwame Chidi Tunde Emeka Kofi Jermaine Olu Sekou Winston Babajide"),
        _listed("Okafor Mensah Adeyemi Campbell Boateng Okonkwo Owusu Diallo Grant Balogun"),
    ),
    Heritage(  # central and eastern Europe
        _listed("Zofia Zuzanna Magdalena Ioana Katarzyna Elena Małgorzata Andreea Ilze Žaneta"),
        _listed("Jakub Andrei Łukasz Mateusz Paweł Ștefan Tomasz Mihai Jānis Krzysztof"),
        _listed("Nowak Kowalczyk Popescu Wójcik Kamiński Ionescu Bērziņš Zając Mazur Horváth"),
    ),
    Heritage(  # Ireland and Wales
        _listed("Aoife Niamh Siân Caoimhe Ffion Róisín Cerys Sinéad Gwenllian Saoirse"),
        _listed("Seán Rhys Cillian Gethin Pádraig Owain Oisín Iestyn Eoin Llŷr"),
        _listed("O'Brien Llewellyn O'Connor Gwynne McCarthy MacNamara O'Neill Bevan Ó'Súilleabháin Pryce"),
    ),
    Heritage(  # East Asia
        _listed("Mei Lily Xiu Hana Linh Yan Thảo Jia Ji-woo Suki"),
        _listed("Wei Jun Minh Hiro Kai-Ming Bảo Jian Min-jun Tuan Chen"),
        _listed("Chen Wong Nguyễn Li Tanaka Trần Cheung Kim Lam Zhang"),
    ),
    Heritage(  # the Middle East and the Horn of Africa
        _listed("Leyla Yasmin Hodan Elif Shirin Amina Noor Zeynep Rania Hibaaq"),
        _listed("Omar Mehmet Abdi Karim Reza Emre Hassan Yonas Faisal Kemal"),
        _listed("Yilmaz Abdullahi Hosseini Haddad Demir Warsame Öztürk Tesfaye Al-Sayed Mahmoud"),
    ),
)
_FLATTENING: Final = 12
"""Added to a name's rank before it is inverted: the commonest British first name goes to about one child in 35."""


def _ladder(names: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(accumulate(1 / (rank + _FLATTENING) for rank in range(len(names))))


_LADDERS: Final = {
    names: _ladder(names) for group in (_BRITISH, *_OTHERS) for names in (group.female, group.male, group.family)
}


def _common(rng: Random, names: tuple[str, ...]) -> str:
    ladder = _LADDERS[names]
    return names[bisect(ladder, rng.random() * ladder[-1])]


def heritage(rng: Random) -> Heritage:
    """A family's heritage: British for three families in four."""
    return _BRITISH if rng.random() < 0.75 else pick(rng, _OTHERS)  # noqa: PLR2004 - the share is stated above


def given_name(rng: Random, of: Heritage, gender: str) -> str:
    """A first name; one in eight is taken from British names whatever the heritage."""
    group = _BRITISH if rng.random() < 1 / 8 else of
    return _common(rng, group.female if gender == FEMALE else group.male)


def family_name(rng: Random, of: Heritage) -> str:
    """A last name; one in forty is double-barrelled."""
    name = _common(rng, of.family)
    return f"{name}-{_common(rng, of.family)}" if rng.random() < 1 / 40 else name


def _transposed(rng: Random, name: str) -> str:
    at = 1 + int(rng.random() * (len(name) - 2))
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _doubled(rng: Random, name: str) -> str:
    at = 1 + int(rng.random() * (len(name) - 1))
    return name[:at] + name[at] + name[at:]


def _dropped(rng: Random, name: str) -> str:
    at = 1 + int(rng.random() * (len(name) - 1))
    return name[:at] + name[at + 1 :]


_SLIPS: Final = ((_transposed, 4.0), (_doubled, 3.0), (_dropped, 3.0))
_SHORTEST: Final = 4
_SPELLINGS: Final = (
    ("ph", "f"),
    ("Ph", "F"),
    ("ck", "k"),
    ("ie", "y"),
    ("Mac", "Mc"),
    ("th", "t"),
    ("ll", "l"),
    ("C", "K"),
)


def variant(rng: Random, name: str) -> str:
    """The name as another record may spell it: another spelling of the same sound, or a slip of the keyboard.

    Names shorter than four letters stay as they are.
    """
    spelt = [(a, b) for a, b in _SPELLINGS if a in name]
    if spelt and rng.random() < 1 / 2:
        return name.replace(*pick(rng, spelt), 1)
    return name if len(name) < _SHORTEST else weighted(rng, _SLIPS)(rng, name)
