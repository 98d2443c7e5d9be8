"""What the demo shop says, in both languages. Operators write such texts themselves: data, not catalogue."""

WORDS: dict[str, tuple[str, str]] = {
    "level.normal": ("普通会员", "Member"),
    "level.growth": ("成长会员", "Growth member"),
    "level.paid": ("付费会员", "Plus member"),
    "benefits.normal": ("", ""),
    "benefits.growth": ("生日当月赠送牛奶一箱", "A case of milk in the month of your birthday"),
    "benefits.paid": ("全场包邮\n专属客服", "Free delivery\nA line of your own to our service"),
    "attribute.has-children": ("家有孩子", "Has children"),
    "attribute.city": ("所在城市", "City"),
    "attribute.skin-type": ("肤质", "Skin type"),
    "skin-type.dry": ("干性", "Dry"),
    "skin-type.oily": ("油性", "Oily"),
    "skin-type.combination": ("混合性", "Combination"),
    "skin-type.sensitive": ("敏感性", "Sensitive"),
    "group.spending-power": ("消费能力", "Spending power"),
    "tag.high": ("高消费", "High"),
    "tag.middle": ("中消费", "Middle"),
    "tag.low": ("低消费", "Low"),
    "group.taste": ("口味偏好", "Taste"),
    "tag.dairy": ("爱喝牛奶", "Loves dairy"),
    "tag.coffee": ("咖啡控", "Coffee lover"),
    "tag.bakery": ("爱吃面包", "Loves bread"),
    "segment.high-value": ("重要价值客户", "High-value customers"),
    "segment.lapsed-high-value": ("老用户回归", "Lapsed high-value customers"),
    "segment.first-order": ("待首单会员", "Waiting for a first order"),
    "segment.milk-newcomers": ("牛奶拉新：近 90 天未买牛奶", "Milk newcomers: none bought in 90 days"),
    "earning.order-points": ("消费得积分", "Points for orders"),
    "earning.order-growth": ("消费得成长值", "Growth for orders"),
    "earning.share-points": ("分享得积分", "Points for sharing"),
    "gift.coupon-100": ("满 100 减 50 元券", "50 off 100 coupon"),
    "gift.coupon-50": ("满 50 减 20 元券", "20 off 50 coupon"),
    "gift.coupon-20": ("满 20 减 5 元券", "5 off 20 coupon"),
    "gift.points-500": ("500 积分", "500 points"),
    "gift.points-100": ("100 积分", "100 points"),
    "gift.points-20": ("20 积分", "20 points"),
    "gift.thanks": ("谢谢参与", "Thank you for playing"),
    "pool.plus": ("付费会员奖池", "Plus members' pool"),
    "pool.growth": ("成长会员奖池", "Growth members' pool"),
    "pool.everyone": ("普惠奖池", "Everyone's pool"),
    "campaign.name": ("双十二会员狂欢", "Double Twelve members' days"),
    "campaign.tagline": ("签到、答题、逛一逛，人人都有专属好礼", "Check in, answer, shop: a gift made for you"),
    "campaign.organiser": ("千面牧场", "Qianmian Dairy"),
    "campaign.rules": (
        "1. 活动期间，完成专属连锁任务的每一步，即可获得抽奖机会。\n"
        "2. 每次抽奖消耗 1 次机会，中奖概率见本页公示。\n"
        "3. 优惠券发放至“我的奖品”，请在有效期内使用。\n"
        "4. 订单退款后，未完成的任务进度相应减少。",
        "1. While the campaign runs, every step of your chain brings you closer to a draw.\n"
        "2. A draw uses one chance; the odds are published on this page.\n"
        "3. Coupons are found under “My prizes”; use them while they are valid.\n"
        "4. A refund takes back the progress of a task that is not finished yet.",
    ),
    "task.daily.title": ("每日签到", "Daily check-in"),
    "task.daily.guide": ("每天点一下，积分到手", "One tap a day, points in hand"),
    "chain.title": ("闯三关，抽大奖", "Three steps to a draw"),
    "task.start.title": ("签到开启", "Check in to start"),
    "task.start.guide": ("点一下，马上开始", "One tap and you are in"),
    "task.quiz.title": ("牛奶小课堂", "Milk quiz"),
    "task.quiz.guide": ("两道小题，答对即过关", "Two questions, answer both right"),
    "task.buy-first.title": ("完成首单", "Place an order"),
    "task.buy-first.guide": ("任意下一单即可", "Any order will do"),
    "task.buy-milk.title": ("选购牛奶满 60 元", "Buy milk for 60"),
    "task.buy-milk.guide": ("牛奶品类累计满 60 元", "Milk products, 60 in all"),
    "task.buy-plus.title": ("购满 3 件", "Buy 3 items"),
    "task.buy-plus.guide": ("全场任意 3 件", "Any 3 items of the shop"),
    "quiz.1": ("鲜牛奶开封后应怎样保存？", "How is fresh milk kept once opened?"),
    "quiz.1.a": ("常温放一周", "A week at room temperature"),
    "quiz.1.b": ("冷藏，三天内喝完", "In the fridge, used within three days"),
    "quiz.1.c": ("冷冻一年", "Frozen for a year"),
    "quiz.2": ("下面哪种食物的钙含量最高？", "Which of these has the most calcium?"),
    "quiz.2.a": ("一杯牛奶", "A glass of milk"),
    "quiz.2.b": ("一杯可乐", "A glass of cola"),
    "quiz.2.c": ("一杯白开水", "A glass of water"),
}


def say(key: str, language: str) -> str:
    chinese, english = WORDS[key]
    return english if language == "en" else chinese
