"""What a new version of a pool changes: in words, and where against those who take part. Pure, but for the words.

The law (L1): after the launch, prizes, conditions and odds change only in the participants' favour.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from operations.sentences import clauses
from rewards.models import Stage
from rewards.money import short_money
from rewards.odds import percent_text
from rewards.pool_terms import PoolTerms, PrizeTerms


@dataclass(frozen=True, slots=True)
class Point:
    """One change, in words; `code` says what kind of change it is."""

    code: str
    message: str


def worsenings(before: PoolTerms, after: PoolTerms) -> list[Point]:
    """Return each point in which `after` is worse than `before` for those who take part."""
    return [
        *_prizes_gone(before, after),
        *_lower_odds(before, after),
        *_worth_less(before, after),
        *_stricter_prizes(before, after),
        *_stricter_rules(before, after),
        *_later_guarantee(before, after),
    ]


def _prizes_gone(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    for prize in _to_be_won(before):
        if after.prize(prize.key) is None:
            yield Point("prize_gone", _("Prize “%(prize)s” is gone.") % {"prize": prize.name})


def _lower_odds(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    """Less of a prize is made up for only by as much more of better ones, not of its equals or of worse ones."""
    gains = _gains(before, after)
    for prize in _to_be_won(before):
        now = after.prize(prize.key)
        if now is None or now.odds >= prize.odds:
            continue
        better = sum(gain for value, gain in gains if value > now.face_value)
        alike = sum(gain for value, gain in gains if value == now.face_value and gain < 0)
        if better + alike < 0:
            words = {"prize": prize.name, "old": percent_text(prize.odds), "new": percent_text(now.odds)}
            yield Point("lower_odds", _("The odds of “%(prize)s” fall from %(old)s %% to %(new)s %%.") % words)


def _gains(before: PoolTerms, after: PoolTerms) -> list[tuple[int, int]]:
    """Return (value in cents, how much the odds rise) of each prize that is or was more than consolation."""
    was = {prize.key: prize for prize in _to_be_won(before)}
    gains = [
        (prize.face_value, prize.odds - (was[prize.key].odds if prize.key in was else 0))
        for prize in after.prizes
        if prize.key in was or not prize.consolation
    ]
    gone = [prize for prize in was.values() if after.prize(prize.key) is None]
    return gains + [(prize.face_value, -prize.odds) for prize in gone]


def _worth_less(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    for prize in before.prizes:
        now = after.consolation if prize.consolation else after.prize(prize.key)
        if now is None:
            continue
        words = {
            "prize": prize.name,
            "old": short_money(prize.face_value),
            "new": short_money(now.face_value),
            "gift": now.name,
        }
        if now.face_value < prize.face_value:
            yield Point("lower_value", _("The value of “%(prize)s” falls from %(old)s to %(new)s.") % words)
        elif now.gift_id != prize.gift_id and now.face_value == prize.face_value:
            message = _("“%(gift)s” takes the place of “%(prize)s” and is worth no more (%(new)s).")
            yield Point("other_gift", message % words)


def _stricter_prizes(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    for prize in _to_be_won(before):
        now = after.prize(prize.key)
        for limit, words in limit_names().items():
            old, new = getattr(prize, limit), getattr(now, limit, None)
            if now is not None and _stricter(old, new):
                message = _("“%(prize)s”, %(limit)s: from %(old)s to %(new)s.")
                values = {"prize": prize.name, "limit": words, "old": _shown(old), "new": _shown(new)}
                yield Point(f"stricter_{limit}", message % values)


def _stricter_rules(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    words = rule_names()
    for rule in ("bought_per_day", "draws_per_day", "wins_per_member"):
        old, new = getattr(before, rule), getattr(after, rule)
        if _stricter(old, new) and not (rule == "bought_per_day" and before.price is None):
            yield Point(f"stricter_{rule}", _changed(words[rule], _shown(old), _shown(new)))
    if before.price is not None and (after.price is None or after.price > before.price):
        new_price = _("cannot be bought") if after.price is None else str(after.price)
        yield Point("higher_price", _changed(words["price"], str(before.price), new_price))
    if before.every_draw_wins and not after.every_draw_wins:
        yield Point("not_every_draw_wins", _("Not every draw wins any more."))


def _later_guarantee(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    if before.guarantee_after is None:
        return
    if after.guarantee_after is None:
        yield Point("guarantee_gone", _("The guaranteed win is gone."))
        return
    if after.guarantee_after > before.guarantee_after:
        old, new = str(before.guarantee_after), str(after.guarantee_after)
        yield Point("later_guarantee", _changed(_("guaranteed win at the latest at draw"), old, new))
    was, now = before.prize(before.guarantee_prize), after.prize(after.guarantee_prize)
    if was and now and was.key != now.key and now.face_value <= was.face_value:
        words = {"old": was.name, "new": now.name}
        message = _("The guaranteed prize is “%(new)s” instead of “%(old)s”, and not worth more.")
        yield Point("other_guarantee", message % words)


def differences(before: PoolTerms, after: PoolTerms) -> list[Point]:
    """Return every change from one version to the next, in words."""
    return [*_changed_rules(before, after), *_changed_prizes(before, after)]


def _changed_rules(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    for rule, words in rule_names().items():
        old, new = getattr(before, rule), getattr(after, rule)
        if old != new:
            yield Point("changed", _changed(words, _shown(old), _shown(new)))
    if before.stage != after.stage:
        old, new = str(Stage(before.stage).label), str(Stage(after.stage).label)
        yield Point("changed", _changed(_("stage of the draw"), old, new))


def _changed_prizes(before: PoolTerms, after: PoolTerms) -> Iterator[Point]:
    for prize in before.prizes:
        if after.prize(prize.key) is None:
            yield Point("removed", _("Prize “%(prize)s” is gone.") % {"prize": prize.name})
    for now in after.prizes:
        old = before.prize(now.key)
        if old is None:
            words = {"prize": now.name, "odds": percent_text(now.odds), "stock": now.stock}
            if now.stock is None:
                yield Point("added", _("New prize “%(prize)s”, with odds of %(odds)s %%.") % words)
            else:
                yield Point("added", _("New prize “%(prize)s”, with odds of %(odds)s %%, %(stock)d in all.") % words)
        elif changes := [*_changes_of(old, now)]:
            yield Point("changed", _("“%(prize)s”: ") % {"prize": now.name} + clauses(changes))


def _changes_of(old: PrizeTerms, new: PrizeTerms) -> Iterator[str]:
    shown: dict[str, tuple[str, Callable[[Any], str]]] = {
        "name": (_("name"), str),
        "odds": (_("odds"), lambda odds: f"{percent_text(odds)} %"),
        "face_value": (_("face value"), short_money),
        "cost": (_("cost"), short_money),
        **{limit: (words, _shown) for limit, words in limit_names().items()},
        "consolation": (_("consolation prize"), _shown),
    }
    for field, (words, show) in shown.items():
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield _changed(words, show(was), show(now))
    if old.gift_id != new.gift_id and old.name == new.name:
        yield _("another gift of the same name")


def limit_names() -> dict[str, str]:
    """Return each limit of a prize with its words."""
    return {
        "stock": _("stock"),
        "per_day": _("released a day"),
        "per_hour": _("released an hour"),
        "per_member": _("at most for one member"),
    }


def rule_names() -> dict[str, str]:
    """Return each rule of a pool with its words."""
    return {
        "price": _("price of a draw in points"),
        "bought_per_day": _("draws a member may buy a day"),
        "draws_per_day": _("draws of a member a day"),
        "wins_per_member": _("prizes a member may win in all"),
        "guarantee_after": _("guaranteed win at the latest at draw"),
        "guarantee_prize": _("guaranteed prize"),
        "every_draw_wins": _("every draw wins"),
    }


def _to_be_won(terms: PoolTerms) -> list[PrizeTerms]:
    return [prize for prize in terms.prizes if not prize.consolation]


def _stricter(old: int | None, new: int | None) -> bool:
    return new is not None and (old is None or new < old)


def _changed(words: str, old: str, new: str) -> str:
    return _("%(what)s: from %(old)s to %(new)s") % {"what": words, "old": old, "new": new}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("no limit") if value in (None, "") else str(value)
