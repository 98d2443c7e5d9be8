"""What each list says while it is empty: what comes there, and how it begins."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS: dict[str, Promise] = {
    "rewards.awardbatch": _("Awards in bulk come here: add one with a list of members; a second person approves it."),
    "operations.twofactorrule": _(
        "Nobody has to give a second factor yet. Add a rule for everybody, or for some roles."
    ),
    "auth.group": _("Groups give rights to many people at once. Add one and choose what it may do."),
    "auth.user": _("Everybody who works here signs in with an account of their own. Add one for each colleague."),
    "axes.accessattempt": _("Sign-ins that failed come here. None has."),
    "axes.accesslog": _("Every sign-in is written down here."),
    "axes.accessfailurelog": _("Sign-ins that failed are written down here. None has."),
    "campaigns.bargain": _("A bargain appears when a member starts to cut a price with friends."),
    "campaigns.boardclosing": _("When the period of a leaderboard ends, its final standing comes here."),
    "campaigns.callbacksecret": _("A secret is issued on the page of a task that another system confirms."),
    "campaigns.campaign": _("Start with a template, which you change to your needs, or add an empty campaign."),
    "campaigns.chainstep": _("Steps are chosen in a campaign, under its chains."),
    "campaigns.completion": _("When a member completes a task of a live campaign, it comes here."),
    "campaigns.deviceuse": _("Once members take part, the devices they come with are counted here."),
    "campaigns.enrolment": _("When a member enters a live campaign, it comes here."),
    "campaigns.heldcompletion": _("What looks suspicious is held here until somebody decides. Nothing is held."),
    "campaigns.help": _("When a friend helps a member, it comes here."),
    "campaigns.invitation": _("When a member brings in a friend, it comes here."),
    "campaigns.offercoupon": _("Coupons that an offer of a campaign gave come here."),
    "campaigns.offergroup": _("When a member opens a group buy, it comes here."),
    "campaigns.rankprize": _("When a leaderboard closes, the prizes of its ranks come here."),
    "campaigns.reservation": _("When a member reserves an offer of a campaign, it comes here."),
    "campaigns.revision": _("Each time a campaign is published, what was published is kept here."),
    "campaigns.submission": _("Proofs that members hand in come here to be looked through."),
    "campaigns.task": _("Tasks belong to a campaign: open one and add its tasks there."),
    "campaigns.taskcode": _("Codes for a task are generated or brought in on the task's own page."),
    "campaigns.team": _("When a member founds a team, it comes here."),
    "campaigns.trusted": _("Members whose plays are never held, such as testers, are named here."),
    "members.attribute": _(
        "Attributes describe members beyond the usual, such as a favourite shop. Add one, then import its values."
    ),
    "members.importrun": _(
        "Files that were imported come here. Begin with the import button on the list of members or orders."
    ),
    "members.level": _("Levels are the steps of membership. Add the lowest first."),
    "members.levelchange": _("When a member's level changes, it is written down here."),
    "members.member": _("Members come in by a file or by the API. Import a CSV file with one member a row to begin."),
    "members.order": _("Orders come in by a file or by the API. Import a CSV file to begin."),
    "members.refund": _("Refunds come in by a file or by the API, after their orders."),
    "operations.apikey": _("Another system calls the API with a key of its own. Add one for each system."),
    "operations.auditrecord": _("Whatever people change is written down here, with who and when."),
    "operations.book": _("The books are checked every minute once workers run."),
    "operations.heartbeat": _("A heartbeat appears within a minute once workers run."),
    "operations.job": _("Work in the background comes here and leaves a while after it is done."),
    "operations.listexport": _("Open any list, narrow it by its filters, and press Export."),
    "operations.webhookdelivery": _("What is told to other systems comes here, once there is an endpoint."),
    "operations.webhookendpoint": _(
        "An endpoint is the address of a system that wants to be told what happens. Add one and choose what it is told."
    ),
    "rewards.account": _("A member's account opens with their first points."),
    "rewards.adjustment": _(
        "Points given or taken by hand come here, to be approved by somebody else. Begin on a member's page."
    ),
    "rewards.award": _("What members win, earn or exchange comes here."),
    "rewards.budget": _("A budget bounds what a campaign or a pool may cost. Add one before it opens."),
    "rewards.chances": _("Chances to draw come here when members earn them."),
    "rewards.checkoff": _("Awards that staff check off at an outlet come here."),
    "rewards.codebatch": _("Codes that were imported or generated come here. Begin on the page of a coupon."),
    "rewards.couponcode": _("Codes are imported or generated on the page of a coupon."),
    "rewards.delivery": _("Red packets on their way to members come here."),
    "rewards.draw": _("Every draw is written down here with its roll."),
    "rewards.earning": _("Points that orders earned by rule come here."),
    "rewards.earningrule": _("A rule says how many points an order earns. Add one to begin."),
    "rewards.entry": _("Every movement of points is written down here."),
    "rewards.gift": _(
        "Gifts are what members can win or exchange: coupons, points, parcels, red packets. Add one to begin."
    ),
    "rewards.lot": _("Points that expire are kept in lots, one for each time they were earned."),
    "rewards.mallitem": _("Put a gift on sale for points: add an item and choose the gift and its price."),
    "rewards.mallorder": _("What members exchange their points for comes here."),
    "rewards.outlet": _("An outlet is where staff check awards off. Add one and name its staff."),
    "rewards.poollisting": _("Members who must or must not win in a pool are listed from the pool's page."),
    "rewards.poolversion": _("Each time the odds of a pool change, the version is kept here."),
    "rewards.prizepool": _("A pool holds prizes with their odds. Add one, then name it in a campaign."),
    "rewards.prizestock": _("What is left of each prize comes here when its pool opens."),
    "rewards.receiptsender": _("Warehouses and payment houses that report back are named here."),
    "rewards.shipment": _("Physical gifts whose members gave an address come here to be shipped."),
    "rewards.shippingbatch": _("Each shipping file that was taken out is kept here. Begin on the list of shipments."),
    "rewards.unit": _("A unit is what members collect, such as points. Add one to begin."),
    "segmentation.lifecyclemodel": _("A lifecycle model sorts members by how they buy. Add one to begin."),
    "segmentation.memberexport": _("Files of a segment's members come here. Ask for one on the page of a segment."),
    "segmentation.membertag": _("Tags that members carry come here: set by hand, by file, by rule or by taking part."),
    "segmentation.package": _("A package is a fixed audience: of uploaded uids, or of segments combined or split."),
    "segmentation.rfmmodel": _("An RFM model scores members by recency, frequency and amount. Add one to begin."),
    "segmentation.segment": _("A segment is members by a rule. Add one, or take a starting point."),
    "segmentation.segmentrun": _("Each time a segment is computed, it comes here."),
    "segmentation.tag": _("Tags describe members within a group of tags. Add the group first, then its tags."),
    "segmentation.tagbatch": _("Tagging many members at once comes here. Begin with a tag and an audience."),
    "segmentation.tagchange": _("Every tag that is set or removed is written down here."),
    "segmentation.taggroup": _("A group holds tags of one kind, such as tastes. Add one to begin."),
    "segmentation.uidlist": _("Lists of uids that were uploaded come here."),
    "segmentation.valuemodel": _("A value model scores what members are worth. Add one to begin."),
}
_ANY = _("What belongs here appears as soon as there is some.")


def words_for(label: str) -> Promise:
    """Return the words of the list of the model `label`, such as members.member."""
    return _WORDS.get(label, _ANY)


def has_words(label: str) -> bool:
    return label in _WORDS
