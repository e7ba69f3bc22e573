"""Operations of shapes that nobody has asked for: how deep, and with what beside."""

_BESIDE = (
    "authority { name }",
    "carers { relationship carer { familyName } }",
    "involvements { kind service { name } }",
)
_LINKS = ("leadProfessional", "services", "practitioners")


def chain(depth: int, number: int = 0) -> str:
    """An operation about a child so many relations deep.

    Args:
        depth: how many relations follow one another.
        number: which of the shapes of that depth: other relations beside the chain, at some of its steps.
    """
    inner = "id"
    for step in reversed(range(depth)):
        name = _LINKS[0] if step == 0 else _LINKS[1 + (step + 1) % 2]
        beside = " organisation { name }" if name == "services" and number >> (3 + step // 2) & 1 else ""
        inner = f"{name} {{ id{beside} {inner} }}"
    wide = " ".join(each for at, each in enumerate(_BESIDE) if number >> at & 1)
    return f"query Chain($id: ID!) {{ child(id: $id) {{ givenName {wide} {inner} }} }}"
