"""What a verification finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something that is not as it was archived.

    Attributes:
        place: where: a file of the archive, or the stream.
        says: what is wrong, and at which leaf, segment and number, as far as that can be told.
    """

    place: str
    says: str

    def __str__(self) -> str:
        return f"{self.place}: {self.says}"
