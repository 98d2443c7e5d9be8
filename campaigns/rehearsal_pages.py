"""The page of the admin on which a draft is rehearsed, its warnings are acknowledged, and it is published."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action

from campaigns import acknowledging, publishing, rehearsal_said, rehearsal_words
from campaigns.models import Campaign, CostForecast
from campaigns.rehearsal import forecasts, learning
from campaigns.rehearsal.findings import Severity, of
from campaigns.rehearsal.rates import Rates
from campaigns.rehearsal.rehearsing import Rehearsal, rehearse
from campaigns.rehearsal_form import RatesForm

NAME = "admin:campaigns_campaign_rehearsal"
CHANGE = "campaigns.change_campaign"
# Whoever publishes, submits or approves takes note of warnings.
NOTING = ("campaigns.submit_campaign", "campaigns.approve_campaign", publishing.ALONE)


class HasRehearsal(ModelAdmin):
    """Inherit from this to give the admin of campaigns the page."""

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(partial(view, site=self.admin_site))

        one = "<int:campaign_id>/rehearsal"
        return [
            path(f"{one}/", page(rehearsal_page), name="campaigns_campaign_rehearsal"),
            path(f"{one}/costs/", self.admin_site.admin_view(costs_part), name="campaigns_campaign_rehearsal_costs"),
            *super().get_urls(),
        ]

    @action(description=gettext_lazy("Rehearsal"), url_path="to-rehearsal", icon="theater_comedy", permissions=["view"])
    def to_rehearsal(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(NAME, object_id)


def rehearsal_page(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Show what the draft will do; a POST acknowledges warnings, sets rates, has costs simulated, or publishes."""
    campaign = _campaign(request, campaign_id)
    if request.method == "POST" and (done := UNSEEN.get(request.POST.get("do", ""))):
        return done(request, campaign)
    rehearsal = rehearse(campaign, now=timezone.now())
    form = _form(request, rehearsal)
    if request.method == "POST":
        answered = DEEDS.get(request.POST.get("do", ""), _nothing)(request, rehearsal, form)
        if answered is not None:
            return answered
    context = site.each_context(request) | _shown(request, rehearsal) | {"form": form}
    return TemplateResponse(request, "admin/campaigns/rehearsal.html", context)


def costs_part(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Show how far the simulation of costs has come, and what it came to. Asked for each two seconds while it runs."""
    campaign = _campaign(request, campaign_id)
    row = _simulation(campaign)
    if row is not None and row.done_at is None:
        shown: dict[str, Any] = {"forecast": row, "running": True, "expected": True}
    else:
        shown = _costs(request, rehearse(campaign, now=timezone.now()))
    return TemplateResponse(request, "admin/campaigns/rehearsal_costs.html", {"campaign": campaign} | shown)


def _campaign(request: HttpRequest, campaign_id: int) -> Campaign:
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    return get_object_or_404(Campaign.objects.select_related("current"), pk=campaign_id)


def _form(request: HttpRequest, rehearsal: Rehearsal) -> RatesForm:
    asked = request.POST if request.method == "POST" and request.POST.get("do") == "rates" else None
    expected = rehearsal.expected
    if expected is None:
        return RatesForm(asked, Rates())
    return RatesForm(asked, expected.rates, {offer.kind for offer in expected.definition.offers})


def _shown(request: HttpRequest, rehearsal: Rehearsal) -> dict[str, Any]:
    campaign, expected = rehearsal.campaign, rehearsal.expected
    noted = acknowledging.acknowledged_by(campaign, _user(request))
    warnings = of(Severity.WARNING, rehearsal.findings)
    shown = {
        "title": _("Rehearsal of “%(campaign)s”") % {"campaign": campaign},
        "campaign": campaign,
        "opts": Campaign._meta,
        "lines": rehearsal_words.lines(rehearsal.findings, campaign, noted),
        "errors": len(of(Severity.ERROR, rehearsal.findings)),
        # What is against those who take part is published with a reason, by who may decide that.
        "stopped": any(not fault.against for fault in rehearsal.faults),
        "warnings": len(warnings),
        "notes": len(of(Severity.NOTE, rehearsal.findings)),
        "open": len([each for each in warnings if each.key not in noted]),
        "expected": expected,
        "may_note": _may_note(request),
        "may_publish": publishing.may_publish_alone(request.user),
        "may_change": request.user.has_perm(CHANGE),
    }
    if expected:
        lanes, lasting = rehearsal_words.lanes(expected, campaign)
        shown |= {
            "reached": list(rehearsal_words.reached(expected)),
            "scenarios": rehearsal_words.scenarios(expected),
            "offers": list(rehearsal_said.offers(expected)),
            "already": rehearsal_said.already(expected),
            "lanes": lanes,
            "lasting": lasting,
            "unpriced": forecasts.unpriced(expected),
        }
    return shown | _costs(request, rehearsal)


def _costs(request: HttpRequest, rehearsal: Rehearsal) -> dict[str, Any]:
    expected = rehearsal.expected
    row = _simulation(rehearsal.campaign)
    if expected is None:
        return {"forecast": None}
    current = row is not None and row.basis == forecasts.basis_of(rehearsal.campaign, expected)
    done = row is not None and row.done_at is not None
    return {
        "forecast": row,
        "outdated": row is not None and not current,
        "running": current and not done,
        "ranges": rehearsal_words.ranges(row, expected) if row is not None and current and done else [],
        "may_change": request.user.has_perm(CHANGE),
        "expected": expected,
    }


def _simulation(campaign: Campaign) -> CostForecast | None:
    """The simulation that was asked for last; a row without a basis holds rates alone."""
    return CostForecast.objects.filter(campaign=campaign).exclude(basis="").first()


Deed = Callable[[HttpRequest, Rehearsal, RatesForm], HttpResponse | None]


def _nothing(_request: HttpRequest, rehearsal: Rehearsal, _form: RatesForm) -> HttpResponse:
    return redirect(NAME, rehearsal.campaign.pk)


def _acknowledge(request: HttpRequest, rehearsal: Rehearsal, _form: RatesForm) -> HttpResponse:
    if not _may_note(request):
        raise PermissionDenied
    keys = set(request.POST.getlist("key"))
    noted = [each for each in of(Severity.WARNING, rehearsal.findings) if each.key in keys]
    if noted:
        acknowledging.acknowledge(rehearsal.campaign, noted, by=_user(request), now=timezone.now())
        told = ngettext("%(count)d warning is acknowledged.", "%(count)d warnings are acknowledged.", len(noted))
        messages.success(request, told % {"count": len(noted)})
    else:
        messages.error(request, _("Tick the warnings that you acknowledge."))
    return redirect(NAME, rehearsal.campaign.pk)


def _set_rates(request: HttpRequest, rehearsal: Rehearsal, form: RatesForm) -> HttpResponse | None:
    _must(request, CHANGE)
    if not form.is_valid():
        return None
    forecasts.set_rates(rehearsal.campaign, form.rates)
    messages.success(request, _("The campaign is rehearsed with these rates from now on."))
    return redirect(NAME, rehearsal.campaign.pk)


def _learn(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    _must(request, CHANGE)
    rates = learning.learned(campaign, now=timezone.now())
    if rates is None:
        messages.error(request, _("There is no earlier campaign to learn from: what is assumed stays."))
    else:
        forecasts.set_rates(campaign, rates)
        messages.success(request, _("The rates are those of the shop's latest campaigns."))
    return redirect(NAME, campaign.pk)


def _simulate(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    _must(request, CHANGE)
    forecasts.begin(campaign, now=timezone.now())
    return redirect(f"{_address(campaign)}#costs")


def _publish(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    if not publishing.may_publish_alone(request.user):
        raise PermissionDenied
    try:
        revision = publishing.publish(campaign, by=_user(request), now=timezone.now())
    except publishing.NotReady as error:
        say_refused(request, campaign, error)
    else:
        words = {"campaign": campaign, "number": revision.number}
        messages.success(request, _("“%(campaign)s” is published as revision %(number)d.") % words)
    return redirect(NAME, campaign.pk)


DEEDS: dict[str, Deed] = {
    "acknowledge": _acknowledge,
    "rates": _set_rates,
}
# These rehearse it themselves, behind its lock, or not at all.
UNSEEN: dict[str, Callable[[HttpRequest, Campaign], HttpResponse]] = {
    "learn": _learn,
    "simulate": _simulate,
    "publish": _publish,
}


def say_refused(request: HttpRequest, campaign: Campaign, error: publishing.NotReady) -> None:
    """Say why it was not published: what is wrong, or which warnings nobody has taken note of."""
    if error.reasons:
        messages.error(request, _("“%(campaign)s” cannot be published:") % {"campaign": campaign})
    else:
        words = {"campaign": campaign}
        told = _("“%(campaign)s” is not published: acknowledge these warnings of the rehearsal first.")
        messages.error(request, told % words)
    for fault in error.reasons:
        messages.error(request, fault.message)
    for warning in error.warnings:
        messages.error(request, warning.message)


def _may_note(request: HttpRequest) -> bool:
    return any(request.user.has_perm(right) for right in NOTING)


def _must(request: HttpRequest, right: str) -> None:
    if not request.user.has_perm(right):
        raise PermissionDenied


def _address(campaign: Campaign) -> str:
    return redirect(NAME, campaign.pk).url


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
