"""The audit trail in words: what was done, and the subjects by which it is searched."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Subject:
    """What many actions have in common: its name, and which records belong to it."""

    title: str | Promise
    condition: Q


# Looked at in clear or taken away as a file: personal data, addresses, codes.
LOOKED_AT = (
    "member.contact_revealed",
    "member.data_exported",
    "shipment.address_revealed",
    "shipping_batch.exported",
    "shipping_batch.downloaded",
    "coupon_code.revealed",
    "code_batch.exported",
    "task_codes.codes_seen",
    "task_codes.exported",
    "member_export.downloaded",
    "segment.export_requested",
    "import_run.rejects_downloaded",
    "audit_trail.exported",
)


def _of(*kinds: str) -> Q:
    """Return the condition that the action is one of a kind: "award" is "award.redeemed" and the like."""
    condition = Q()
    for kind in kinds:
        # As a range, which the index knows: "." comes right before "/".
        condition |= Q(action__gte=f"{kind}.", action__lt=f"{kind}/")
    return condition


SUBJECTS: dict[str, Subject] = {
    "looked-at": Subject(_("Personal data and codes looked at or exported"), Q(action__in=LOOKED_AT)),
    "rights": Subject(_("Users, roles and sign-in"), _of("user", "group", "two_factor_rule", "access_attempt")),
    "publishing": Subject(_("Campaigns and pools published and changed"), _of("campaign", "prize_pool", "task")),
    "value": Subject(
        _("Points, awards, budgets and payments"),
        _of("adjustment", "award", "budget", "delivery", "mall_order", "earning_rule", "unit"),
    ),
    "systems": Subject(_("API keys and webhooks"), _of("api_key", "webhook", "receipt_sender", "callback_secret")),
}

# What happened, by the part of the action after the point.
HAPPENED: dict[str, str | Promise] = {
    "added": pgettext_lazy("audit", "added"),
    "address_revealed": pgettext_lazy("audit", "address seen in clear"),
    "approved": pgettext_lazy("audit", "approved"),
    "archived": pgettext_lazy("audit", "archived"),
    "asked": pgettext_lazy("audit", "asked for approval"),
    "cancelled": pgettext_lazy("audit", "cancelled"),
    "changed": pgettext_lazy("audit", "changed"),
    "cloned": pgettext_lazy("audit", "cloned"),
    "closed": pgettext_lazy("audit", "closed"),
    "codes_imported": pgettext_lazy("audit", "codes imported"),
    "codes_seen": pgettext_lazy("audit", "codes seen in clear"),
    "commented": pgettext_lazy("audit", "commented"),
    "contact_revealed": pgettext_lazy("audit", "contact seen in clear"),
    "created": pgettext_lazy("audit", "created"),
    "data_exported": pgettext_lazy("audit", "all data exported"),
    "deleted": pgettext_lazy("audit", "deleted"),
    "done": pgettext_lazy("audit", "done"),
    "downloaded": pgettext_lazy("audit", "downloaded"),
    "draft_restored": pgettext_lazy("audit", "draft restored"),
    "ended": pgettext_lazy("audit", "ended"),
    "erased": pgettext_lazy("audit", "erased"),
    "export_requested": pgettext_lazy("audit", "export asked for"),
    "exported": pgettext_lazy("audit", "exported"),
    "given_up": pgettext_lazy("audit", "given up"),
    "issued": pgettext_lazy("audit", "secret issued"),
    "last_try": pgettext_lazy("audit", "tries used up"),
    "launched": pgettext_lazy("audit", "launched"),
    "level_given": pgettext_lazy("audit", "level given"),
    "loaded": pgettext_lazy("audit", "loaded from a file"),
    "marked_paid": pgettext_lazy("audit", "marked as paid"),
    "opened": pgettext_lazy("audit", "opened"),
    "overtaken": pgettext_lazy("audit", "overtaken by another change"),
    "password_changed": pgettext_lazy("audit", "password changed"),
    "paused": pgettext_lazy("audit", "paused"),
    "posted": pgettext_lazy("audit", "posted"),
    "prizes_tried_again": pgettext_lazy("audit", "prizes tried again"),
    "published": pgettext_lazy("audit", "published"),
    "put_back": pgettext_lazy("audit", "put back"),
    "receipt_taken": pgettext_lazy("audit", "receipt taken"),
    "recovery_code_used": pgettext_lazy("audit", "recovery code used"),
    "recovery_codes_renewed": pgettext_lazy("audit", "recovery codes renewed"),
    "redeemed": pgettext_lazy("audit", "checked off"),
    "refused": pgettext_lazy("audit", "refused"),
    "rejects_downloaded": pgettext_lazy("audit", "rejected rows downloaded"),
    "released": pgettext_lazy("audit", "released"),
    "replayed": pgettext_lazy("audit", "replayed"),
    "replayed_many": pgettext_lazy("audit", "many replayed"),
    "requested": pgettext_lazy("audit", "asked for"),
    "resumed": pgettext_lazy("audit", "resumed"),
    "retried": pgettext_lazy("audit", "tried again"),
    "revealed": pgettext_lazy("audit", "seen in clear"),
    "reversed": pgettext_lazy("audit", "taken back"),
    "revoked": pgettext_lazy("audit", "revoked"),
    "rolled_back": pgettext_lazy("audit", "rolled back"),
    "rotated": pgettext_lazy("audit", "replaced"),
    "secret_rotated": pgettext_lazy("audit", "secret replaced"),
    "sent": pgettext_lazy("audit", "sent"),
    "sent_back": pgettext_lazy("audit", "sent back"),
    "sessions_ended": pgettext_lazy("audit", "sessions ended"),
    "signed_up": pgettext_lazy("audit", "signed up"),
    "started": pgettext_lazy("audit", "started"),
    "stopped": pgettext_lazy("audit", "stopped"),
    "submitted": pgettext_lazy("audit", "submitted"),
    "taken_in_hand": pgettext_lazy("audit", "taken in hand"),
    "tested": pgettext_lazy("audit", "tested"),
    "two_factor_removed": pgettext_lazy("audit", "second factor taken off"),
    "two_factor_set_up": pgettext_lazy("audit", "second factor set up"),
    "unarchived": pgettext_lazy("audit", "taken out of the archive"),
    "uploaded": pgettext_lazy("audit", "uploaded"),
    "withdrawn": pgettext_lazy("audit", "withdrawn"),
}


def action_words(action: str) -> str:
    """Return what an action did; one without words as the trail calls it."""
    _kind, _point, happened = action.rpartition(".")
    return str(HAPPENED.get(happened, happened.replace("_", " ")))
