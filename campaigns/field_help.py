"""Help for the fields of campaigns, tasks, chains, pools and offers, and of each kind of task, in a sentence each."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_KEY = _("Letters, digits and hyphens. Progress, draws and the API go by it: it stays once the campaign is published.")
_AUDIENCE = _("Who meets this. Nothing chosen: everyone who meets the campaign.")
_POSITION = _("The lower the number, the earlier it stands.")
_POINTS = _("Points (积分) for whoever finishes; 0: none.")
_GROWTH = _("Growth value (成长值), by which levels are climbed; 0: none.")
_CHANCES = _("So many draws (抽奖机会) for whoever finishes; 0: none.")
_GIFT = _("A gift of the gift library (礼品库), granted at once.")
_TAG = _("A tag (标签) that whoever finishes carries from then on.")

HELP = {
    "Campaign": {
        "name": _("What members read above the page."),
        "slug": _KEY,
        "opens_at": _("From this moment members can take part, by the campaign's time zone."),
        "closes_at": _("From this moment nothing can be done any more."),
        "audience": _("Who may take part (参与人设置). Nothing chosen: every member."),
        "tagline": _("One line below the name."),
        "organiser": _("Who holds the campaign. The law asks for it beside a draw."),
        "colour": _("The page's main colour: its head and its buttons."),
        "rules": _("The rules of the campaign, as members read them before they take part."),
    },
    "Task": {
        "title": _("What members read in the list of tasks."),
        "key": _KEY,
        "guide": _("One line that says how it is done."),
        "audience": _AUDIENCE,
        "period": _("How often it can be done anew: once, or again each day, week or month."),
        "points": _POINTS,
        "growth": _GROWTH,
        "chances": _CHANCES,
        "score": _("Campaign score (活动分数) for leaderboards, pools and audiences; 0: none."),
        "gift": _GIFT,
        "tag": _TAG,
        "claim_mode": _("Whether the reward comes by itself, is claimed, or the task is accepted first."),
        "position": _POSITION,
    },
    "Chain": {
        "title": _("What members read above the chain (连锁任务)."),
        "key": _KEY,
        "audience": _AUDIENCE,
        "points": _POINTS,
        "growth": _GROWTH,
        "chances": _CHANCES,
        "gift": _GIFT,
        "tag": _TAG,
        "position": _POSITION,
    },
    "CampaignPool": {
        "position": _("Pools are tried in this order; the first whose audience admits a member is theirs."),
        "pool": _("A prize pool (奖池) with its own prizes and odds."),
        "audience": _("Who draws from it. Nothing chosen: whoever no pool before it admits."),
    },
    "Offer": {
        "title": _("What members read above the offer."),
        "key": _KEY,
        "kind": _("Flash sale (秒杀), first-order coupon (首单券) or group buy (拼团)."),
        "guide": _("One line that says how it works."),
        "audience": _AUDIENCE,
        "price": _("What it costs outside of the offer."),
        "offer_price": _("What it costs in the offer."),
        "per_member": _("How many one member may have."),
        "size": _("How many members make a group."),
        "hours": _("After these hours a group that is not full ends."),
        "position": _POSITION,
    },
}

_OF_KINDS: dict[tuple[str, str], "str | Promise"] = {
    ("assist", "helps"): _("The task is done when so many friends have helped (助力)."),
    ("", "per_helper"): _("How often the same friend may help a day."),
    ("", "per_helper_in_all"): _("How often the same friend may help in the whole campaign."),
    ("", "helpers"): _("All friends, or only new or existing members."),
    ("", "helper_reward"): _("What a friend gets for helping. All empty: nothing."),
    ("bargain", "title"): _("What the price is cut for (砍价)."),
    ("bargain", "sku"): _("The article number by which its order is known."),
    ("bargain", "helps"): _("So many cuts bring the price down to the floor."),
    ("bargain", "hours"): _("After these hours the price cannot be cut any more."),
    ("browse", "url"): _("The address of the page, with https://."),
    ("browse", "seconds"): _("So long the page must be looked at."),
    ("callback", "action"): _("What members do outside of the campaign."),
    ("callback", "link"): _("Where members do it. Empty: no link."),
    ("callback", "confirm"): _("How the house learns that it was done: a signed call, a code or an operator."),
    ("callback", "code"): _("Whether all type the same code, or each one of their own."),
    ("checkin", "per_month"): _("How many missed days a member may make up (补签) in a calendar month."),
    ("checkin", "price"): _("What each made-up day costs, in the unit above."),
    ("event", "count"): _("So many events finish the task."),
    ("event", "distinct"): _("Events of the same item or day can be counted once."),
    ("", "link"): _("Where the button leads. Empty: no button."),
    ("invite", "count"): _("So many friends (邀请) finish the task."),
    ("invite", "qualify"): _("From when on a friend counts: entering, registering or buying."),
    ("", "game"): _("One of the house, or one of your own."),
    ("level_game", "levels"): _("How many levels the game has (闯关)."),
    ("mini_game", "pass"): _("Who reaches this score has done the task."),
    ("mini_game", "most_score"): _("A higher score is refused as impossible. Empty: no limit."),
    ("mini_game", "most_per_second"): _("A score that grows faster is refused as impossible. Empty: no limit."),
    ("mini_game", "per_each"): _("For each so many points of the game the following is given. Empty: nothing."),
    ("mini_game", "per_points"): _("Points given each time. Empty: none."),
    ("mini_game", "per_score"): _("Campaign score given each time. Empty: none."),
    ("mini_game", "per_growth"): _("Growth value given each time. Empty: none."),
    ("mini_game", "per_most"): _("Of one round, so often at most. Empty: no limit."),
    ("login", "by"): _("Whether opening the campaign counts, or a login that the shop tells."),
    ("profile", "parts"): _("All of these must be filled in."),
    ("proof", "picture"): _("Whether members send in a picture."),
    ("proof", "text"): _("Whether members send in a text."),
    ("proof", "link"): _("Whether members send in a link."),
    ("proof", "example"): _("One or two lines that members read before they send it in."),
    ("purchase", "measure"): _("Pieces, money or orders (购买任务)."),
    ("purchase", "value"): _("So many pieces or orders, or so much money in the shop's currency."),
    ("purchase", "order_from"): _("A threshold for each single order (单笔满额)."),
    ("quiz", "pass"): _("So many right answers finish the task (答题)."),
    ("quiz", "draw_per"): _("When other questions are drawn."),
    ("quiz", "shuffle"): _("Each attempt shows the choices in another order."),
    ("redeem_code", "hint"): _("Such as: on the inside of the lid."),
    ("share", "count"): _("So many shares finish the task."),
    ("team", "size"): _("So many members make a team (组队)."),
    ("team", "hours"): _("After these hours a team that is not full ends."),
    ("team", "goal"): _("Whether a full team is enough, or each must do something."),
}


def help_of_kind(kind: str, name: str) -> "str | Promise":
    """The sentence for a setting of a kind of task, or ""."""
    return _OF_KINDS.get((kind, name)) or _OF_KINDS.get(("", name), "")
