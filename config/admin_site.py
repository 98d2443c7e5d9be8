"""How the admin looks and is arranged: unfold's settings and the sidebar in the operators' order."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

# Models in the order of an operator's work, each with a Material symbol. A model without an admin is left out,
# one that is missing here is found under "More".
GROUPS: list[tuple[str | Promise, str, dict[str, str]]] = [
    (
        _("Members"),
        "groups",
        {
            "members.member": "person",
            "members.level": "military_tech",
            "members.levelchange": "swap_vertical_circle",
            "members.attribute": "dictionary",
            "members.order": "receipt_long",
            "members.refund": "currency_exchange",
            "members.importrun": "upload_file",
        },
    ),
    (
        _("Segmentation"),
        "donut_small",
        {
            "segmentation.segment": "filter_alt",
            "segmentation.segmentrun": "history",
            "segmentation.package": "inventory_2",
            "segmentation.memberexport": "download",
            "segmentation.uidlist": "list_alt",
            "segmentation.taggroup": "sell",
            "segmentation.tag": "label",
            "segmentation.membertag": "person_pin",
            "segmentation.tagbatch": "group_add",
            "segmentation.tagchange": "manage_history",
            "segmentation.rfmmodel": "grid_on",
            "segmentation.rfmversion": "grid_view",
            "segmentation.lifecyclemodel": "recycling",
            "segmentation.valuemodel": "diamond",
        },
    ),
    (
        _("Campaigns"),
        "campaign",
        {
            "campaigns.campaign": "campaign",
            "campaigns.revision": "published_with_changes",
            "campaigns.task": "task_alt",
            "campaigns.chain": "conversion_path",
            "campaigns.enrolment": "how_to_reg",
            "campaigns.progress": "trending_up",
            "campaigns.completion": "done_all",
            "campaigns.heldcompletion": "gpp_maybe",
            "campaigns.deviceuse": "devices",
            "campaigns.trusted": "verified_user",
            "campaigns.chainprogress": "linear_scale",
            "campaigns.submission": "rate_review",
            "campaigns.taskcode": "password",
            "campaigns.callbacksecret": "key",
            "campaigns.reservation": "shopping_cart_checkout",
            "campaigns.offergroup": "group_add",
            "campaigns.offercoupon": "local_activity",
            "campaigns.boardclosing": "leaderboard",
            "campaigns.rankprize": "military_tech",
            "campaigns.invitation": "person_add",
            "campaigns.help": "volunteer_activism",
            "campaigns.bargain": "sell",
            "campaigns.team": "groups",
        },
    ),
    (
        _("Gifts and codes"),
        "redeem",
        {
            "rewards.gift": "redeem",
            "rewards.couponcode": "qr_code_2",
            "rewards.codebatch": "upload_file",
        },
    ),
    (
        _("Pools and draws"),
        "casino",
        {
            "rewards.prizepool": "casino",
            "rewards.poolversion": "inventory",
            "rewards.poollisting": "playlist_add_check",
            "rewards.draw": "confirmation_number",
            "rewards.chances": "token",
        },
    ),
    (
        _("Awards and fulfilment"),
        "emoji_events",
        {
            "rewards.award": "emoji_events",
            "rewards.awardbatch": "featured_seasonal_and_gifts",
            "rewards.shipment": "local_shipping",
            "rewards.shippingbatch": "outbox",
            "rewards.delivery": "payments",
            "rewards.receiptsender": "mark_email_read",
            "rewards.checkoff": "fact_check",
            "rewards.outlet": "storefront",
        },
    ),
    (
        _("Points mall"),
        "shopping_bag",
        {
            "rewards.mallitem": "shopping_bag",
            "rewards.mallorder": "receipt",
        },
    ),
    (
        _("Budgets and points"),
        "savings",
        {
            "rewards.budget": "savings",
            "rewards.earningrule": "rule",
            "rewards.account": "account_balance_wallet",
            "rewards.entry": "swap_vert",
            "rewards.adjustment": "edit_note",
            "rewards.earning": "add_card",
            "rewards.unit": "toll",
        },
    ),
    (
        _("Operations"),
        "settings",
        {
            "operations.job": "schedule",
            "operations.heartbeat": "monitor_heart",
            "operations.book": "fact_check",
            "operations.auditrecord": "policy",
            "operations.listexport": "download",
            "operations.apikey": "key",
            "operations.webhookendpoint": "webhook",
            "operations.webhookdelivery": "outbound",
            "operations.idempotencykey": "repeat_one",
            "auth.user": "manage_accounts",
            "auth.group": "group",
            "operations.twofactorrule": "phonelink_lock",
            "axes.accessattempt": "lock",
            "axes.accesslog": "login",
            "axes.accessfailurelog": "no_accounts",
        },
    ),
]

# What nobody opens by itself: the pages that need them lead there.
HIDDEN = frozenset({"rewards.prizestock", "rewards.lot"})
# What waits for somebody stands above everything.
APPROVALS = {"operations.approvalrequest": "how_to_vote"}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return unfold's sidebar: what this user may see, by group."""
    listed = HIDDEN.union(APPROVALS, *(models for _title, _icon, models in GROUPS))
    others = {
        label: "data_object" for model in admin.site._registry if (label := model._meta.label_lower) not in listed
    }
    groups = [*GROUPS, (_("More"), "more_horiz", others)]
    shown = [
        {"title": title, "icon": icon, "separator": True, "collapsible": True, "items": items}
        for title, icon, models in groups
        if (items := list(_items(request, models)))
    ]
    overview = {"title": _("Overview"), "icon": "home", "link": "/admin/"}
    return [{"items": [overview, *_items(request, APPROVALS)]}, *shown]


def _items(request: HttpRequest, models: dict[str, str]) -> Iterator[dict[str, Any]]:
    for label, symbol in models.items():
        if item := _item(request, label, symbol):
            yield item
            if label == "operations.apikey":
                yield {"title": _("API reference"), "icon": "menu_book", "link": reverse("api-reference")}
            if label == "auth.group":
                yield {"title": _("Table of roles"), "icon": "table_view", "link": reverse("roles")}


def _item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    model_admin = admin.site._registry.get(model)
    if model_admin is None or not any(model_admin.get_model_perms(request).values()):
        return None
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    return {"title": capfirst(str(model._meta.verbose_name_plural)), "icon": icon, "link": reverse(name)}


def without_inline_colours(_request: HttpRequest) -> dict[str, None]:
    """Stop unfold from writing the theme into a style element, which the policy forbids: theme.css has it."""
    return {"colors": None, "border_radius": None}


UNFOLD = {
    "SITE_TITLE": _("Qianmian"),
    "SITE_HEADER": _("Qianmian"),
    "SITE_SUBHEADER": _("A thousand faces for a thousand people"),
    "SITE_SYMBOL": "diversity_3",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("favicon.svg")}],
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "DASHBOARD_CALLBACK": "config.home.home",
    "GLOBAL_CALLBACK": "config.admin_site.without_inline_colours",
    "STYLES": [lambda _request: static("admin/theme.css"), lambda _request: static("admin/lists.css")],
    "SCRIPTS": [lambda _request: static("admin/htmx-config.js"), lambda _request: static("admin/confirm.js")],
    "ACCOUNT": {"navigation": [{"title": _("My account"), "link": lambda _request: reverse("account")}]},
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": navigation},
}
