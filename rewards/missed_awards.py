"""Why members of a batch got nothing, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS: dict[str, Promise] = {
    "no_code": gettext_lazy("no coupon code left"),
    "gift_out_of_stock": gettext_lazy("the gift's stock is used up"),
    "member_limit": gettext_lazy("the member has had as many as one may"),
    "nowhere_to_draw": gettext_lazy("it does not say where its draws are"),
    "erased": gettext_lazy("the member's data was erased"),
}


def words_of(missed: Mapping[str, int]) -> list[str]:
    """Return a line for each reason, the most frequent first."""
    found = sorted(missed.items(), key=lambda each: -each[1])
    return [
        _("%(count)s not given: %(why)s") % {"count": f"{count:,}", "why": REASONS.get(code, code)}
        for code, count in found
    ]
