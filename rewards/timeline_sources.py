"""The moments that `rewards` knows of: entries of the ledger, draws and awards."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from members.bilingual import in_reader_language
from members.portrait import Said, Source, register
from rewards.models import Award, Draw, Entry, Gift, MallOrder


def register_own() -> None:
    register(
        Source(
            kind="entry",
            title=gettext_lazy("Points"),
            icon="toll",
            position=50,
            permissions=("rewards.view_entry",),
            rows=lambda member_id: Entry.objects.filter(account__member=member_id),
            at="posted_at",
            details={
                "id": "pk",
                "kind_": "kind",
                "by": "amount",
                "unit": "account__unit__name",
                "unit_en": "account__unit__name_en",
                "why": "reason",
                "after": "balance_after",
            },
            say=_entry,
        ),
        Source(
            kind="draw",
            title=pgettext_lazy("timeline", "Draws"),
            icon="casino",
            position=80,
            permissions=("rewards.view_draw",),
            rows=lambda member_id: Draw.objects.filter(member=member_id),
            at="drawn_at",
            details={"id": "pk", "pool": "version__pool__name", "gift": "award__gift__name"},
            say=_draw,
        ),
        Source(
            kind="award",
            title=gettext_lazy("Awards"),
            icon="redeem",
            position=90,
            permissions=("rewards.view_award",),
            rows=lambda member_id: Award.objects.filter(member=member_id).exclude(gift__kind=Gift.Kind.THANKS),
            at="granted_at",
            details={"id": "pk", "gift": "gift__name", "state_": "state"},
            say=_award,
        ),
        Source(
            kind="mall_order",
            title=gettext_lazy("Orders of the mall"),
            icon="storefront",
            position=95,
            permissions=("rewards.view_mallorder",),
            rows=lambda member_id: MallOrder.objects.filter(member=member_id),
            at="ordered_at",
            details={
                "id": "pk",
                "item": "item__name",
                "gift": "item__gift__name",
                "state_": "state",
                "points": "price",
            },
            say=_mall_order,
        ),
    )


def _entry(told: Mapping[str, Any]) -> Said:
    unit = in_reader_language(_(told["unit"]), told["unit_en"])
    words = _("%(amount)s %(unit)s") % {"amount": _signed(told["by"]), "unit": unit}
    after = _("balance %(amount)s") % {"amount": _whole(told["after"])}
    parts = [str(Entry.Kind(told["kind_"]).label), told["why"], after]
    return Said(words, " · ".join(filter(None, parts)), reverse("admin:rewards_entry_change", args=[told["id"]]))


def _draw(told: Mapping[str, Any]) -> Said:
    words = _("Drew “%(gift)s”") % {"gift": told["gift"]}
    return Said(words, told["pool"], reverse("admin:rewards_draw_change", args=[told["id"]]))


def _award(told: Mapping[str, Any]) -> Said:
    words = _("Was given “%(gift)s”") % {"gift": told["gift"]}
    state = str(Award.State(told["state_"]).label)
    return Said(words, state, reverse("admin:rewards_award_change", args=[told["id"]]))


def _mall_order(told: Mapping[str, Any]) -> Said:
    words = _("Had “%(item)s” for %(points)s points")
    words %= {"item": told["item"] or told["gift"], "points": _whole(told["points"])}
    state = str(MallOrder.State(told["state_"]).label)
    return Said(words, state, reverse("admin:rewards_mallorder_change", args=[told["id"]]))


def _signed(number: int) -> str:
    return f"{'+' if number > 0 else '−'}{_whole(abs(number))}"


def _whole(number: int) -> str:
    return number_format(number, use_l10n=True, force_grouping=True)
