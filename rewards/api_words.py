"""What this app's operations are for, in the OpenAPI document and on the reference page."""

from django.utils.translation import gettext_lazy as _

from members.api_words import MEMBER
from operations.described import Example, Tag, described
from operations.error_codes import BAD_REQUEST, NOT_FOUND, UNKNOWN_MEMBER
from rewards import api_codes

POINTS = described(
    Tag.MEMBERS,
    _("See a member's points and other units"),
    description=_("Of each unit: what the member holds, has pending, owes and ever earned, and what expires next."),
    codes=[NOT_FOUND],
    example=Example(path=MEMBER),
)
AWARDS = described(
    Tag.REWARDS,
    _("List a member's awards"),
    description=_("Newest first. Codes of coupons are told to their owners only."),
    codes=[NOT_FOUND],
    example=Example(path=MEMBER),
)
REDEEM = described(
    Tag.REWARDS,
    _("Check an award off"),
    description=_("Once, at a counter; `outlet` is the outlet's key, or left out."),
    codes=[NOT_FOUND, BAD_REQUEST, *api_codes.REDEEM],
    example=Example(path={"award_id": 1}, body={"outlet": None}),
)
REDEEM_BY_NUMBER = described(
    Tag.REWARDS,
    _("Check an award off by what a till scanned"),
    description=_("By the number of the voucher or by the code of the coupon: one of the two."),
    codes=[BAD_REQUEST, *api_codes.BY_NUMBER, *api_codes.REDEEM],
    example=Example(body={"voucher": "K7QM-2FXA-9PDT-HWCR"}),
)
MALL_ITEMS = described(
    Tag.ELIGIBILITY,
    _("List the items of the points mall"),
    description=_(
        "What is on sale or soon will be, in the mall's order. With a member: why they cannot have an item, and how"
        " many more they may."
    ),
    codes=[UNKNOWN_MEMBER],
    example=Example(query=MEMBER),
)
MALL_ORDER = described(
    Tag.PLAY,
    _("Order an item of the points mall"),
    description=_(
        "For the member's points. `price` is what the member was shown: where it has changed since, nothing is ordered."
    ),
    codes=api_codes.MALL_ORDER,
    example=Example(path={"slug": "coupon-20"} | MEMBER, body={"price": 30}, status=201),
)
MALL_ORDERS = described(
    Tag.REWARDS,
    _("List a member's orders of the points mall"),
    description=_("Newest first."),
    codes=[NOT_FOUND],
    example=Example(path=MEMBER),
)
GIVEN = described(
    Tag.REWARDS,
    _("List what was given"),
    description=_("Awards of all members, the newest first. Words of thanks are no award."),
    example=Example(query={"uid": "ann-1024", "limit": "2"}),
)
DRAWS = described(
    Tag.PLAY,
    _("List draws and what they won"),
    description=_("The newest first."),
    example=Example(query={"campaign": "double-twelve", "limit": "2"}),
)
ENTRIES = described(
    Tag.MEMBERS,
    _("List the movements of accounts"),
    description=_("Points, growth value and every further unit, of all members; the newest first."),
    example=Example(query={"unit": "points", "limit": "2"}),
)
MEMBER_ENTRIES = described(
    Tag.MEMBERS,
    _("List the movements of a member's accounts"),
    description=_("Points, growth value and every further unit; the newest first."),
    codes=[NOT_FOUND],
    example=Example(path=MEMBER),
)
GIFTS = described(
    Tag.REWARDS,
    _("List the gifts"),
    description=_("The gift library, by key. What is `left` of each is told to keys with the scope `rewards`."),
    example=Example(query={"limit": "2"}),
)
GIFT = described(Tag.REWARDS, _("Look a gift up"), codes=[NOT_FOUND], example=Example(path={"slug": "coupon-20"}))
RECEIPT = described(
    Tag.CALLBACKS,
    _("Report what became of a red packet or a parcel"),
    description=_(
        "Of a red packet by its `key`: delivered or failed. Of a parcel by its `award`: shipped or returned. Signed"
        " with the secret of a sender of receipts; the same `webhook-id` again gets the first answer."
    ),
    codes=api_codes.RECEIPT,
    example=Example(body={"award": 1, "state": "shipped", "carrier": "SF", "number": "SF1234567890"}),
)
