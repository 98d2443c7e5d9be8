"""What the demo shop says, in both languages. Operators write such texts themselves: data, not catalogue."""

from collections.abc import Mapping
from typing import Any

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
    "group.carnival": ("新年嘉年华", "New Year at the farm"),
    "tag.joined": ("参与嘉年华", "Joined in"),
    "tag.finished": ("完成三部曲", "Made all three stops"),
    "tag.star": ("活动达人（60 分以上）", "Star: a score of 60 and more"),
    "segment.high-value": ("重要价值客户", "High-value customers"),
    "segment.lapsed-high-value": ("老用户回归", "Lapsed high-value customers"),
    "segment.first-order": ("待首单会员", "Waiting for a first order"),
    "segment.milk-newcomers": ("牛奶拉新：近 90 天未买牛奶", "Milk newcomers: none bought in 90 days"),
    "segment.milk-never": ("从未购买牛奶", "Never bought milk"),
    "segment.milk-interested": ("对牛奶感兴趣、未购买", "Interested in milk, not bought"),
    "segment.milk-buys-other": ("买过其他品类、没买牛奶", "Bought other things, not milk"),
    "earning.order-points": ("消费得积分", "Points for orders"),
    "earning.order-growth": ("消费得成长值", "Growth for orders"),
    "earning.share-points": ("分享得积分", "Points for sharing"),
    "gift.coupon-100": ("满 100 减 50 元券", "50 off 100 coupon"),
    "gift.coupon-50": ("满 50 减 20 元券", "20 off 50 coupon"),
    "gift.coupon-20": ("满 20 减 5 元券", "5 off 20 coupon"),
    "gift.points-500": ("500 积分", "500 points"),
    "gift.points-100": ("100 积分", "100 points"),
    "gift.points-20": ("20 积分", "20 points"),
    "gift.growth-50": ("50 成长值", "50 growth value"),
    "gift.flash": ("24 小时闪购券：满 59 减 10 元", "24-hour coupon: 10 off 59"),
    "gift.latte": ("门店鲜奶拿铁兑换券", "A latte at our outlets"),
    "gift.tasting": ("牧场品鉴套餐券", "Tasting at the farm"),
    "gift.again": ("再抽一次", "Draw again"),
    "gift.phone": ("千面手机 5G 256GB", "5G phone, 256 GB"),
    "gift.red-packet": ("现金红包 5.88 元", "Red packet of 5.88"),
    "gift.thanks": ("谢谢参与", "Thank you for playing"),
    "gift.spin": ("抽奖机会 1 次", "One draw"),
    "gift.mug": ("牧场搪瓷杯", "Enamel mug"),
    "gift.blanket": ("奶牛绒毯", "Cow blanket"),
    "gift.cookbook": ("牛奶食谱电子书", "Milk recipes, an e-book"),
    "mall.mug": (
        "经典搪瓷，冷热皆宜。下单后请填写收货地址，7 个工作日内寄出。",
        "Classic enamel, for hot and cold. Tell us your address after ordering; it is sent within 7 working days.",
    ),
    "mall.blanket": ("限量奶牛花色，冬日限定。", "With the spots of our cows, for this winter only."),
    "mall.cookbook": ("50 道牛奶料理，一键打开。", "Fifty dishes with milk, one tap away."),
    "mall.spin": ("用于“双十二会员狂欢”的抽奖。", "For the draw of Double Twelve members' days."),
    "shelf.coupons": ("优惠券", "Coupons"),
    "shelf.things": ("牧场好物", "From the farm"),
    "shelf.play": ("玩一玩", "Play and read"),
    "pool.plus": ("付费会员奖池", "Plus members' pool"),
    "pool.growth": ("成长会员奖池", "Growth members' pool"),
    "pool.everyone": ("普惠奖池", "Everyone's pool"),
    "pool.black-gold": ("黑金奖池（付费且高消费）", "Black-gold pool: Plus members who spend much"),
    "pool.exam-high": ("学霸奖池（80 分以上）", "Experts' pool: 80 and more"),
    "pool.exam-low": ("鼓励奖池（50–80 分）", "Pool of encouragement: 50 to 80"),
    "pool.scratch": ("每日刮刮卡", "Daily scratch card"),
    "outlet.xuhui.name": ("徐汇门店", "Xuhui shop"),
    "outlet.xuhui.address": ("上海市徐汇区漕溪北路 18 号", "18 Caoxi North Road, Xuhui, Shanghai"),
    "outlet.chaoyang.name": ("朝阳门店", "Chaoyang shop"),
    "outlet.chaoyang.address": ("北京市朝阳区建国路 93 号", "93 Jianguo Road, Chaoyang, Beijing"),
    "outlet.pop-up.name": ("牧场快闪店（已撤）", "Pop-up stall (closed)"),
    "outlet.pop-up.address": ("杭州市西湖区龙井路 1 号", "1 Longjing Road, Xihu, Hangzhou"),
    "reason.black": ("员工账号，不参与抽奖", "An account of our own staff"),
    "reason.white": ("实名认证会员，可中手机大奖", "Verified members: the phone may be won by them"),
    "reason.reversed": ("同一人重复注册，撤销奖品", "The same person signed up twice"),
    "reason.cancelled": ("会员误兑，申请退回积分", "Ordered by mistake; the member asked for the points"),
    "reason.proof": ("照片里看不到我们的牛奶，请重拍一张", "Our milk is not to be seen; please take another one"),
    "proof.0": ("早安，一杯鲜奶开启新的一天", "Good morning, with a glass of milk"),
    "proof.1": ("全家都爱喝，冰箱常备", "All of us love it, there is always some in the fridge"),
    "proof.2": ("牛奶配煎蛋，元气满满", "Milk and eggs: ready for the day"),
    "letter.welcome": ("欢迎来到千面牧场", "Welcome to the farm"),
    "letter.welcome.text": ("你能参加的活动都在这里。", "The campaigns that are for you are all in one place."),
    "letter.new-in-mall": ("积分商城上新了", "New in the points mall"),
    "letter.new-in-mall.text": ("看看你的积分能换什么。", "See what your points bring you."),
    "letter.opening-hours": ("元旦门店营业时间", "Our shops at New Year"),
    "letter.opening-hours.text": (
        "1 月 1 日各门店营业时间为 10:00 至 18:00，1 月 2 日起恢复正常。\n\n祝你和家人新年快乐！",
        "On 1 January our shops are open from 10:00 to 18:00, from 2 January as usual.\n\n"
        "A happy new year to you and your family!",
    ),
    "planned.win-back": ("老客回归季", "Come back to the farm"),
    "planned.spring-quiz": ("新春知识大会", "The spring quiz"),
    "planned.note": ("预算已和门店确认，请审核", "The budget is agreed with the shops; please review it"),
    "address.recipient": ("王小千", "Wang Xiaoqian"),
    "address.street": ("牛奶路 %d 号 2 单元 301 室", "%d Milk Road, room 301"),
    "campaign.name": ("双十二会员狂欢", "Double Twelve members' days"),
    "campaign.tagline": ("签到、答题、逛一逛，人人都有专属好礼", "Check in, answer, shop: a gift made for you"),
    "campaign.organiser": ("千面牧场", "Qianmian Dairy"),
    "campaign.rules": (
        "1. 活动期间，完成专属连锁任务的每一步，即可获得抽奖机会。\n"
        "2. 每次抽奖消耗 1 次机会，中奖概率及保底规则见本页公示。\n"
        "3. 优惠券发放至“我的奖品”，请在有效期内使用。\n"
        "4. 订单退款后，未完成的任务进度相应减少。",
        "1. While the campaign runs, every step of your chain brings you closer to a draw.\n"
        "2. A draw uses one chance; odds and guaranteed wins are published on this page.\n"
        "3. Coupons are found under “My prizes”; use them while they are valid.\n"
        "4. A refund takes back the progress of a task that is not finished yet.",
    ),
    "task.daily.title": ("每日签到", "Daily check-in"),
    "task.daily.guide": ("每天点一下，积分到手", "One tap a day, points in hand"),
    "task.scratch.title": ("每日刮一刮", "Scratch a card a day"),
    "task.scratch.guide": ("每天领一张刮刮卡", "A card each day"),
    "task.exam.title": ("奶香答题赛", "The dairy exam"),
    "task.exam.guide": ("4 道题，80 分以上进学霸奖池", "Four questions; with 80 or more you draw with the experts"),
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
    "quiz.3": ("制作一公斤硬质奶酪大约需要多少牛奶？", "How much milk goes into a kilogram of hard cheese?"),
    "quiz.3.a": ("1 公斤", "1 kg"),
    "quiz.3.b": ("3 公斤", "3 kg"),
    "quiz.3.c": ("10 公斤", "10 kg"),
    "quiz.4": ("酸奶是怎样做成的？", "How is yogurt made?"),
    "quiz.4.a": ("加入柠檬汁", "By adding lemon juice"),
    "quiz.4.b": ("乳酸菌发酵", "By lactic acid bacteria"),
    "quiz.4.c": ("长时间加热", "By heating for long"),
}


def say(key: str, language: str) -> str:
    chinese, english = WORDS[key]
    return english if language == "en" else chinese


def said(value: Any, language: str) -> Any:
    """The same JSON with each {"zh-hans": …, "en": …} in one language, at any depth."""
    if isinstance(value, list):
        return [said(each, language) for each in value]
    if not isinstance(value, Mapping):
        return value
    if value.keys() == {"zh-hans", "en"}:
        return value["en" if language == "en" else "zh-hans"]
    return {key: said(each, language) for key, each in value.items()}
