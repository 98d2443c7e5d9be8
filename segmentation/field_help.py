"""Help for the fields of segments, tag groups and tags, in a sentence each."""

from django.utils.translation import gettext_lazy as _

_KEY = _("Letters, digits and hyphens. Rules, files and the API go by it.")
_MODEL = {
    "name": _("What operators call this model."),
    "slug": _KEY,
    "description": _("What it is for, so that others can tell."),
}
_DEFAULT = _("Rules and pages that name no model mean this one.")

HELP = {
    "Segment": {
        "name": _("What operators call this segment (分群) wherever they choose it."),
        "slug": _KEY,
        "description": _("What it is for, so that others can tell."),
        "rule": _("Whoever fits is in it. The count below follows while you edit."),
        "every_minutes": _("Empty: it follows the facts by itself, within seconds."),
    },
    "TagGroup": {"name": _("What operators call this tag group (标签组)."), "slug": _KEY},
    "Tag": {
        "name": _("What operators call this tag (标签)."),
        "slug": _KEY,
        "group": _("The layer it belongs to; in an exclusive one a member carries one tag at most."),
        "description": _("What it says of a member, so that others can tell."),
        "valid_days": _("So many days after it was set it falls off. Empty: it stays."),
        "position": _("The lower the number, the earlier it stands."),
    },
    "MemberTag": {
        "member": _("Who carries it."),
        "tag": _("The tag (标签) that is set by hand."),
        "expires_at": _("From this moment it is gone. Empty: it stays."),
    },
    "LifecycleModel": _MODEL | {"is_default": _DEFAULT},
    "CategoryCycle": {
        "category": _("As the orders name it."),
        "days": _("After so many days it is bought again. Empty: as was learned from the orders."),
        "high": _("Whether many buy it again, or what was learned holds."),
    },
    "RfmModel": _MODEL
    | {
        "r_parts": _("So many steps from the longest ago to the latest order."),
        "f_parts": _("So many steps from the fewest to the most orders."),
        "m_parts": _("So many steps from the least to the most money."),
    },
    "ValueModel": _MODEL
    | {
        "is_default": _DEFAULT,
        "tiers_by": _("By shares of the members who bought, or by scores that stay."),
        "core_score": _("Whoever has this score or more is core, where tiers go by scores."),
        "high_potential_score": _("Whoever has this score or more is high-potential, where tiers go by scores."),
        "spending_by": _("By what the spending power is told: one order, all of them, or both."),
    },
}
