"""What this app's operations are for, in the OpenAPI document and on the reference page."""

from django.utils.translation import gettext_lazy as _

from campaigns import api_codes, callbacks, energy, making_up
from campaigns.api_codes import BAD_SUBMISSION, CAMPAIGN, ENTRY, MOVE, NO_TASK, NOT_PUBLISHED, because, refused
from campaigns.offers import refusals as offers
from campaigns.refusals import Refusal
from members.api_words import MEMBER
from operations.described import Example, Tag, described
from operations.error_codes import INVALID, NOT_FOUND, UNKNOWN_MEMBER, Code, Remedy

CAMPAIGN_OF_DEMO = {"slug": "double-twelve"}
CARNIVAL = {"slug": "new-year-farm"}
HERE = CAMPAIGN_OF_DEMO | MEMBER
FARM = CARNIVAL | MEMBER
CAMPAIGNS = described(
    Tag.ELIGIBILITY,
    _("List the campaigns"),
    description=_("Those that were ever published, as they are now, the newest first."),
    example=Example(query={"limit": "1"}),
)
CAMPAIGN_WHOLE = described(
    Tag.ELIGIBILITY,
    _("Look a campaign up"),
    description=_("With its tasks, and its pools with prizes and odds: what its participants may read."),
    codes=[NOT_FOUND],
    example=Example(path=CAMPAIGN_OF_DEMO),
)
ELIGIBILITY = described(
    Tag.ELIGIBILITY,
    _("Ask what a member gets, and why not the rest"),
    description=_(
        "Every running campaign, or one of them: tasks with state, progress and reason, chains, the prize pool that"
        " would be drawn from, chances, posters. This is the call for the shop's home page."
    ),
    codes=[INVALID, UNKNOWN_MEMBER, NOT_PUBLISHED],
    example=Example(path=MEMBER, query={"campaign": "double-twelve"}),
)
ELIGIBILITY_OF_MANY = described(
    Tag.ELIGIBILITY,
    _("Ask what up to 1,000 members get in one campaign"),
    description=_("Several times cheaper for each member than single calls. Unknown uids come back under `unknown`."),
    codes=[INVALID, NOT_PUBLISHED],
    example=Example(body={"uids": ["ann-1024", "nobody"], "campaign": "double-twelve"}),
)
DRAW = described(
    Tag.PLAY,
    _("Draw a prize"),
    description=_(
        "One draw in the member's pool, with a chance or for points (`pay`). `pool` asks for a draw of a chance that is"
        " good for that pool only. The same Idempotency-Key answers with the same draw, also when the campaign has"
        " closed since."
    ),
    codes=api_codes.DRAW,
    example=Example(path=HERE, body={"pool": "scratch"}, status=201),
)
LEADERBOARD = described(
    Tag.ELIGIBILITY,
    _("Read a leaderboard"),
    description=_("The first places, and one member's own. Ties share the rank; the earlier comes first."),
    codes=[
        INVALID,
        UNKNOWN_MEMBER,
        Code("no_leaderboard", 404, _("This campaign has no leaderboard."), Remedy.NAME),
    ],
    example=Example(path=CARNIVAL, query=MEMBER),
)
ENERGY = described(
    Tag.ELIGIBILITY,
    _("See a member's energy"),
    description=_("The drops with the time at which they ripen and wither, the milestones, and the shared total."),
    codes=[
        UNKNOWN_MEMBER,
        *because(energy.NO_ENERGY, remedy=Remedy.NAME),
        Code("not_entered", 404, _("This member has not entered the campaign."), Remedy.SHOW),
    ],
    example=Example(path=FARM),
)
COLLECTING = (
    INVALID,
    UNKNOWN_MEMBER,
    NOT_PUBLISHED,
    *CAMPAIGN,
    *because(energy.NO_ENERGY, energy.NO_DROP, remedy=Remedy.NAME),
    *because(energy.NOT_RIPE, energy.GONE, energy.NO_MILESTONE),
    *refused(Refusal.DONE, Refusal.OUT_OF_GIFTS),
    *api_codes.AUDIENCE,
)
COLLECT = described(
    Tag.PLAY,
    _("Collect energy"),
    description=_("One ripe drop by its number, or all of them."),
    codes=COLLECTING,
    example=Example(path=FARM, body={}),
)
OF_FRIENDS = (*COLLECTING, *because(energy.NOT_FRIENDS))
DROP_OF_A_FRIEND = {"friend": "qm-00001", "drop": 1}
HELP = described(
    Tag.PLAY,
    _("Collect a friend's energy for them"),
    description=_("The friend keeps it; the helper gains a bonus where the campaign gives one."),
    codes=(*OF_FRIENDS, *because(energy.NO_HELP)),
    example=Example(path=FARM, body=DROP_OF_A_FRIEND),
)
STEAL = described(
    Tag.PLAY,
    _("Take a share of a friend's energy"),
    codes=(*OF_FRIENDS, *because(energy.NO_STEALING, energy.ONCE_ONLY, energy.LEFT_TO_OWNER)),
    example=Example(path=FARM, body=DROP_OF_A_FRIEND),
)
MAKE_UP = described(
    Tag.PLAY,
    _("Make up a missed day of a check-in"),
    description=_("It is paid for, rewarded, and mends the streak."),
    codes=(
        *MOVE,
        BAD_SUBMISSION,
        *because(
            making_up.NO_MAKE_UP,
            making_up.NOT_MISSED,
            making_up.TOO_LONG_AGO,
            making_up.MONTH_USED_UP,
            making_up.CANNOT_PAY,
        ),
    ),
    example=Example(path=FARM | {"key": "sign-in"}, body={"day": "2026-01-14"}),
)
OFFERS = described(
    Tag.ELIGIBILITY,
    _("List a campaign's offers for a member"),
    description=_("Flash sales, first-order coupons, group buys: how each stands, and why it cannot be had."),
    codes=[UNKNOWN_MEMBER, NOT_PUBLISHED],
    example=Example(path=FARM),
)
TAKING = (*ENTRY, *because(offers.NO_OFFER, offers.NO_GROUP, remedy=Remedy.NAME), *refused(Refusal.OUT_OF_GIFTS))
RESERVE = described(
    Tag.PLAY,
    _("Reserve an offer"),
    description=_("Reserves of a flash sale, opens a group, or gets a first-order coupon: whatever the offer is."),
    codes=(
        *TAKING,
        *because(
            offers.SOLD_OUT,
            offers.MEMBER_LIMIT,
            offers.AWAITING_PAYMENT,
            offers.RESERVED_OTHERWISE,
            offers.NOT_FIRST_ORDER,
            offers.IN_ANOTHER_GROUP,
        ),
    ),
    example=Example(path=FARM | {"key": "flash"}, body={"quantity": 1}, status=201),
)
JOIN = described(
    Tag.PLAY,
    _("Take a place in a group"),
    codes=(
        *TAKING,
        *because(
            offers.NOT_RESERVED,
            offers.SOLD_OUT,
            offers.MEMBER_LIMIT,
            offers.AWAITING_PAYMENT,
            offers.GROUP_FULL,
            offers.GROUP_OVER,
            offers.IN_ANOTHER_GROUP,
            offers.IN_GROUP,
        ),
    ),
    example=Example(path=FARM | {"key": "group"}, body={"group": "x7k2m9q4t1"}, status=201),
)
REFUNDS_DUE = described(
    Tag.REWARDS,
    _("List the orders to refund for groups that were not filled"),
    description=_("Oldest first. Once the shop posts the refund, an order leaves the list."),
    codes=[NOT_PUBLISHED],
    example=Example(path=CARNIVAL),
)
CALLBACK = described(
    Tag.CALLBACKS,
    _("Report that a member did what a task asks for"),
    description=_(
        "Signed with the task's secret as [Standard Webhooks](https://www.standardwebhooks.com/) says:"
        " HMAC-SHA256 of `ID.TIMESTAMP.BODY`. A call is taken within five minutes of its timestamp; the same"
        " `webhook-id` again gets the first answer. The member must take part already."
    ),
    codes=(
        INVALID,
        NOT_PUBLISHED,
        NO_TASK,
        *because(callbacks.UNKNOWN_MEMBER, callbacks.NOT_BY_CALLBACK, remedy=Remedy.NAME),
        *because(callbacks.NOT_ENTERED),
        *CAMPAIGN,
        *api_codes.AUDIENCE,
        *api_codes.TASK,
    ),
    example=Example(path=CARNIVAL | {"key": "follow"}, body=MEMBER),
)
