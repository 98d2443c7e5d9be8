"""A published pool as a participant may read it before drawing: what, how likely, how many, by which rules.

It is read from the very version that draws; of the gift only what it is and how long it can be used.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q

from rewards.models import Gift, PoolListing, PoolVersionPrize
from rewards.odds import SCALE
from rewards.pool_rules import claiming_in_words, limits_in_words, rules_in_words
from rewards.pool_terms import of_published, terms_of_version


@dataclass(frozen=True, slots=True)
class PublishedPrize:
    """`odds` in millionths; `stock` is how many were put up, None where there is no limit.

    `limits` says in words how many there are in all, a day, an hour and for one member. `invited` says that only
    members on a white list can win it. `picture` is the reference of the gift's picture, "" for none.
    """

    key: str
    name: str
    kind: str
    description: str
    face_value: Decimal
    valid_days: int | None
    valid_until: datetime | None
    odds: int
    stock: int | None
    limits: tuple[str, ...]
    consolation: bool
    invited: bool
    picture: str

    @property
    def worth(self) -> str:
        """Return the face value without needless cents."""
        return f"{self.face_value:.2f}".removesuffix(".00")

    @property
    def percent(self) -> str:
        """Return the odds as a percentage, exact to the millionth, without needless zeros."""
        share = Decimal(self.odds) * 100 / SCALE
        return f"{share.normalize():f}%"


@dataclass(frozen=True, slots=True)
class PublishedPool:
    """The prizes in their order, and the rules and the ways to claim in sentences. `price` is in points.

    `stage` is how the draw is played, one of `rewards.models.Stage`.
    """

    version: int
    prizes: tuple[PublishedPrize, ...]
    price: int | None
    rules: tuple[str, ...]
    claiming: tuple[str, ...]
    stage: str


def published_pool(pool: str, version: int) -> PublishedPool | None:
    """Return version `version` of the pool with key `pool`, in the reader's language. One query."""
    rows = list(_rows(pool, version))
    if not rows:
        return None
    terms = terms_of_version(rows[0].version, rows)
    return PublishedPool(
        version=version,
        prizes=tuple(_published(row) for row in rows),
        price=terms.price,
        rules=tuple(rules_in_words(terms)),
        claiming=tuple(claiming_in_words(terms)),
        stage=terms.stage,
    )


def gift_names(slugs: Iterable[str]) -> dict[str, str]:
    """Return key → name of the gifts asked for; no query where none is."""
    wanted = set(slugs)
    return dict(Gift.objects.filter(slug__in=wanted).values_list("slug", "name")) if wanted else {}


def _rows(pool: str, version: int) -> Iterable[PoolVersionPrize]:
    white = PoolListing.objects.filter(
        Q(prize="") | Q(prize=OuterRef("key")), pool=OuterRef("version__pool"), kind=PoolListing.Kind.WHITE
    )
    prizes = PoolVersionPrize.objects.filter(version__pool__slug=pool, version__number=version)
    return prizes.select_related("version", "gift").annotate(invited=Exists(white)).order_by("position", "id")


def _published(row: PoolVersionPrize) -> PublishedPrize:
    terms = of_published(row)
    return PublishedPrize(
        key=terms.key,
        name=terms.name,
        kind=terms.kind,
        description=row.gift.description,
        face_value=Decimal(terms.face_value) / 100,
        valid_days=row.gift.valid_days,
        valid_until=row.gift.valid_until,
        odds=terms.odds,
        stock=terms.stock,
        limits=tuple(limits_in_words(terms)),
        consolation=terms.consolation,
        picture=row.gift.picture,
        invited=row.invited and not terms.consolation,  # type: ignore[attr-defined]
    )
