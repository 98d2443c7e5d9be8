"""The first page of the admin: what is live, what waits for whom, what is in trouble, and how today goes.

Each group asks for its right; what a user may not see is not on the page, and costs no query.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from config import concerns, home_campaigns, home_figures
from config.first_steps import first_steps
from operations import approvals

SHORTCUTS = (
    ("campaigns.campaign", "campaign", "campaigns_campaign_build_start"),
    ("rewards.prizepool", "casino", "rewards_prizepool_add"),
    ("rewards.gift", "redeem", "rewards_gift_add"),
    ("segmentation.segment", "filter_alt", "segmentation_segment_add"),
)
# Whom to ask for rights: so many are named.
NAMED = 3
# What waits: the oldest are listed, the inbox has them all.
WAITING = 8


def home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return unfold's context with what this user may know."""
    user, now = request.user, timezone.now()
    waiting = approvals.waiting_for(user, most=WAITING)
    groups = {
        "steps": first_steps(user),
        "to_approve": waiting.items,
        "concerns": concerns.concerns(user, now=now),
        "figures": home_figures.figures(user, chosen=request.GET.get("figure", ""), now=now),
        "campaigns": home_campaigns.campaigns(user, now=now),
        "shortcuts": list(shortcuts(user)),
    }
    # Whoever may open some list finds it in the sidebar: nothing is missing.
    lost = not any(groups.values()) and not user.get_all_permissions()
    context = context | {"title": _("Overview")}
    return context | groups | {"waiting_count": waiting.count, "ask": administrators() if lost else None}


def shortcuts(user: Any) -> Iterator[dict[str, Any]]:
    """Yield what this user may add, by the name of the model."""
    for label, icon, page in SHORTCUTS:
        model = apps.get_model(label)
        app_label, name = label.split(".")
        if user.has_perm(f"{app_label}.add_{name}"):
            yield {"name": model._meta.verbose_name, "icon": icon, "link": reverse(f"admin:{page}")}


def administrators() -> list[str]:
    """Return the names of some who can give rights."""
    found = User.objects.filter(is_active=True, is_superuser=True).order_by("pk")[:NAMED]
    return [user.get_full_name() or user.get_username() for user in found]
