"""Where a campaign begins: from nothing, from a template of the trade, or from an earlier campaign."""

from datetime import timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import blueprint_files, blueprint_pages
from campaigns.building import sheets
from campaigns.building.sheets import Filled, Sheet
from campaigns.building.steps import TASKS
from campaigns.models import Campaign
from operations import free_keys

# All that the first step asks for, so that the second comes next.
ROWS = (("name", "slug"), ("opens_at",), ("closes_at",), ("audience",), ("organiser",))
FIELDS = [name for row in ROWS for name in row]
DAYS_OPEN = 14
SHOWN = 12
LONGEST_SEARCH = 100


def start(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """Show the three beginnings; a POST begins from nothing."""
    if not request.user.has_perm("campaigns.add_campaign"):
        raise PermissionDenied
    sheet = Sheet(site.get_model_admin(Campaign), None, FIELDS)
    if request.method == "POST":
        filled = sheets.filled(request, sheet)
        if filled.is_valid():
            with transaction.atomic():
                campaign = sheets.save(request, filled)
            return redirect("admin:campaigns_campaign_build_step", campaign.pk, TASKS.key)
    else:
        filled = _proposed(sheets.shown(request, sheet))
    searched = request.GET.get("q", "")[:LONGEST_SEARCH].replace("\0", "").strip()
    context = {
        **site.each_context(request),
        "title": _("New campaign"),
        "opts": Campaign._meta,
        "filled": filled,
        "media": filled.media,
        "rows": [[filled.form[name] for name in row] for row in ROWS],
        "blueprints": blueprint_files.all_blueprints() if request.user.has_perms(blueprint_pages.NEEDED) else [],
        "searched": searched,
        "earlier": _earlier(searched) if request.user.has_perm("campaigns.view_campaign") else [],
    }
    return TemplateResponse(request, "admin/campaigns/building/start.html", context)


def _earlier(searched: str) -> list[Campaign]:
    rows = Campaign.objects.order_by("-pk")
    return list((rows.filter(name__icontains=searched) if searched else rows)[:SHOWN])


def _proposed(filled: Filled) -> Filled:
    """What is most often meant: from tomorrow for two weeks, by the organiser of the last campaign."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    last = Campaign.objects.order_by("-pk").values_list("organiser", flat=True).first()
    proposed: dict[str, Any] = {
        "opens_at": midnight,
        "closes_at": midnight + timedelta(days=DAYS_OPEN),
        "organiser": last or "",
        "slug": _free_key(midnight.strftime("campaign-%Y%m%d")),
    }
    filled.form.initial.update(proposed)
    return filled


def _free_key(stem: str) -> str:
    return free_keys.free(stem, set(Campaign.objects.filter(slug__startswith=stem).values_list("slug", flat=True)))
