"""Why a member may not have an offer, beside the reasons that every campaign has."""

from django.utils.translation import gettext_lazy as _

from campaigns.refusals import Because

NO_OFFER = Because("no_offer", _("There is no such offer in this campaign."), 404)
NO_GROUP = Because("no_group", _("There is no such group. The link may be incomplete."), 404)
NOT_RESERVED = Because("offer_not_reserved", _("This offer has no groups to join."))
SOLD_OUT = Because("sold_out", _("All of it is taken."))
MEMBER_LIMIT = Because("member_limit", _("You have had as much of this offer as one member may."))
AWAITING_PAYMENT = Because(
    "awaiting_payment", _("Your time to pay is over. We are looking whether your payment came in.")
)
RESERVED_OTHERWISE = Because("reserved_otherwise", _("You have reserved another quantity. Pay for that one first."))
NOT_FIRST_ORDER = Because("not_first_order", _("This coupon is for a first order, and you have bought already."))
GROUP_FULL = Because("group_full", _("All places of this group are taken. Open a group of your own!"))
GROUP_OVER = Because("group_over", _("The time of this group is over."))
IN_ANOTHER_GROUP = Because("in_another_group", _("You have a place in another group. Pay for that one first."))
IN_GROUP = Because("in_group", _("You are in this group already."))
