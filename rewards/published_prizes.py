"""The prizes of a published pool, as a participant may read them before drawing: what, how likely, how many."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rewards.models import Gift, PoolVersionPrize
from rewards.odds import SCALE


@dataclass(frozen=True, slots=True)
class PublishedPrize:
    """`odds` in millionths; `stock` is how many were put up, None where there is no limit."""

    key: str
    name: str
    kind: str
    face_value: Decimal
    valid_days: int | None
    odds: int
    stock: int | None
    consolation: bool

    @property
    def worth(self) -> str:
        """Return the face value without needless cents."""
        return f"{self.face_value:.2f}".removesuffix(".00")

    @property
    def percent(self) -> str:
        """Return the odds as a percentage, exact to the millionth, without needless zeros."""
        share = Decimal(self.odds) * 100 / SCALE
        return f"{share.normalize():f}%"


def published_prizes(pool: str, version: int) -> list[PublishedPrize]:
    """Return the prizes of version `version` of the pool with key `pool`, in their order. One query."""
    rows = (
        PoolVersionPrize.objects.filter(version__pool__slug=pool, version__number=version)
        .select_related("gift")
        .order_by("position", "id")
    )
    return [_published(row) for row in rows]


def gift_names(slugs: Iterable[str]) -> dict[str, str]:
    """Return key → name of the gifts asked for; no query where none is."""
    wanted = set(slugs)
    return dict(Gift.objects.filter(slug__in=wanted).values_list("slug", "name")) if wanted else {}


def _published(row: PoolVersionPrize) -> PublishedPrize:
    return PublishedPrize(
        key=row.key,
        name=row.gift.name,
        kind=row.gift.kind,
        face_value=row.gift.face_value,
        valid_days=row.gift.valid_days,
        odds=row.odds,
        stock=row.stock,
        consolation=row.consolation,
    )
