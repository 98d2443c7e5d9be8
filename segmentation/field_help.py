"""Help for the fields of segments, tag groups and tags, in a sentence each."""

from django.utils.translation import gettext_lazy as _

_KEY = _("Letters, digits and hyphens. Rules, files and the API go by it.")

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
}
