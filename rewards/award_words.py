"""An award in words: what it is worth, how it stands, what became of it. For its owner's pages and the counter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from rewards.award_expiry import KINDS
from rewards.awards import state_at
from rewards.models import Award, CheckOff, Gift
from rewards.money import as_cents, short_money

Kind, State = Gift.Kind, Award.State
SOON = timedelta(days=30)

ENDED: dict[str, Promise] = {
    State.REDEEMED: gettext_lazy("Used"),
    State.EXPIRED: gettext_lazy("Expired"),
    State.REVERSED: gettext_lazy("Taken back"),
}
STANDING: dict[tuple[str, str], Promise] = {
    (Kind.PHYSICAL, State.GRANTED): gettext_lazy("Address needed"),
    (Kind.PHYSICAL, State.CLAIMED): gettext_lazy("Being packed"),
    (Kind.PHYSICAL, State.DELIVERED): gettext_lazy("Sent"),
    (Kind.RED_PACKET, State.GRANTED): gettext_lazy("On its way"),
    (Kind.RED_PACKET, State.CLAIMED): gettext_lazy("On its way"),
    (Kind.RED_PACKET, State.DELIVERED): gettext_lazy("Paid out"),
    (Kind.LINK, State.DELIVERED): pgettext_lazy("a link", "Ready"),
}
CREDITED = gettext_lazy("Credited")
USABLE = gettext_lazy("Usable")
NOT_YET = gettext_lazy("Not yet usable")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened to an award. `at` is None where the time was not kept."""

    words: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An award in a list of its owner's."""

    id: int
    gift: str
    kind: str
    state: str
    state_words: str
    value: str
    time_left: str
    granted_at: datetime
    expires_at: datetime | None
    picture: str

    @property
    def svg(self) -> str:
        return f"h5/icons/{self.kind}.svg"


def shown(awards: Iterable[Award], *, now: datetime) -> list[Shown]:
    """Return awards, given with their gifts, as their owner's list has them."""
    return [
        Shown(
            id=award.pk,
            gift=award.gift.name,
            kind=award.gift.kind,
            state=state_at(award, now),
            state_words=state_words(award, now),
            value=value_words(award.gift),
            time_left=time_left(award, now),
            granted_at=award.granted_at,
            expires_at=award.expires_at,
            picture=award.gift.picture,
        )
        for award in awards
    ]


def state_words(award: Award, now: datetime) -> str:
    """Return how the award stands, as its owner reads it."""
    state = state_at(award, now)
    if state in ENDED:
        return str(ENDED[state])
    if award.gift.kind in (Kind.COUPON, Kind.SHARED_COUPON):
        return str(NOT_YET if award.usable_from and now < award.usable_from else USABLE)
    return str(STANDING.get((award.gift.kind, state), CREDITED))


def value_words(gift: Gift) -> str:
    """Return what the gift is worth: "¥20 off from ¥100" (满减), "¥20", "100 points"; "" where nothing is told."""
    if gift.amount is not None:
        return _counted(gift)
    if not gift.face_value:
        return ""
    words = {
        "value": short_money(as_cents(gift.face_value)),
        "threshold": short_money(as_cents(gift.threshold or Decimal(0))),
    }
    if gift.kind not in (Kind.COUPON, Kind.SHARED_COUPON):
        return _("Worth %(value)s") % words
    return _("%(value)s off when you spend %(threshold)s") % words if gift.threshold else _("%(value)s off") % words


def _counted(gift: Gift) -> str:
    amount = gift.amount or 0
    if gift.kind == Kind.POINTS:
        return ngettext("%(n)d point", "%(n)d points", amount) % {"n": amount}
    if gift.kind == Kind.GROWTH:
        return _("%(n)d growth value") % {"n": amount}
    return ngettext("%(n)d draw chance", "%(n)d draw chances", amount) % {"n": amount}


def time_left(award: Award, now: datetime) -> str:
    """Return how many days are left, by the calendar; "" where it does not expire soon or is not waiting for use."""
    if award.expires_at is None or award.gift.kind not in KINDS or state_at(award, now) != State.GRANTED:
        return ""
    if award.expires_at - now > SOON:
        return ""
    # An award that runs out at midnight has the day before as its last.
    last_day = timezone.localdate(award.expires_at - timedelta(microseconds=1))
    days = (last_day - timezone.localdate(now)).days
    if days == 0:
        return _("Expires today")
    return ngettext("Expires in %(n)d day", "Expires in %(n)d days", days) % {"n": days}


def history_of(award: Award, now: datetime) -> list[Line]:
    """Return what happened to the award, oldest first. Give it with `gift` and `check_off__outlet` selected."""
    lines = [Line(_("Received"), award.granted_at)]
    match state_at(award, now):
        case State.REDEEMED:
            lines.append(_use(getattr(award, "check_off", None), award))
        case State.EXPIRED:
            lines.append(Line(_("Expired"), award.expires_at))
        case State.REVERSED:
            lines.append(Line(_("Taken back"), award.changed_at))
        case State.CLAIMED if award.gift.kind == Kind.PHYSICAL:
            lines.append(Line(_("Address given"), award.changed_at))
        case State.DELIVERED if award.gift.kind in (Kind.PHYSICAL, Kind.RED_PACKET):
            lines.append(Line(state_words(award, now), award.changed_at))
    return lines


def _use(check_off: CheckOff | None, award: Award) -> Line:
    if check_off is None:
        return Line(_("Used"), award.changed_at)
    if check_off.outlet is None:
        return Line(_("Used"), check_off.at)
    return Line(_("Used at %(outlet)s") % {"outlet": check_off.outlet.name}, check_off.at)
