"""Names of people who do not exist: British first and last names, names of other heritages, and their misspellings."""

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from faker.providers.person.en_GB import Provider as British
from faker.providers.person.en_IN import Provider as Indian
from faker.providers.person.pl_PL import Provider as Polish
from faker.providers.person.ro_RO import Provider as Romanian
from faker.providers.person.tr_TR import Provider as Turkish
from faker.providers.person.tw_GH import Provider as Ghanaian
from faker.providers.person.yo_NG import Provider as Yoruba

from seed.draws import pick, weighted

FEMALE: Final = "FEMALE"
MALE: Final = "MALE"


@dataclass(frozen=True)
class Heritage:
    """First and last names that are often found together."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    family: tuple[str, ...]


def _listed(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _commonest_first(weights: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    return tuple(name for name, _ in sorted(weights, key=lambda pair: (-pair[1], pair[0])))


def _heritage(female: Iterable[str], male: Iterable[str], family: Iterable[str]) -> Heritage:
    return Heritage(tuple(female), tuple(male), tuple(family))


_BRITISH: Final = _heritage(
    British.first_names_female, British.first_names_male, _commonest_first(British.last_names.items())
)
_PAKISTANI_AND_BANGLADESHI: Final = Heritage(
    _listed("Aisha Fatima Zara Maryam Nadia Sana Hafsa Iqra Amina Khadija Sumaiya Ruqayyah Saima Tahira Zainab Yasmin"),
    _listed("Muhammad Ali Ibrahim Imran Yusuf Bilal Hamza Zain Adnan Faisal Tariq Umar Rashid Kashif Naveed Shafiq"),
    _listed(
        "Khan Begum Hussain Ahmed Shah Chowdhury Akhtar Iqbal Malik Mahmood Uddin Miah Rahman Bibi Mirza Qureshi Butt"
    ),
)
_IRISH_AND_WELSH: Final = Heritage(
    _listed("Aoife Niamh Siân Caoimhe Ffion Róisín Cerys Sinéad Gwenllian Saoirse Órla Nerys Gráinne Eluned Bronagh"),
    _listed("Seán Rhys Cillian Gethin Pádraig Owain Oisín Iestyn Eoin Llŷr Tadhg Emyr Ruairí Dafydd Fionn"),
    _listed(
        "O'Brien Llewellyn O'Connor Gwynne McCarthy MacNamara O'Neill Bevan Ó'Súilleabháin Pryce Gallagher Prosser "
        "Fitzgerald Cadwallader O'Dowd McGrath Probert MacMahon Bowen O'Rourke"
    ),
)
_EAST_ASIAN: Final = Heritage(
    _listed("Mei Lily Xiu Hana Linh Yan Thảo Jia Ji-woo Suki Ying Xiaoling Minh-Anh Soo-jin Akiko"),
    _listed("Wei Jun Minh Hiro Kai-Ming Bảo Jian Min-jun Tuan Chen Hao Kenji Quang Dong-hyun Zhiwei"),
    _listed("Chen Wong Nguyễn Li Tanaka Trần Cheung Kim Lam Zhang Phạm Park Liu Ho Yamada Lê Huang Cho Tsang Wu"),
)
_HERITAGES: Final = (
    (_BRITISH, 75.0),
    (_PAKISTANI_AND_BANGLADESHI, 5.0),
    (_heritage(Indian.first_names_female, Indian.first_names_male, Indian.last_names), 5.0),
    (_heritage(Polish.first_names_female, Polish.first_names_male, Polish.male_last_names), 4.0),
    (_heritage(Yoruba.first_names_female, Yoruba.first_names_male, Yoruba.last_names), 2.5),
    (_heritage(Ghanaian.first_names_female, Ghanaian.first_names_male, Ghanaian.last_names), 2.0),
    (_heritage(Romanian.first_names_female, Romanian.first_names_male, Romanian.last_names), 2.0),
    (_IRISH_AND_WELSH, 2.0),
    (_heritage(Turkish.first_names_female, Turkish.first_names_male, Turkish.last_names), 1.5),
    (_EAST_ASIAN, 1.0),
)
_FLATTENING: Final = 12
"""Added to a British name's rank before it is inverted: the commonest first name goes to one child in 35 or so."""


def _ladder(names: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(accumulate(1 / (rank + _FLATTENING) for rank in range(len(names))))


_LADDERS: Final = {names: _ladder(names) for names in (_BRITISH.female, _BRITISH.male, _BRITISH.family)}


def _common(rng: Random, names: tuple[str, ...]) -> str:
    """A name from a list: the earlier the commoner in a British one, each as likely as another in the rest."""
    ladder = _LADDERS.get(names)
    return pick(rng, names) if ladder is None else names[bisect(ladder, rng.random() * ladder[-1])]


def heritage(rng: Random) -> Heritage:
    """A family's heritage: British for three families in four."""
    return weighted(rng, _HERITAGES)


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
