"""The moments that `members` knows of: orders, refunds, changes of level, and messages."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.bilingual import in_reader_language
from members.inbox_kinds import words_of
from members.models import InboxMessage, LevelChange, Order, Refund
from members.portrait import Said, Source, register


def register_own() -> None:
    register(
        Source(
            kind="order",
            title=gettext_lazy("Orders"),
            icon="shopping_bag",
            position=10,
            permissions=("members.view_order",),
            rows=lambda member_id: Order.objects.filter(member=member_id),
            at="paid_at",
            details={
                "id": "pk",
                "order": "order_id",
                "amount": Cast("amount", TextField()),
                "refunded": Cast("refunded_amount", TextField()),
                "money": "currency",
                "quantity": "quantity",
                "by": "channel",
                "paid_with": "payment_method",
            },
            say=_order,
        ),
        Source(
            kind="refund",
            title=gettext_lazy("Refunds"),
            icon="assignment_return",
            position=20,
            permissions=("members.view_order",),
            rows=_refunds,
            at="refunded_at",
            details={"of": "order_id", "amount": Cast("amount", TextField()), "line": "line", "order": F("order_pk")},
            say=_refund,
        ),
        Source(
            kind="level",
            title=gettext_lazy("Levels"),
            icon="military_tech",
            position=40,
            rows=lambda member_id: LevelChange.objects.filter(member=member_id),
            at="changed_at",
            details={
                "before": "before__name",
                "before_en": "before__name_en",
                "after": "after__name",
                "after_en": "after__name_en",
                "why": "cause",
            },
            say=_level,
        ),
        Source(
            kind="message",
            title=gettext_lazy("Messages"),
            icon="mail",
            position=130,
            permissions=("members.view_inboxmessage",),
            rows=lambda member_id: InboxMessage.objects.filter(member=member_id),
            at="created_at",
            details={"kind_": "kind", "with": "params", "read": "read_at"},
            say=_message,
        ),
    )


def _order(told: Mapping[str, Any]) -> Said:
    words = _("Order %(order)s paid") % {"order": told["order"]}
    quantity = told["quantity"]
    units = ngettext("%(count)s unit", "%(count)s units", quantity) % {"count": quantity}
    refunded = Decimal(told["refunded"])
    back = _("%(amount)s refunded") % {"amount": _money(refunded)} if refunded else ""
    parts = [f"{_money(Decimal(told['amount']))} {told['money']}", units, told["by"], told["paid_with"], back]
    return Said(words, " · ".join(filter(None, parts)), reverse("admin:members_order_change", args=[told["id"]]))


def _refunds(member_id: int) -> QuerySet[Refund]:
    """Refunds name their order, not their member: they are found by the member's orders that something came back of."""
    orders = Order.objects.filter(member=member_id, refunded_amount__gt=0)
    applied = Refund.objects.filter(state=Refund.State.APPLIED, order_id__in=orders.values("order_id"))
    return applied.annotate(order_pk=Subquery(Order.objects.filter(order_id=OuterRef("order_id")).values("pk")))


def _refund(told: Mapping[str, Any]) -> Said:
    words = _("Refund of order %(order)s") % {"order": told["of"]}
    line = _("line %(line)s") % {"line": told["line"]} if told["line"] else ""
    detail = " · ".join(filter(None, [f"−{_money(Decimal(told['amount']))}", line]))
    return Said(words, detail, reverse("admin:members_order_change", args=[told["order"]]))


def _level(told: Mapping[str, Any]) -> Said:
    before, after = (
        in_reader_language(told[side], told[f"{side}_en"]) if told[side] else _("no level")
        for side in ("before", "after")
    )
    return Said(f"{before} → {after}", str(LevelChange.Cause(told["why"]).label))


def _message(told: Mapping[str, Any]) -> Said:
    words = words_of(told["kind_"], told["with"])
    return Said(words.title, " · ".join(filter(None, [words.text, _("read") if told["read"] else _("unread")])))


def _money(amount: Decimal) -> str:
    return number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)
