"""Which prize pools give a gift: the draft, the version that is drawn from, and those before it."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from members.uses import Name, Use
from rewards.models import PoolVersionPrize, Prize


def gifts_in_pools(name: Name) -> Iterator[Use]:
    """Say which pools name the gift, and by which prize."""
    kind, slug = name
    if kind != "gift":
        return
    for prize in Prize.objects.filter(gift__slug=slug).select_related("pool").order_by("pool__name", "position"):
        inside = _("prize “%(prize)s”") % {"prize": prize.key}
        yield Use(_("prize pool “%(pool)s”, draft") % {"pool": prize.pool}, _page(prize.pool_id), inside)
    published = PoolVersionPrize.objects.filter(gift__slug=slug).select_related("version__pool")
    for given in published.order_by("version__pool__name", "-version__number"):
        version = given.version
        current = version.pool.current_id == version.pk
        words = _("prize pool “%(pool)s”, as published") if current else _("prize pool “%(pool)s”, version %(number)d")
        inside = _("prize “%(prize)s”") % {"prize": given.key}
        yield Use(words % {"pool": version.pool, "number": version.number}, _page(version.pool_id), inside)


def _page(pool_id: int) -> str:
    return reverse("admin:rewards_prizepool_change", args=[pool_id])
