"""What may have draws, awards and budgets of its own, in words.

Rows name it by a key: "campaign:SLUG", "pool:SLUG" or "mall". Rewards does not know campaigns: whoever owns a kind of
scope registers, in `AppConfig.ready()`, who can tell their names.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext as _

from rewards.models import PrizePool

MALL = "mall"


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope as operators know it. `link` is its page in the admin.

    `running`: members can draw or redeem in it now. `ends_at`: when that will be over, None if nobody said. `pools` are
    the keys of the prize pools whose draws it pays for; `draws`: chances are given and used in it.
    """

    key: str
    name: str
    link: str = ""
    running: bool = True
    ends_at: datetime | None = None
    pools: tuple[str, ...] = ()
    draws: bool = False

    def __str__(self) -> str:
        return self.name


# Given keys, returns the scopes of its kind among them; given None, every one that there is.
Finder = Callable[[Collection[str] | None], Iterable[Scope]]

_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Let a finder tell of its kind of scope. Those that are registered first are listed first."""
    if finder not in _finders:
        _finders.append(finder)


def every_scope() -> list[Scope]:
    """Return all scopes that there are, kind by kind."""
    return [scope for finder in _finders for scope in finder(None)]


def named(keys: Iterable[str]) -> Mapping[str, Scope]:
    """Return key → scope for each key. One that nobody knows any more is called by its key, and does not run."""
    wanted = set(keys)
    known = {scope.key: scope for finder in _finders for scope in finder(wanted)} if wanted else {}
    return {key: known.get(key) or Scope(key, key, running=False) for key in wanted}


def slugs_of(prefix: str, keys: Collection[str]) -> list[str]:
    """Return SLUG of each key "PREFIX:SLUG"; keys of other kinds are passed over."""
    return [key.removeprefix(f"{prefix}:") for key in keys if key.startswith(f"{prefix}:")]


def pools(keys: Collection[str] | None) -> Iterable[Scope]:
    """Yield the prize pools."""
    rows = PrizePool.objects.order_by("slug")
    if keys is not None:
        slugs = slugs_of("pool", keys)
        rows = rows.filter(slug__in=slugs) if slugs else rows.none()
    for pool in rows:
        yield Scope(
            f"pool:{pool.slug}",
            _("Pool “%(pool)s”") % {"pool": pool.name},
            reverse("admin:rewards_prizepool_change", args=[pool.pk]),
            running=pool.current_id is not None,
            pools=(pool.slug,),
        )


def mall(keys: Collection[str] | None) -> Iterable[Scope]:
    """Yield the points mall."""
    if keys is None or MALL in keys:
        shown = "mallitem" in apps.get_app_config("rewards").models
        yield Scope(MALL, _("Points mall"), reverse("admin:rewards_mallitem_changelist") if shown else "")


def register_own() -> None:
    register(pools)
    register(mall)
