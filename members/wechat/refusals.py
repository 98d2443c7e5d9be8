"""Why a sign-in by WeChat came to nothing, in words, and what the visitor can do then."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class SignInRefusal(StrEnum):
    OUTSIDE = "outside"
    DENIED = "denied"
    FORGED = "forged"
    EXPIRED = "expired"
    OTHER_BROWSER = "other_browser"
    USED = "used"
    CODE_REFUSED = "code_refused"
    STAND_IN = "stand_in"
    UNREACHABLE = "unreachable"
    MISCONFIGURED = "misconfigured"
    UNKNOWN_MEMBER = "unknown_member"


@dataclass(frozen=True, slots=True)
class Words:
    """`again`: trying once more may help, by a button."""

    reason: Promise
    help: Promise
    status: int = 403
    again: bool = True


_ANEW = _("Please sign in again.")
_LATER = _("Please try again in a moment. If it lasts, open the page from the shop's app.")

WORDS: dict[SignInRefusal, Words] = {
    SignInRefusal.OUTSIDE: Words(
        _("Signing in with WeChat works inside WeChat only."),
        _("Copy the address, send it to yourself in WeChat and open it there."),
        again=False,
    ),
    SignInRefusal.DENIED: Words(
        _("You have not signed in."), _("Without your consent WeChat tells us nothing. You can still change your mind.")
    ),
    SignInRefusal.FORGED: Words(_("This sign-in was not begun here."), _ANEW),
    SignInRefusal.EXPIRED: Words(_("Signing in took too long."), _ANEW),
    SignInRefusal.OTHER_BROWSER: Words(_("This sign-in was begun in another browser."), _ANEW),
    SignInRefusal.USED: Words(_("This sign-in has been used already."), _ANEW),
    SignInRefusal.CODE_REFUSED: Words(_("WeChat does not know this sign-in any more."), _ANEW),
    SignInRefusal.STAND_IN: Words(
        _("WeChat shows you a preview of this page."), _("Tap “Use full service” at the bottom, then sign in.")
    ),
    SignInRefusal.UNREACHABLE: Words(_("WeChat does not answer right now."), _LATER, 503),
    SignInRefusal.MISCONFIGURED: Words(_("Signing in with WeChat is out of order."), _LATER, 503),
    SignInRefusal.UNKNOWN_MEMBER: Words(
        _("Your WeChat is not linked to a membership yet."),
        _("Link it in the shop's app, or ask at the counter. Then sign in here again."),
    ),
}
