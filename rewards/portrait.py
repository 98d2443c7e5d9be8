"""What `rewards` shows on a member's page: what they hold in each unit, and their awards."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, JSONObject
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.bilingual import in_reader_language
from members.portrait import Figure, Figures, Panel, Visit, register
from rewards.awards import state_at
from rewards.ledger import GROWTH, POINTS
from rewards.models import Account, Award, Gift, Lot, MallOrder

SHOWN_AWARDS = 8
SHOWN_ORDERS = 8


def register_own() -> None:
    register(
        Figures(
            name="holdings",
            position=20,
            permissions=("rewards.view_account",),
            show=holding_figures,
            reads=_accounts,
        ),
        Figures(
            name="award_count",
            position=30,
            permissions=("rewards.view_award",),
            show=award_figures,
            reads=_award_count,
        ),
        Panel(
            name="accounts",
            position=60,
            title=gettext_lazy("Points and other units"),
            template="admin/rewards/member_accounts.html",
            permissions=("rewards.view_account",),
            show=accounts,
            reads=_accounts,
        ),
        Panel(
            name="awards",
            position=80,
            title=gettext_lazy("Awards"),
            template="admin/rewards/member_awards.html",
            permissions=("rewards.view_award",),
            show=last_awards,
            reads=_last_awards,
        ),
        Panel(
            name="mall_orders",
            position=85,
            title=gettext_lazy("Orders of the mall"),
            template="admin/rewards/member_mall_orders.html",
            permissions=("rewards.view_mallorder",),
            show=last_orders,
            reads=_last_orders,
        ),
    )


def _accounts(_now: datetime) -> Combinable:
    open_lots = Lot.objects.filter(account=OuterRef("pk"), remaining__gt=0).order_by("expires_at", "entry")
    told = JSONObject(
        unit="unit__slug",
        name="unit__name",
        name_en="unit__name_en",
        balance="balance",
        pending="pending",
        debt="debt",
        earned="earned",
        expiring=Subquery(open_lots.values(told=JSONObject(amount="remaining", at="expires_at"))[:1]),
    )
    return ArraySubquery(Account.objects.filter(member=OuterRef("pk")).order_by("unit_id").values(told=told))


def holding_figures(visit: Visit) -> Iterator[Figure]:
    held = {told["unit"]: told for told in visit.facts}
    nothing = dict.fromkeys(("balance", "pending", "debt", "earned"), 0)
    points, growth = held.get(POINTS, nothing), held.get(GROWTH, nothing)
    notes = [
        _("%(amount)s pending") % {"amount": whole(points["pending"])} if points["pending"] else "",
        _("debt %(amount)s") % {"amount": whole(points["debt"])} if points["debt"] else "",
    ]
    yield Figure(_("Points"), whole(points["balance"]), " · ".join(filter(None, notes)), bool(points["debt"]))
    yield Figure(_("Growth value"), whole(growth["earned"]))


def accounts(visit: Visit) -> Mapping[str, Any]:
    """What the member holds in each unit, with what expires next; and for who may, the way to correct it by hand."""
    may_adjust = visit.user.has_perm("rewards.add_adjustment") and visit.member.erased_at is None
    form = reverse("admin:rewards_adjustment_add", query={"member": visit.member.uid}) if may_adjust else ""
    return {"accounts": [_account(told) for told in visit.facts], "adjust": form}


def _account(told: Mapping[str, Any]) -> dict[str, Any]:
    expiring = told["expiring"]
    return {
        "unit": in_reader_language(_(told["name"]), told["name_en"]),
        "balance": told["balance"],
        "pending": told["pending"],
        "debt": told["debt"],
        "earned": told["earned"],
        "expiring": expiring and {"amount": expiring["amount"], "last": _last(expiring["at"])},
    }


def _last(expires_at: str) -> datetime:
    """The last moment before it expires: on its last day, as people say it."""
    return datetime.fromisoformat(expires_at) - timedelta(microseconds=1)


def _award_count(_now: datetime) -> Combinable:
    kept = Award.objects.filter(member=OuterRef("pk")).exclude(gift__kind=Gift.Kind.THANKS)
    counted = kept.order_by().values("member").annotate(awards=Count("pk")).values("awards")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def award_figures(visit: Visit) -> Iterator[Figure]:
    yield Figure(_("Awards"), whole(visit.facts))


def _last_awards(_now: datetime) -> Combinable:
    kept = Award.objects.filter(member=OuterRef("pk")).exclude(gift__kind=Gift.Kind.THANKS).order_by("-pk")
    told = JSONObject(id="pk", gift="gift__name", state="state", granted_at="granted_at", expires_at="expires_at")
    return ArraySubquery(kept.values(told=told)[:SHOWN_AWARDS])


def last_awards(visit: Visit) -> Mapping[str, Any]:
    return {"awards": [_award(told, visit.now) for told in visit.facts]}


def _award(told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    expires = parse_datetime(told["expires_at"]) if told["expires_at"] else None
    return {
        "gift": told["gift"],
        "state": state_at(Award(state=told["state"], expires_at=expires), now),
        "granted_at": parse_datetime(told["granted_at"]),
        "expires_at": expires,
        "link": reverse("admin:rewards_award_change", args=[told["id"]]),
    }


def _last_orders(_now: datetime) -> Combinable:
    orders = MallOrder.objects.filter(member=OuterRef("pk")).order_by("-pk")
    told = JSONObject(
        id="pk", item="item__name", gift="item__gift__name", price="price", state="state", ordered_at="ordered_at"
    )
    return ArraySubquery(orders.values(told=told)[:SHOWN_ORDERS])


def last_orders(visit: Visit) -> Mapping[str, Any]:
    return {"orders": [_order(told) for told in visit.facts]}


def _order(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "item": told["item"] or told["gift"],
        "price": told["price"],
        "state": MallOrder.State(told["state"]),
        "ordered_at": parse_datetime(told["ordered_at"]),
        "link": reverse("admin:rewards_mallorder_change", args=[told["id"]]),
    }


def whole(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)
