"""What taking an award back would give back, in words, for whoever is about to do it. It reads; `reversing` decides."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from rewards.award_words import value_words
from rewards.models import Award, BudgetUse, Gift, PrizeStock, Quota
from rewards.money import short_money
from rewards.scopes import named

Kind = Gift.Kind


def what_returns(award: Award) -> list[str]:
    """Return a line for each thing that the reversal gives back or leaves."""
    return [*_stock(award), *_quotas(award), *_budgets(award), *_value(award)]


def _stock(award: Award) -> Iterator[str]:
    stock = PrizeStock.objects.select_related("pool").filter(pk=award.taken.get("stock")).first()
    if stock is not None:
        words = {"prize": award.gift, "pool": stock.pool}
        yield _("One of prize “%(prize)s” returns to the stock of %(pool)s.") % words


def _quotas(award: Award) -> Iterator[str]:
    taken = award.taken.get("quotas", [])
    of_all, of_member = (Quota.objects.filter(pk__in=taken, member__isnull=each).count() for each in (True, False))
    if of_all:
        yield _("It no longer counts towards limits of everybody: %(count)d.") % {"count": of_all}
    if of_member:
        yield _("It no longer counts towards limits of this member: %(count)d.") % {"count": of_member}


def _budgets(award: Award) -> Iterator[str]:
    charged = [*award.taken.get("budgets", []), *award.taken.get("promised", [])]
    uses = BudgetUse.objects.filter(pk__in=[use for use, _cents in charged]).select_related("budget")
    budgets = {use.pk: use.budget for use in uses}
    names = named(budget.scope for budget in budgets.values())
    for use, cents in charged:
        if (budget := budgets.get(use)) is not None:
            whose = _("%(scope)s, %(per)s") % {"scope": names[budget.scope], "per": budget.get_per_display()}
            words = {"money": short_money(cents), "scope": whose}
            yield _("%(money)s returns to the budget of %(scope)s.") % words


def _value(award: Award) -> Iterator[str]:
    gift = award.gift
    if gift.kind == Kind.COUPON and not hasattr(award, "coupon_code"):
        return
    if gift.kind == Kind.COUPON and getattr(award.coupon_code, "shown_at", None) is None:
        yield _("Its code is free for somebody else: the member has not seen it.")
    elif gift.kind == Kind.COUPON:
        yield _("Its code stays with this award: the member has seen it.")
    elif gift.kind == Kind.CHANCES:
        yield _("Draw chances that are not used yet are taken back, at most %(count)d.") % {"count": gift.amount}
    elif gift.kind == Kind.POINTS:
        yield _("%(value)s are taken back; what the member has spent of them becomes a debt.") % {
            "value": value_words(gift)
        }
    elif gift.kind == Kind.GROWTH:
        yield _("%(value)s is taken back, and the level follows.") % {"value": value_words(gift)}
    elif gift.kind in (Kind.PHYSICAL, Kind.RED_PACKET) and award.state == Award.State.DELIVERED:
        yield _("What was sent or paid out does not come back by this.")
