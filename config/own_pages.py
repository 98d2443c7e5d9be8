"""What everybody on the staff keeps of their own: password, language, two-factor sign-in, sessions."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from config.roles import group_words
from operations import audit
from operations.sign_in import codes, pages, sessions, user_backend


def account(request: Any) -> HttpResponse:
    """The page of the one who is signed in."""
    now = timezone.now()
    user: User = request.user
    has_factor = getattr(user, "authenticator_id", None) is not None
    context = admin.site.each_context(request) | {
        "title": _("My account"),
        "roles": [group_words(each) for each in Group.objects.filter(user=user).order_by("name")],
        "has_factor": has_factor,
        "asked_from": user_backend.asked_from(user),
        "recovery_codes": codes.unused_recovery_codes(user) if has_factor else 0,
        "sessions": [
            {"row": each, "current": each.session_key == request.session.session_key}
            for each in sessions.open_sessions(user, now=now)
        ],
    }
    return TemplateResponse(request, "admin/account/account.html", context)


@require_POST
def end_sessions(request: Any) -> HttpResponse:
    """End one other session of one's own, or all others."""
    chosen = request.POST.get("session", "")
    one = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
    if chosen and one is None:
        raise PermissionDenied
    ended = sessions.end_sessions(request.user, but=request.session.session_key, only=one)
    if ended:
        audit.record("user.sessions_ended", request.user, by=request.user, now=timezone.now())
    words = ngettext("%(count)d session is ended.", "%(count)d sessions are ended.", ended)
    messages.success(request, words % {"count": ended})
    return HttpResponseRedirect(reverse("account"))


@require_POST
def switch_off(request: Any) -> HttpResponse:
    """Take one's own second factor away: with a code of it, and not while a rule asks for one."""
    now = timezone.now()
    if getattr(request.user, "second_factor_due", False):
        messages.error(request, _("Two-factor sign-in is required of you: it stays on."))
    elif codes.check(request.user, request.POST.get("code", "")[:40], now=now).right:
        codes.remove(request.user, by=request.user, now=now)
        messages.success(request, _("Two-factor sign-in is off."))
    else:
        messages.error(request, _("This code was not taken. Each is good once, for half a minute."))
    return HttpResponseRedirect(reverse("account"))


@never_cache
@require_POST
def recovery_codes(request: Any) -> HttpResponse:
    """Make new recovery codes, against a code of the app, and show them once."""
    now = timezone.now()
    if not codes.check(request.user, request.POST.get("code", "")[:40], now=now).right:
        messages.error(request, _("This code was not taken. Each is good once, for half a minute."))
        return HttpResponseRedirect(reverse("account"))
    return pages.show_recovery_codes(request, codes.renew_recovery_codes(request.user, now=now))


def password(request: Any, **_more: Any) -> HttpResponse:
    """Django's page for one's own password; a change is on record and ends all other sessions."""
    response = admin.site.password_change(request)
    if request.method == "POST" and response.status_code == 302:
        sessions.end_sessions(request.user, but=request.session.session_key)
        audit.record("user.password_changed", request.user, by=request.user, now=timezone.now())
    return response


def _own(view: Any) -> Any:
    return admin.site.admin_view(view)


urlpatterns: list[URLPattern] = [
    path("account/", _own(account), name="account"),
    path("account/sessions/", _own(end_sessions), name="account-sessions"),
    path("account/two-factor-off/", _own(switch_off), name="account-two-factor-off"),
    path("account/recovery-codes/", _own(recovery_codes), name="account-recovery-codes"),
    path("password_change/", _own(password), name="account-password"),
]
