"""Where chances can be drawn with: the apps above say which scopes there are, in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable

# ("campaign:double-eleven", "campaign “Double Eleven”")
Scope = tuple[str, str]
Lister = Callable[[], Iterable[Scope]]

_listers: list[Lister] = []


def register(lister: Lister) -> None:
    if lister not in _listers:
        _listers.append(lister)


def known() -> list[Scope]:
    return [scope for lister in _listers for scope in lister()]
