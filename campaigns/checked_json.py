"""Reading JSON that somebody wrote: every value is checked, and a fault names the path of what is wrong. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class DefinitionError(ValueError):
    """What is wrong, and where: `tasks[2].audience.levels`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the document and the path that leads to it."""

    value: Any
    path: str = ""

    def fail(self, message: str) -> DefinitionError:
        return DefinitionError(self.path, message)

    def keys(self, *, required: Iterable[str] = (), optional: Iterable[str] = ()) -> None:
        """Refuse anything that is not an object with these keys."""
        if not isinstance(self.value, Mapping):
            raise self.fail("must be an object")
        known = {*required, *optional}
        for key in self.value:
            if key not in known:
                raise self.at(str(key)).fail(f"is unknown; known are {', '.join(sorted(known))}")
        for key in required:
            if key not in self.value:
                raise self.at(key).fail("is missing")

    def has(self, key: str) -> bool:
        return key in self.value

    def at(self, key: str) -> "Node":
        return Node(self.value.get(key), f"{self.path}.{key}" if self.path else key)

    def each(self) -> Iterator["Node"]:
        if not isinstance(self.value, list | tuple):
            raise self.fail("must be a list")
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.path}[{index}]")

    def text(self, *, longest: int = 100_000) -> str:
        if not isinstance(self.value, str):
            raise self.fail("must be text")
        if len(self.value) > longest:
            raise self.fail(f"is longer than {longest} characters")
        return self.value

    def name(self, *, longest: int = 100) -> str:
        """Text that is not empty: a key or a title."""
        text = self.text(longest=longest)
        if not text.strip():
            raise self.fail("is empty")
        return text

    def integer(self, *, least: int = 0, most: int = 2_147_483_647) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.fail("must be a whole number")
        if not least <= self.value <= most:
            raise self.fail(f"must be between {least} and {most}")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fail("must be true or false")
        return self.value

    def names(self) -> tuple[str, ...]:
        """A list of keys, each once."""
        names = tuple(node.name() for node in self.each())
        if len(set(names)) < len(names):
            raise self.fail("names something twice")
        return names

    def one_of(self, known: Iterable[str]) -> str:
        choices = sorted(known)
        if self.value not in choices:
            raise self.fail(f"must be one of {', '.join(choices)}")
        return self.value

    def mapping(self) -> Mapping[str, Any]:
        if not isinstance(self.value, Mapping):
            raise self.fail("must be an object")
        return self.value

    def moment(self) -> datetime:
        """An ISO 8601 time that says its offset."""
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise self.fail("must be a time such as 2026-11-11T00:00:00+08:00") from None
        if moment.tzinfo is None:
            raise self.fail("must say its offset, such as +08:00")
        return moment


def slug_of(node: Node) -> str:
    """A key as it may stand in an address."""
    key = node.name(longest=50)
    if not key.replace("-", "").replace("_", "").isalnum() or not key.isascii():
        raise node.fail("may have letters, digits, - and _ only")
    return key
