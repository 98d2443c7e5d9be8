"""A thousand faces: one campaign shows members of three levels tasks, a chain and a prize pool of their own.

An operator builds it by mouse, in Chinese and from nothing; a reviewer approves it; and a member of each level looks.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign, Chain
from operations.models import AuditRecord
from rewards.models import Gift, PrizePool
from tests.browser.desks import Desk, MakeDesk, Mouse
from tests.browser.reviewing import open_request
from tests.campaigns import scenes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser-admin"),
]
# As it has to be called for `tests.browser.reviewing`.
NAME = "Spring 年终会员回馈"
QUESTIONS = (
    "牛奶来自哪里？\n* 自家牧场\n- 外地\n\n会员日是星期几？\n* 星期三\n- 星期一\n\n满多少元包邮？\n* 59 元\n- 99 元"
)

# What the reviewer reads of the tasks, beside the questions.
READ = (("how much", "300"), ("only orders of at least", "50"), ("right answers to pass", "3"))

MOST_MINUTES = 15


@dataclass(frozen=True)
class Face:
    """What a level is shown. `tasks`: kind → its title, and what else is filled in. `prizes`: gift → odds, %."""

    level: str
    chain: str
    points: str
    tasks: dict[str, tuple[str, dict[str, str]]]
    pool: str
    prizes: dict[str, str]

    @property
    def titles(self) -> list[str]:
        return [title for title, _filled in self.tasks.values()]


CHECK_IN = ("每日签到", {"points": "5"})
FACES = (
    Face(
        "普通会员",
        "新人三步礼",
        "50",
        {
            "check-in": CHECK_IN,
            "quiz": ("会员问答", {"config_questions": QUESTIONS, "config_pass": "3", "points": "10"}),
            "purchase": ("首单礼", {"config_value": "1", "config_order_from": "50", "chances": "1"}),
        },
        "普通奖池",
        {"满五十减二十": "10", "积分小包": "40"},
    ),
    Face(
        "成长会员",
        "成长三步礼",
        "100",
        {
            "check-in": CHECK_IN,
            "invite": ("邀请好友", {"config_count": "1", "chances": "1"}),
            "purchase": ("下单两次", {"config_value": "2"}),
        },
        "成长奖池",
        {"满百减五十": "5", "积分大包": "30"},
    ),
    Face(
        "付费会员",
        "尊享两步礼",
        "200",
        {
            "check-in": CHECK_IN,
            "purchase": ("累计消费", {"config_measure": "amount in all", "config_value": "300", "chances": "2"}),
        },
        "付费奖池",
        {"羊绒毯": "1", "百元券": "10"},
    ),
)


@pytest.fixture
def shop(live_server) -> None:
    """Three levels with a member each, and the gifts that the pools need."""
    for rank, face in enumerate(FACES, 1):
        level = scenes.make_level(f"level-{rank}", rank)
        level.name = face.level
        level.save()
        scenes.make_member(f"member-{rank}", level=level)
        for number, name in enumerate(face.prizes, 1):
            Gift.objects.create(slug=f"gift-{rank}-{number}", name=name, kind=Gift.Kind.POINTS, amount=10)
    Gift.objects.create(slug="thanks", name="谢谢参与", kind=Gift.Kind.THANKS)


def begin(desk: Desk) -> Campaign:
    desk.press(desk.page.get_by_role("link", name=desk.say("Add %(name)s", name=desk.say("campaign"))))
    desk.write("name", NAME)
    # Open already, so that members find it.
    desk.write("opens_at_0", (timezone.localdate() - timedelta(days=1)).isoformat())
    desk.write("organiser", "千面牧场")
    desk.press(desk.button("Begin", "a new campaign"))
    expect(
        desk.page.get_by_role("heading", name=desk.say("Tasks and chains", "step of the builder"), level=2)
    ).to_be_visible()
    return Campaign.objects.get()


def choose_level(desk: Desk, face: Face, prefix: str = "") -> None:
    """Of the form whose audience is named so: it is for this level alone."""
    form = desk.page.locator("details", has=desk.page.locator(f"[name={prefix}audience_levels]")).last
    desk.press(form.locator("summary", has_text=desk.say("Choose")).first)
    box = desk.page.locator("label", has_text=face.level).locator(f"[name={prefix}audience_levels]")
    desk.tick(box)


def add_task(desk: Desk, face: Face, kind: str) -> None:
    title, filled = face.tasks[kind]
    desk.press(desk.link("Add a task"))
    desk.press(desk.page.locator("a[href*='kind=']", has_text=re.compile(f"^\\s*{desk.say(kind)}\\s*$")))
    desk.write("title", title)
    for name, value in filled.items():
        if name == "config_measure":
            desk.choose(desk.page.locator("[name=config_measure]"), desk.say(value).strip())
        else:
            desk.write(name, value)
    choose_level(desk, face)
    desk.press(desk.button("Add this task"))
    expect(desk.page.locator("[data-ordered] > li", has_text=face.level).filter(has_text=title)).to_have_count(1)


def add_chain(desk: Desk, place: int, face: Face) -> None:
    """Its key is left to be made; of three tasks of the same title the list says whose each is."""
    page = desk.page
    desk.press(page.locator("summary", has_text=desk.say("Add a chain")))
    desk.write(f"chains-{place}-title", face.chain)
    for step, title in enumerate(face.titles):
        own = desk.say("%(title)s (%(whom)s)", title=title, whom=face.level) if title == CHECK_IN[0] else title
        desk.choose(page.locator(f"[name=chains-{place}-steps_{step}]"), own)
    desk.write(f"chains-{place}-points", face.points)
    choose_level(desk, face, f"chains-{place}-")
    desk.press(desk.button("Save"))
    expect(page.locator(".build-card h4", has_text=face.chain)).to_be_visible()


def add_pool(desk: Desk, place: int, face: Face, of: Face) -> None:
    """A new pool, chosen already on the way back; `of` is whose level draws from it."""
    page = desk.page
    desk.press(desk.link("New prize pool"))
    desk.write("name", face.pool)
    for row, (gift, percent) in enumerate([*face.prizes.items(), ("谢谢参与", "")]):
        desk.press(page.locator("#prizes-group .add-row a, #prizes-group a.add-row").last)
        desk.hand.find(page.locator(f"[name=prizes-{row}-gift]"), gift)
        if percent:
            desk.write(f"prizes-{row}-percent", percent)
    desk.tick(page.locator(f"[name=prizes-{len(face.prizes)}-consolation]"))
    desk.press(desk.button("Give the rest to the consolation prize"))
    desk.press(desk.button("Save"))
    chosen = page.locator(f"[name=pools-{place}-pool]")
    expect(chosen.locator("option:checked")).to_have_text(face.pool)
    choose_level(desk, of, f"pools-{place}-")
    desk.press(desk.button("Save"))
    expect(page.locator(".build-words b").nth(place)).to_have_text(face.pool)


def dress_and_check(desk: Desk) -> None:
    say = desk.say
    desk.press(desk.button("Save and on to %(step)s", step=say("Look", "step of the builder")))
    desk.write("tagline", "人人有礼")
    desk.write("rules", "按会员等级参加。")
    desk.press(desk.button("Save and on to %(step)s", step=say("Check", "step of the builder")))
    desk.sees("Nothing is wrong: the draft can be published")
    desk.press(desk.link("On to %(step)s", step=say("Publish", "step of the builder")))


def submit(desk: Desk) -> None:
    # Below a list of all that goes live it would be out of sight.
    expect(desk.button("Submit for review")).to_be_in_viewport()
    desk.write("note", "三个等级")
    desk.press(desk.button("Submit for review"))
    desk.sees("“%(campaign)s” waits for somebody else to approve it.", campaign=NAME)


def approve(desk: Desk) -> None:
    """The reviewer reads what the tasks ask, and not only what they are called."""
    open_request(desk)
    review = desk.page.locator("section[aria-labelledby=difference]")
    asked = [desk.say("%(what)s: %(value)s", what=desk.say(what), value=value) for what, value in READ]
    for line in (*asked, *QUESTIONS.splitlines()):
        expect(review).to_contain_text(line)
    desk.press(desk.button("Approve and publish"))
    desk.sees("“%(campaign)s” is published as it was submitted.", campaign=NAME)


def looks(page: Page, link: str) -> str:
    page.goto(link)
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    return page.locator("body").inner_text()


def test_each_level_sees_its_own_tasks_chain_and_pool(desk: MakeDesk, shop, page: Page, entry_link):
    olga = desk("olga", "operator", "zh-hans", Mouse)
    campaign = begin(olga)
    for face in FACES:
        for kind in face.tasks:
            add_task(olga, face, kind)
    for place, face in enumerate(FACES):
        add_chain(olga, place, face)
    olga.press(olga.button("Save and on to %(step)s", step=olga.say("Prize pools", "step of the builder")))
    for place, face in enumerate(FACES):
        add_pool(olga, place, face, face)
    dress_and_check(olga)
    submit(olga)
    # Everything typed anew and no task copied.
    assert olga.hand.effort.minutes < MOST_MINUTES, olga.hand.effort
    approve(desk("rei", "reviewer", "zh-hans", Mouse))

    campaign.refresh_from_db()
    assert (campaign.state, campaign.current.number) == ("live", 1)
    periods = dict(campaign.tasks.values_list("kind", "period"))
    assert periods == {"checkin": "daily", "quiz": "once", "invite": "once", "purchase": "once"}
    assert set(Chain.objects.values_list("key", flat=True)) == {"chain", "chain-2", "chain-3"}
    assert set(PrizePool.objects.values_list("slug", flat=True)) == {"pool", "pool-2", "pool-3"}
    for rank, face in enumerate(FACES, 1):
        own = {"levels": [f"level-{rank}"]}
        tasks = campaign.tasks.filter(audience=own)
        assert [task.title for task in tasks] == face.titles
        chain = Chain.objects.get(title=face.chain)
        assert (chain.audience, chain.points) == (own, int(face.points))
        assert [step.task for step in chain.steps.order_by("number")] == list(tasks)
        pool = campaign.pools.get(audience=own).pool
        assert (pool.name, pool.prizes.count()) == (face.pool, len(face.prizes) + 1)
    assert AuditRecord.objects.filter(action="campaign.published", actor_name="rei").count() == 1

    for rank, face in enumerate(FACES, 1):
        page.context.clear_cookies()
        shown = looks(page, entry_link(f"member-{rank}", f"/h5/c/{campaign.slug}/"))
        for words in (*face.titles, face.chain, *face.prizes):
            assert words in shown, f"{face.level}: {words}"
        others = [each for each in FACES if each is not face]
        foreign = {words for each in others for words in (*each.titles, each.chain, *each.prizes)} - {CHECK_IN[0]}
        assert [words for words in foreign if words in shown] == [], face.level
