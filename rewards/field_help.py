"""Help for the fields of gifts, prize pools, budgets and the mall, in a sentence each."""

from django.utils.translation import gettext_lazy as _

_KEY = _("Letters, digits and hyphens. Records, files and the API go by it.")
_NO_LIMIT = _("Empty: no limit.")

HELP = {
    "PrizePool": {
        "name": _("What operators call it; members read the prizes."),
        "slug": _KEY,
        "price": _("What a member may buy a draw for. Empty: draws come from tasks only."),
        "bought_per_day": _NO_LIMIT,
        "draws_per_day": _NO_LIMIT,
        "wins_per_member": _("Who has won so many gets the consolation prize from then on. Empty: no limit."),
        "guarantee_after": _("Guaranteed win (保底): who won nothing until then wins at this draw. Empty: none."),
        "guarantee_prize": _("The key of the prize that is won then."),
        "every_draw_wins": _("Every draw brings a prize: the consolation prize (安慰奖) is worth something then."),
    },
    "Prize": {
        "key": _("Letters, digits and hyphens; a prize keeps it from version to version."),
        "gift": _("What is won: a gift of the gift library (礼品库)."),
        "consolation": _("Given when nothing else can be. Each pool has exactly one, without any limit."),
        "stock": _("So many can be won in all. Empty: no limit."),
        "per_day": _("So many are released a day. Empty: no limit."),
        "per_hour": _("So many are released an hour. Empty: no limit."),
        "per_member": _("So many one member may win. Empty: no limit."),
        "slices": _("A stock that very many draw from at once is kept in several rows; 1 is right for most."),
        "position": _("The lower the number, the earlier it stands."),
    },
    "Gift": {
        "name": _("What members read."),
        "slug": _KEY,
        "kind": _(
            "It decides what else is asked for, and how it reaches the member. A coupon with a code each needs codes:"
            " import or generate them once it is saved."
        ),
        "shared_code": _("One code for everybody. Empty where each award has a code of its own."),
        "link": _("Where the member gets it."),
        "provider": _("Who pays a red packet out."),
        "valid_from": _("Before this moment it cannot be used. Empty: at once."),
        "per_member": _("So many one member may have in all. Empty: no limit."),
    },
    "Budget": {
        "scope": _("The campaign or pool whose cost is counted."),
        "per": _("For all together, for each day or for each member."),
    },
    "MallItem": {
        "gift": _("What is bought: a gift of the gift library (礼品库)."),
        "name_en": _("For readers of English. Empty: the name."),
        "slug": _KEY,
        "price": _("What one piece costs in points (积分)."),
        "per_member": _NO_LIMIT,
        "per_member_period": _("In all, or anew each day, week or month."),
        "audience": _("Who may buy it. Nothing chosen: every member."),
        "state": _("Only what is on sale stands in the mall (积分商城)."),
        "opens_at": _("Empty: at once."),
        "closes_at": _("Empty: it stays."),
        "shelf": _("Items of one shelf stand together."),
        "shelf_en": _("For readers of English. Empty: the name of the shelf."),
        "position": _("The lower the number, the earlier it stands."),
    },
    "EarningRule": {
        "name_en": _("For readers of English. Empty: the name."),
        "slug": _KEY,
        "enabled": _("A rule that is not in force gives nothing."),
        "ends_at": _("Empty: it stays."),
        "unit": _("What is earned, such as points (积分) or growth value (成长值)."),
        "amount": _("So much for each event."),
        "uses_multiplier": _("Whether members of a better level earn more."),
    },
    "Unit": {
        "name": _("What members read beside the number."),
        "name_en": _("For readers of English. Empty: the name."),
        "slug": _KEY,
        "expiry": _("Whether, and how, what was earned falls away."),
        "notice_days": _("So many days before, members are told."),
    },
    "Outlet": {
        "name": _("What staff and members call the shop where awards are used (核销)."),
        "slug": _KEY,
        "address": _("Where it is."),
    },
}
