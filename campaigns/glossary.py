"""The trade's terms in both languages, each with a sentence: for operators who are new to it, and for the manual."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Term:
    """`key` is its place on the page; `told` says it in the reader's language."""

    key: str
    zh: str
    en: str
    told: "str | Promise"


TERMS = (
    Term("member", "会员", "member", _("Whoever the shop knows by an id of its own.")),
    Term("level", "会员等级", "level", _("A step of the ladder: climbed by growth value, or bought for a time.")),
    Term("growth", "成长值", "growth value", _("What members earn towards the next level. It cannot be spent.")),
    Term("points", "积分", "points", _("What members earn and spend, in draws and in the points mall.")),
    Term("tag", "标签", "tag", _("A word that a member carries, in a tag group (标签组), by hand, rule or import.")),
    Term("segment", "分群", "segment", _("Members who fit a rule; it is computed anew as the facts change.")),
    Term("package", "用户包", "package", _("A fixed list of members, uploaded or frozen from a segment.")),
    Term("audience", "参与人设置", "audience", _("Who may meet something: levels, tags, segments and campaign score.")),
    Term("campaign", "活动", "campaign", _("Tasks, prizes and a page for a time, for an audience.")),
    Term("task", "任务", "task", _("What a member does for a reward, once or in each period.")),
    Term("chain", "连锁任务", "chain", _("Tasks in an order: each opens when the one before is done.")),
    Term("checkin", "签到", "check-in", _("One tap a day; days in a row bring more.")),
    Term("make-up", "补签", "make-up", _("A missed day of a check-in that is made up for a price.")),
    Term("invite", "邀请", "invite", _("A member brings a friend who is new here, and both are rewarded.")),
    Term("assist", "助力", "assist", _("Friends help a member to reach something.")),
    Term("bargain", "砍价", "bargain", _("Each friend's help cuts a price, down to a floor.")),
    Term("score", "活动分数", "campaign score", _("Points within one campaign, for leaderboards and prize pools.")),
    Term("chance", "抽奖机会", "draw chance", _("The right to one draw.")),
    Term("pool", "奖池", "prize pool", _("Prizes with odds that make exactly 100 %. Each member draws from one.")),
    Term("odds", "中奖概率", "odds", _("How likely a prize is in one draw; published before the draw opens.")),
    Term("consolation", "安慰奖", "consolation prize", _("What a draw brings when it brings nothing else.")),
    Term("guarantee", "保底", "guaranteed win", _("Who has won nothing for so many draws wins at the next one.")),
    Term("gift", "礼品库", "gift library", _("Everything that can be won, earned or bought, with its cost and value.")),
    Term("stock", "库存", "stock", _("How many of a prize there are; never is more given.")),
    Term("budget", "预算", "budget", _("Money that rewards may cost; when it is spent, draws bring the consolation.")),
    Term("mall", "积分商城", "points mall", _("Gifts that are bought for points.")),
    Term("redemption", "核销", "check-off", _("An award is used, and staff or the shop's till notes it.")),
    Term("slot", "展位", "place", _("Of all that stand in one place, a member meets the first meant for them.")),
    Term(
        "rehearsal",
        "预演",
        "rehearsal",
        _("What a draft will do, reckoned on the real members before it is published."),
    ),
)
