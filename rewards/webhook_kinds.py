"""What webhooks tell of points, draws and awards. The triggers are in migration 0026."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.models import ApiKey
from operations.webhook_kinds import Kind, register

_AWARD = {
    "uid": "u-1001",
    "award": 5012,
    "gift": "ten-yuan-off",
    "gift_name": "10 yuan off",
    "kind": "coupon",
    "amount": None,
    "campaign": "double-twelve",
    "source": "Double Twelve: Daily check-in",
    "state": "granted",
    "expires_at": "2026-12-31T16:00:00.000000Z",
}


_PARCEL = _AWARD | {"gift": "mug", "gift_name": "Mug", "kind": "physical", "expires_at": None}


def _award(happened: str, words: Promise, example: Mapping[str, Any]) -> Kind:
    return Kind(f"award.{happened}", ApiKey.Scope.REWARDS, words, example)


KINDS = (
    Kind(
        "points.changed",
        ApiKey.Scope.ELIGIBILITY,
        _(
            "An entry was posted in a member's ledger: points, growth value or any other unit, earned, spent, expired, "
            "reversed or adjusted. “balance” is what can be spent after it; what is pending (“pend”) is not in it yet."
        ),
        {
            "uid": "u-1001",
            "entry": 80231,
            "unit": "points",
            "kind": "earn",
            "amount": 30,
            "balance": 230,
            "reason": "Points for orders",
            "reference": "order:A-1",
        },
    ),
    Kind(
        "draw.made",
        ApiKey.Scope.PLAY,
        _(
            "A member has drawn. “prize” is the key of the prize that was given, “award” the award it came as, “price” "
            "the points paid for the draw (0: a chance was used)."
        ),
        {
            "uid": "u-1001",
            "draw": 7003,
            "campaign": "double-twelve",
            "pool": "everyone",
            "pool_version": 2,
            "prize": "coupon",
            "gift": "ten-yuan-off",
            "kind": "coupon",
            "award": 5012,
            "price": 0,
            "chances_left": 1,
        },
    ),
    _award(
        "granted",
        _(
            "A member was granted a gift: by a task, a draw, the mall or by hand. What is theirs at once, such as "
            "points or a link, comes with the state “delivered”, and no award.delivered follows."
        ),
        _AWARD,
    ),
    _award("delivered", _("A parcel was sent, or a red packet was paid out."), _PARCEL | {"state": "delivered"}),
    _award(
        "returned",
        _("A parcel came back, or was noted as sent by mistake: the award is not delivered any more."),
        _PARCEL | {"state": "claimed"},
    ),
    _award(
        "redeemed",
        _("An award was checked off. “outlet” is the key of the outlet, null where it was used elsewhere."),
        _AWARD | {"state": "redeemed", "outlet": "west-lake"},
    ),
    _award("expired", _("An award was not used in time."), _AWARD | {"state": "expired"}),
    _award(
        "reversed",
        _("An award was taken back. The points that it had given are taken back by an entry of their own."),
        _AWARD | {"state": "reversed"},
    ),
)


def register_own() -> None:
    for kind in KINDS:
        register(kind)
