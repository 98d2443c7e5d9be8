"""Help for the fields of levels and attributes, in a sentence each."""

from django.utils.translation import gettext_lazy as _

_KEY = _("Letters, digits and hyphens. Rules, files and the API go by it.")

HELP = {
    "Level": {
        "name": _("What members and operators call this level (会员等级)."),
        "slug": _KEY,
        "kind": _("Whether growth value (成长值) leads to it, or it is bought for a time."),
        "extra_chances_period": _("How often they are given anew."),
        "benefits_en": _("For readers of English. Empty: the benefits in words."),
    },
    "Attribute": {
        "label": _("What operators read in rules and on the page of a member."),
        "label_en": _("For readers of English. Empty: the label."),
        "slug": _KEY,
        "kind": _("It decides how the value is checked, and what a rule can ask of it."),
    },
}
