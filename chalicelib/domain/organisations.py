"""Organisations: the customers that several people belong to."""

from dataclasses import dataclass

from chalicelib.domain.text import one_line

NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Organisation:
    """A customer with a name that no other has. `version` grows with every change."""

    id: str
    name: str
    version: int = 1


def organisation_name(text: str, field: str = "name") -> str:
    """`text` as the name of an organisation. Raises Invalid."""
    return one_line(text, field, NAME_LENGTH)


def folded(name: str) -> str:
    """What two names must not share: letter case and spelling in Unicode (`name` is in NFC) make no difference."""
    return name.casefold()
