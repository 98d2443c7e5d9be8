"""The pages between the password and the admin: the code, and setting two-factor sign-in up with its recovery codes."""

from typing import Any

import segno
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from unfold.widgets import UnfoldAdminTextInputWidget

from operations.sign_in import codes, gate, user_backend

LAST_RECOVERY_CODES = 3


class CodeForm(forms.Form):
    code = forms.CharField(
        label=pgettext_lazy("sign-in", "Code"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "inputmode": "text", "spellcheck": "false"}
        ),
    )

    def refuse(self, seconds: int) -> None:
        """Say that the code was wrong, and how long to wait."""
        if seconds > 1:
            words = ngettext(
                "This code was not taken. Wait %(count)d second, then try again.",
                "This code was not taken. Wait %(count)d seconds, then try again.",
                seconds,
            )
            self.add_error("code", words % {"count": seconds})
        else:
            self.add_error("code", _("This code was not taken. Each is good once, for half a minute."))


@never_cache
@login_required(login_url="admin:login")
def ask_code(request: Any) -> HttpResponse:
    """Ask for a code, after the password."""
    authenticator = getattr(request.user, "authenticator_id", None)
    if authenticator is None or request.session.get(gate.VERIFIED) == authenticator:
        return HttpResponseRedirect(_on(request))
    form = CodeForm(request.POST or None)
    if form.is_valid():
        now = timezone.now()
        checked = codes.check(request.user, form.cleaned_data["code"], now=now)
        if checked.right:
            gate.pass_through(request, authenticator, now=now)
            if checked.recovery:
                _warn_of_few(request)
            return HttpResponseRedirect(_on(request))
        form.refuse(checked.seconds)
    return _page(request, "admin/sign_in/code.html", _("Two-factor sign-in"), form=form)


@never_cache
@login_required(login_url="admin:login")
def set_up(request: Any) -> HttpResponse:
    """Show a new key as a QR code and in letters, take the first code, then show the recovery codes, once."""
    now = timezone.now()
    form = CodeForm(request.POST or None)
    if form.is_valid():
        shown = codes.confirm(request.user, form.cleaned_data["code"].replace(" ", ""), now=now)
        if shown is not None:
            user = user_backend.Users().get_user(request.user.pk)
            gate.pass_through(request, getattr(user, "authenticator_id", 0), now=now)
            return show_recovery_codes(request, shown)
        form.refuse(0)
    device = codes.begin(request.user, now=now)
    drawn = segno.make_qr(codes.address_for_app(device), error="m").svg_data_uri(scale=5, border=2, light="#fff")
    title = _("Set up two-factor sign-in")
    required = getattr(request.user, "second_factor_due", False) and request.user.authenticator_id is None
    key = {"qr": drawn, "typed_key": codes.typed_key(device), "required": required}
    return _page(request, "admin/sign_in/set_up.html", title, form=form, **key)


def show_recovery_codes(request: HttpRequest, shown: list[str]) -> HttpResponse:
    """Answer with the codes. They are in no cookie and no session: the page cannot be loaded again."""
    return _page(request, "admin/sign_in/recovery_codes.html", _("Recovery codes"), codes=shown, on=_on(request))


def _warn_of_few(request: HttpRequest) -> None:
    left = codes.unused_recovery_codes(request.user)  # type: ignore[arg-type]
    if left <= LAST_RECOVERY_CODES:
        words = ngettext("%(count)d recovery code is left.", "%(count)d recovery codes are left.", left)
        more = _("Make new ones under “My account”.")
        messages.warning(request, f"{words % {'count': left}} {more}")


def _on(request: HttpRequest) -> str:
    """Return where the user was going."""
    to = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return to if safe else reverse("admin:index")


def _page(request: HttpRequest, template: str, title: str, **more: Any) -> HttpResponse:
    context = admin.site.each_context(request) | {"title": title, "next": _on(request)} | more
    return TemplateResponse(request, template, context)


urlpatterns: list[URLPattern] = [
    path("code/", ask_code, name="sign-in-code"),
    path("two-factor/", set_up, name="two-factor-set-up"),
]
