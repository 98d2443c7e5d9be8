"""How the offers of a campaign do, in numbers: what operators watch."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet, Sum

from campaigns.drafts import Draft
from campaigns.models import Offer, OfferCoupon, OfferGroup, Reservation
from campaigns.offers.terms import FIRST_ORDER, GROUP


@dataclass(frozen=True, slots=True)
class Figures:
    """`counts` are quantities by the state of their reservations, `groups` numbers of groups by state.

    `given` and `withdrawn` are coupons, `used` those whose first order came in; `refunds` orders that the shop is to
    refund.
    """

    offer: Offer
    counts: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, int] = field(default_factory=dict)
    given: int = 0
    used: int = 0
    withdrawn: int = 0
    refunds: int = 0

    @property
    def is_coupon(self) -> bool:
        return self.offer.kind == FIRST_ORDER

    @property
    def is_group(self) -> bool:
        return self.offer.kind == GROUP


def figures(draft: Draft) -> list[Figures]:
    """The figures of each offer in the draft of a campaign that was published; at most three queries."""
    campaign = draft.campaign
    if campaign.current_id is None or not draft.offers:
        return []
    own = Reservation.objects.filter(enrolment__campaign=campaign).order_by()
    counts, refunded = _quantities(own)
    groups = OfferGroup.objects.filter(campaign=campaign).order_by()
    by_state = _by_key(groups.values_list("offer_key", "state").annotate(n=Count("pk")))
    failed = own.filter(group__state=OfferGroup.State.FAILED, state=Reservation.State.BOUGHT)
    refunds = dict(failed.values_list("offer_key").annotate(n=Count("pk")))
    coupons = OfferCoupon.objects.filter(enrolment__campaign=campaign).order_by()
    given = {
        key: (all_, used, withdrawn)
        for key, all_, used, withdrawn in coupons.values_list("offer_key").annotate(
            a=Count("pk"), u=Count("order"), w=Count("withdrawn_at")
        )
    }
    return [
        Figures(
            offer,
            counts.get(offer.key, {}) | {"refunded": refunded[offer.key]},
            by_state.get(offer.key, {}),
            *given.get(offer.key, (0, 0, 0)),
            refunds=refunds.get(offer.key, 0),
        )
        for offer in draft.offers
    ]


def _quantities(own: QuerySet[Reservation]) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """Return by offer: quantities by state, and how many were given back."""
    counts: dict[str, Counter[str]] = {}
    refunded = Counter[str]()
    rows = own.values_list("offer_key", "state").annotate(n=Sum(F("quantity") - F("returned")), back=Sum("returned"))
    for key, state, kept, back in rows:
        counts.setdefault(key, Counter())[state] += kept
        refunded[key] += back
    return counts, refunded


def _by_key(rows: object) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for key, state, count in rows:  # type: ignore[attr-defined]
        found.setdefault(key, Counter())[state] += count
    return found
