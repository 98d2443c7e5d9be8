"""Checking off (核销): the one way in which an award is used, once, at a place, by somebody.

One statement moves the award and writes the check-off. State, validity and outlet stand in its WHERE, so that of all
who come at once (another till, the expiry, a reversal) exactly one finds the award as it was; who comes second is told
by whom, where and when it was used.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations import audit
from operations.sentences import listed
from rewards.awards import USABLE, state_at
from rewards.models import Award, CheckOff, Outlet

State = Award.State
# A second tap, or a page loaded again, by the same person at the same place is no second use.
SAME_TAP = timedelta(minutes=2)

USE = """
WITH used AS (
    UPDATE rewards_award award SET state = 'redeemed', changed_at = %(now)s
    FROM rewards_gift gift
    WHERE award.id = %(award)s AND award.state = 'granted'
      AND gift.id = award.gift_id AND gift.kind = ANY (%(usable)s)
      AND (award.usable_from IS NULL OR award.usable_from <= %(now)s)
      AND (award.expires_at IS NULL OR award.expires_at > %(now)s)
      AND (
        NOT EXISTS (SELECT FROM rewards_gift_outlets own WHERE own.gift_id = gift.id)
        OR EXISTS (SELECT FROM rewards_gift_outlets own WHERE own.gift_id = gift.id AND own.outlet_id = %(outlet)s)
      )
      AND (
        %(outlet)s::bigint IS NULL
        OR EXISTS (SELECT FROM rewards_outlet outlet WHERE outlet.id = %(outlet)s AND outlet.active)
      )
    RETURNING award.id
)
INSERT INTO rewards_checkoff (award_id, outlet_id, by_id, client, at, request_key)
SELECT id, %(outlet)s, %(user)s, %(client)s, %(now)s, %(key)s FROM used RETURNING id
"""


class Refusal(Enum):
    """Why an award is not checked off. The order decides which reason is shown."""

    NOT_STAFF = "not_staff"
    INACTIVE_OUTLET = "inactive_outlet"
    NOTHING_TO_USE = "nothing_to_use"
    REDEEMED = "redeemed"
    REVERSED = "reversed"
    EXPIRED = "expired"
    NOT_YET_USABLE = "not_yet_usable"
    OUTLET_NEEDED = "outlet_needed"
    OTHER_OUTLET = "other_outlet"
    CHANGED = "changed"


WORDINGS: dict[Refusal, Promise] = {
    Refusal.NOT_STAFF: gettext_lazy("You are not on the staff of this outlet."),
    Refusal.INACTIVE_OUTLET: gettext_lazy("This outlet is not active: nothing is checked off here."),
    Refusal.NOTHING_TO_USE: gettext_lazy("This is nothing to be used at a counter."),
    Refusal.REDEEMED: gettext_lazy("It was used already: %(at)s, %(where)s."),
    Refusal.REVERSED: gettext_lazy("It was taken back: %(at)s."),
    Refusal.EXPIRED: gettext_lazy("It has expired: %(at)s."),
    Refusal.NOT_YET_USABLE: gettext_lazy("It cannot be used yet, only from %(at)s."),
    Refusal.OUTLET_NEEDED: gettext_lazy("It is used at certain outlets only: check it off there."),
    Refusal.OTHER_OUTLET: gettext_lazy("It is not used here, but at: %(where)s."),
    Refusal.CHANGED: gettext_lazy("It changed at this very moment. Look at it again."),
}


class NotRedeemable(Exception):
    """The award was not checked off, for the `reason`; as text it is the reason in words, with time and place.

    `at` and `where` are those of the first use, of the expiry, or of where it may be used.
    """

    def __init__(self, reason: Refusal, *, at: datetime | None = None, where: str = "") -> None:
        super().__init__(reason)
        self.reason, self.at, self.where = reason, at, where

    def __str__(self) -> str:
        at = date_format(timezone.localtime(self.at), "DATETIME_FORMAT") if self.at else _("time unknown")
        words = WORDINGS[self.reason] % {"at": at, "where": self.where}
        # English times may end with a full stop of their own: "5 p.m.".
        return words[:-1] if words.endswith("..") else words


@dataclass(frozen=True, slots=True)
class Use:
    """The use of an award; `repeated` says that this call found it done already, by the same request."""

    check_off: CheckOff
    repeated: bool


def redeem(
    award_id: int, *, outlet: Outlet | None = None, by: audit.Actor, request_key: str = "", now: datetime
) -> Use:
    """Check an award off, once. The same request again, or a second tap, gets the first result.

    `request_key` is unique to a request and its award. Raises NotRedeemable, and Award.DoesNotExist.
    """
    if not works_at(by, outlet):
        raise NotRedeemable(Refusal.NOT_STAFF)
    key = request_key or f"award:{award_id}"
    with transaction.atomic():
        used = _use(award_id, outlet=outlet, by=by, request_key=key, now=now)
        if used is not None:
            # The award as the trail knows it; its state is what the statement above made of it.
            changes = {"state": [State.GRANTED, State.REDEEMED]} | ({"outlet": [None, outlet.slug]} if outlet else {})
            audit.record("award.redeemed", used.award, by=by, now=now, changes=changes)
            return Use(used, repeated=False)
    first = CheckOff.objects.select_related("award", "outlet", "by").filter(award=award_id).first()
    if first is not None and _is_same(first, outlet=outlet, by=by, request_key=key, now=now):
        return Use(first, repeated=True)
    award = Award.objects.select_related("gift", "check_off__outlet", "check_off__by").get(pk=award_id)
    raise refusal_of(award, outlet, now=now) or NotRedeemable(Refusal.CHANGED)


def works_at(by: audit.Actor, outlet: Outlet | None) -> bool:
    """Tell whether `by` may check off at the outlet. Tills and the system are let in by their own doors."""
    if outlet is None or not isinstance(by, User) or by.is_superuser:
        return True
    return outlet.staff.filter(pk=by.pk).exists()


def refusal_of(award: Award, outlet: Outlet | None, *, now: datetime) -> NotRedeemable | None:
    """Return why the award cannot be checked off at the outlet, or None. It decides nothing: the statement does."""
    if outlet is not None and not outlet.active:
        return NotRedeemable(Refusal.INACTIVE_OUTLET)
    if award.gift.kind not in USABLE:
        return NotRedeemable(Refusal.NOTHING_TO_USE)
    return _ended(award, now) or _elsewhere(award, outlet)


def _ended(award: Award, now: datetime) -> NotRedeemable | None:
    match state_at(award, now):
        case State.REDEEMED:
            return _used(award)
        case State.REVERSED:
            return NotRedeemable(Refusal.REVERSED, at=award.changed_at)
        case State.EXPIRED:
            return NotRedeemable(Refusal.EXPIRED, at=award.expires_at)
        case State.GRANTED if award.usable_from is not None and now < award.usable_from:
            return NotRedeemable(Refusal.NOT_YET_USABLE, at=award.usable_from)
        case State.GRANTED:
            return None
    return NotRedeemable(Refusal.NOTHING_TO_USE)


def _used(award: Award) -> NotRedeemable:
    first = getattr(award, "check_off", None)
    if first is None:
        return NotRedeemable(Refusal.REDEEMED, at=award.changed_at, where=_("place unknown"))
    return NotRedeemable(Refusal.REDEEMED, at=first.at, where=place_of(first))


def _elsewhere(award: Award, outlet: Outlet | None) -> NotRedeemable | None:
    places = {place.pk: place.name for place in award.gift.outlets.all()}
    if not places or (outlet is not None and outlet.pk in places):
        return None
    reason = Refusal.OUTLET_NEEDED if outlet is None else Refusal.OTHER_OUTLET
    return NotRedeemable(reason, where=listed(places.values()))


def place_of(check_off: CheckOff) -> str:
    """Return where and by whom an award was used, in words."""
    who = check_off.by.get_username() if check_off.by else check_off.client
    where = check_off.outlet.name if check_off.outlet else _("at no outlet")
    return f"{where} ({who})" if who else where


def _use(award_id: int, *, outlet: Outlet | None, by: audit.Actor, request_key: str, now: datetime) -> CheckOff | None:
    user = by if isinstance(by, User) else None
    values: dict[str, Any] = {
        "award": award_id,
        "usable": list(USABLE),
        "outlet": outlet.pk if outlet else None,
        "user": user.pk if user else None,
        "client": "" if user else audit.actor_name(by),
        "now": now,
        "key": request_key,
    }
    with connection.cursor() as cursor:
        cursor.execute(USE, values)
        written = cursor.fetchone()
    return CheckOff.objects.select_related("award__gift", "outlet", "by").get(pk=written[0]) if written else None


def _is_same(first: CheckOff, *, outlet: Outlet | None, by: audit.Actor, request_key: str, now: datetime) -> bool:
    # The key of who names none is the award's own, and tells nothing of a repetition.
    if first.request_key == request_key != f"award:{first.award_id}":
        return True
    tapped = isinstance(by, User) and first.by_id == by.pk and first.outlet_id == (outlet.pk if outlet else None)
    return tapped and outlet is not None and abs(now - first.at) < SAME_TAP
