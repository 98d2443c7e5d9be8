"""The work of a campaign from the sign-in to the way back, by two people of the shop, each with the role they have."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Campaign, ChainStep, Enrolment, Proposal, Revision
from members.models import Member
from operations import undone
from operations.models import AuditRecord
from rewards.models import PrizePool
from tests.browser.desks import Desk, Keys, MakeDesk, Mouse
from tests.browser.reviewing import acknowledge, approve_with_its_warning, open_request, submit
from tests.campaigns import scenes
from tests.rewards import build

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser-admin"),
]
WAYS = pytest.mark.parametrize(
    ("language", "hand"), [("zh-hans", Mouse), ("en", Keys)], ids=["in Chinese", "in English, by keyboard"]
)
TOO_MANY_DAYS, DAYS = "20", "3"


@pytest.fixture
def shop(live_server, monkeypatch) -> None:
    """Members of three levels, a fourth that nobody has, two gifts, and a pool of mugs that is drawn from already."""
    # A preview may take long where eight browsers share two processors.
    monkeypatch.setattr(undone, "SECONDS", 30)
    levels = [scenes.make_level(name, rank) for rank, name in enumerate(("plain", "silver", "gold", "nobody"), 1)]
    for uid, level in zip(("pat", "sil", "goldie"), levels[:3], strict=True):
        scenes.make_member(uid, level=level)
    Member.objects.bulk_create(Member(uid=f"m{number}", level=levels[2]) for number in range(20))
    mug, thanks = build.gift("mug", "points", amount=50), build.gift("thanks")
    build.published((mug, 999_999, None), consolation=(thanks, 1))
    PrizePool.objects.update(slug="gold", name="Gold wheel")


def begin(desk: Desk) -> Campaign:
    """From the home page to a draft: what it is called, when it runs, and for whom."""
    say, page, press = desk.say, desk.page, desk.press
    press(page.get_by_role("link", name=say("Add %(name)s", name=say("campaign"))))
    desk.write("name", "Spring")
    desk.write("slug", "spring")
    desk.write("opens_at_0", timezone.localdate().isoformat())
    desk.write("organiser", "The shop")
    press(page.locator("summary", has_text=say("Choose")).first)
    for level in ("silver", "gold", "nobody"):
        desk.tick(page.locator(f"[name=audience_levels][value={level}]"))
    press(desk.button("Begin", "a new campaign"))
    expect(page.get_by_role("heading", name=say("Tasks and chains", "step of the builder"), level=2)).to_be_visible()
    return Campaign.objects.get()


def add_task(desk: Desk, kind: str, title: str, key: str, *, level: str = "", **values: str) -> None:
    desk.press(desk.link("Add a task"))
    desk.press(desk.link(kind))
    for name, value in ({"title": title, "key": key} | values).items():
        desk.write(name, value)
    if kind == "custom event":
        desk.choose(desk.page.locator("[name=config_distinct]"), desk.say("per day"))
    if level:
        desk.press(desk.page.locator("summary", has_text=desk.say("Choose")).first)
        desk.tick(desk.page.locator(f"[name=audience_levels][value={level}]"))
    desk.press(desk.button("Add this task"))
    expect(desk.page.get_by_role("link", name=title, exact=True)).to_be_visible()


def build_tasks(desk: Desk) -> None:
    """Two tasks as a chain, the first of which takes longer than the campaign lasts, and one that is for nobody."""
    say, page, press = desk.say, desk.page, desk.press
    add_task(desk, "check-in", "Say hello", "hello", points="5")
    add_task(desk, "custom event", "Look around", "look", config_type="view", config_count=TOO_MANY_DAYS)
    add_task(desk, "daily login", "Very special", "special", level="nobody")
    press(page.get_by_role("button", name=say("Move “%(name)s” up", name="Look around")))
    moved = say("{name}: now {place} of {count}").format(name="Look around", place=1, count=3)
    expect(page.get_by_text(moved)).to_be_attached()
    expect(page.locator("[data-said]")).to_have_class("build-said is-saved")
    press(page.locator("summary", has_text=say("Add a chain")))
    desk.write("chains-0-title", "Path")
    desk.write("chains-0-key", "path")
    for place, title in enumerate(("Say hello", "Look around")):
        desk.choose(page.locator(f"[name=chains-0-steps_{place}]"), title)
    # Exchanged by its button: one looks around before one says hello.
    press(page.locator("[data-steps] li").first.get_by_role("button", name=say("One step later")))
    desk.write("chains-0-chances", "1")
    press(desk.button("Save and on to %(step)s", step=say("Prize pools", "step of the builder")))


def build_pools(desk: Desk) -> None:
    """A pool of its own for gold, and a new one for the others, whose odds do not make 100 %."""
    page, press = desk.page, desk.press
    press(desk.link("New prize pool"))
    desk.write("name", "Wheel")
    desk.write("slug", "wheel")
    for place, (gift, percent) in enumerate((("Mug", "30"), ("Thanks", "60"))):
        press(page.locator("#prizes-group .add-row a, #prizes-group a.add-row").last)
        desk.write(f"prizes-{place}-key", gift.lower())
        desk.hand.find(page.locator(f"[name=prizes-{place}-gift]"), gift)
        desk.write(f"prizes-{place}-percent", percent)
    desk.tick(page.locator("[name=prizes-1-consolation]"))
    press(desk.button("Save"))
    for place, (pool, level) in enumerate((("Gold wheel", "gold"), ("Wheel", ""))):
        if place:
            press(page.locator("summary", has_text=desk.say("Offer a pool")))
        desk.choose(page.locator(f"[name=pools-{place}-pool]"), pool)
        if level:
            new = page.locator("details", has=page.locator(f"[name=pools-{place}-pool]"))
            press(new.locator("summary", has_text=desk.say("Choose")))
            desk.tick(page.locator(f"[name=pools-{place}-audience_levels][value={level}]"))
        press(desk.button("Save"))
        expect(page.locator(".build-words b").nth(place)).to_have_text(pool)
    press(desk.button("Save and on to %(step)s", step=desk.say("Look", "step of the builder")))


def dress(desk: Desk) -> None:
    desk.write("tagline", "Come and see")
    desk.write("rules", "Members of silver and gold take part.")
    desk.press(desk.button("Save and on to %(step)s", step=desk.say("Check", "step of the builder")))


def mend(desk: Desk) -> None:
    """The check refuses odds that do not make 100 %; the rehearsal, what takes longer than the campaign lasts."""
    say, page, press = desk.say, desk.page, desk.press
    of_pools = page.locator("section[aria-labelledby=faults-pools]")
    expect(of_pools).to_contain_text(say("The odds do not total 100 %%: %(percent)s %% is missing.", percent=10))
    press(desk.link("Mend it in %(step)s", step=say("Prize pools", "step of the builder")))
    wheel = page.locator(".build-item", has=page.locator("b").get_by_text("Wheel", exact=True))
    press(wheel.get_by_role("link", name=say("Prizes, odds and stock")))
    press(desk.button("Give the rest to the consolation prize"))
    press(desk.button("Save"))
    bar = page.get_by_role("navigation", name=say("Steps of the campaign"))
    press(bar.get_by_role("link", name=say("Check", "step of the builder")))
    expect(of_pools).to_have_count(0)
    expect(page.get_by_role("region", name=say("This cannot be published yet"))).to_contain_text(TOO_MANY_DAYS)

    press(desk.link("Mend it from the rehearsal"))
    expect(page.get_by_role("heading", name=say("This cannot be published yet"))).to_be_visible()
    too_long = page.locator(".rehearsal-findings li.is-error", has_text=TOO_MANY_DAYS)
    press(too_long.get_by_role("link", name=say("Mend it")))
    desk.write("config_count", DAYS)
    press(desk.button("Save"))
    # Back at the rehearsal by itself.
    expect(page.locator(".rehearsal-findings .is-error")).to_have_count(0)


def send_back(desk: Desk, reason: str) -> None:
    open_request(desk)
    for words in ("Look around", "Say hello", "Gold wheel"):
        expect(desk.page.locator("section[aria-labelledby=difference]")).to_contain_text(words)
    desk.write("reason", reason)
    desk.press(desk.button("Send back"))
    desk.sees("“%(campaign)s” is sent back to %(user)s.", campaign="Spring", user="olga")


def change_tagline(desk: Desk, campaign: Campaign, tagline: str) -> None:
    """Once more through the builder: another version of the draft, whose warning is to be acknowledged again."""
    say, press = desk.say, desk.press
    desk.page.goto(f"{desk.address}/admin/campaigns/campaign/{campaign.pk}/build/look/")
    desk.write("tagline", tagline)
    press(desk.button("Save and on to %(step)s", step=say("Check", "step of the builder")))
    press(desk.link("Look at them in the rehearsal"))
    acknowledge(desk)


def preview(desk: Desk, campaign: Campaign) -> None:
    """Three members beside each other: gold has a pool of its own, and plain is not meant at all."""
    page = desk.page
    page.goto(f"{desk.address}/admin/campaigns/campaign/{campaign.pk}/preview/")
    for number, uid in enumerate(("goldie", "sil", "pat"), 1):
        if number > 1:
            desk.press(page.locator(".preview-chooser > summary"))
        desk.tick(page.locator("[name=who][value=member]"))
        desk.write("member", uid)
        desk.press(page.locator("button[name=another]" if number > 1 else ".preview-form button.is-main"))
        expect(page.locator(".preview-face")).to_have_count(number)
    for frame in page.locator("iframe").all():
        expect(frame.content_frame.locator(".preview-banner")).to_be_visible()
    gold, silver, plain = (page.locator(".preview-face").nth(number) for number in range(3))
    shown = page.locator("details:not(.is-hidden)")
    hidden = page.locator("details.is-hidden")
    expect(gold.locator(shown, has_text="Gold wheel")).to_have_count(1)
    expect(silver.locator(hidden, has_text="Gold wheel")).to_have_count(1)
    expect(silver.locator(shown, has_text="Wheel").filter(has_not_text="Gold")).to_have_count(1)
    not_meant = desk.say("This is for members of another level.")
    expect(plain.locator(hidden)).to_have_count(6)
    expect(plain.locator(hidden).filter(has_text=not_meant)).to_have_count(6)


def press_state(desk: Desk, campaign: Campaign, words: str, *, then: str) -> None:
    """A button of the campaign's plain form, and the one that stands there afterwards."""
    desk.page.goto(f"{desk.address}/admin/campaigns/campaign/{campaign.pk}/change/")
    # The icon before the words of a button is no part of its name.
    desk.press(desk.button(words))
    expect(desk.button(then)).to_be_visible()
    campaign.refresh_from_db()


def ask_to_roll_back(desk: Desk, campaign: Campaign) -> None:
    say, page, press = desk.say, desk.page, desk.press
    page.goto(f"{desk.address}/admin/campaigns/campaign/{campaign.pk}/revisions/")
    first = page.locator(
        ".versions li", has=page.get_by_role("link", name=say("Revision %(number)s", number=1), exact=True)
    )
    press(first.get_by_role("link", name=say("Roll back")))
    expect(page.locator("section[aria-labelledby=difference]")).to_contain_text("Come and win a mug")
    desk.write("reason", "There are no mugs left")
    press(desk.button("Ask to go back to revision %(number)s", number=1))
    desk.sees("Going back to revision %(number)d waits for approval by a second person.", number=1)


def approve_rolling_back(desk: Desk, campaign: Campaign) -> None:
    open_request(desk)
    desk.sees("There are no mugs left")
    desk.press(desk.button("Approve"))
    desk.sees("Approved, and done: %(what)s.", what="Spring")
    desk.page.goto(f"{desk.address}/admin/campaigns/campaign/{campaign.pk}/revisions/")
    newest = desk.page.locator(".versions li").first
    expect(newest).to_contain_text(desk.say("back to revision %(number)s", number=1))


def on_record(name: str) -> list[str]:
    """What the audit trail says that somebody decided of the campaign, in its order."""
    deeds = ("submitted", "sent_back", "approved", "published", "paused", "resumed", "rolled_back")
    records = AuditRecord.objects.filter(actor_name=name, action__in=[f"campaign.{deed}" for deed in deeds])
    return [action.removeprefix("campaign.") for action in records.order_by("pk").values_list("action", flat=True)]


@WAYS
def test_a_campaign_is_built_checked_approved_published_and_rolled_back(desk: MakeDesk, shop, language, hand):
    # Once is enough for axe to read every page.
    reads = hand is Mouse
    olga = desk("olga", "operator", language, hand, reads=reads)
    campaign = begin(olga)
    build_tasks(olga)
    build_pools(olga)
    dress(olga)
    mend(olga)
    acknowledge(olga)
    submit(olga, "The first of the year")

    rei = desk("rei", "reviewer", language, hand, reads=reads)
    send_back(rei, "Say what can be won")
    change_tagline(olga, campaign, "Come and win a mug")
    submit(olga, "It says so now")
    approve_with_its_warning(rei, "Come and win a mug")
    campaign.refresh_from_db()
    assert (campaign.state, campaign.current.number) == ("live", 1)

    preview(olga, campaign)
    press_state(olga, campaign, "Pause", then="Resume")
    assert campaign.state == "paused"
    press_state(olga, campaign, "Resume", then="Pause")
    assert campaign.state == "live"
    change_tagline(olga, campaign, "Only this week")
    submit(olga, "Shorter")
    approve_with_its_warning(rei, "Only this week")
    ask_to_roll_back(olga, campaign)
    approve_rolling_back(rei, campaign)

    campaign.refresh_from_db()
    assert campaign.tagline == "Only this week", "the draft stays as it is"
    revisions = Revision.objects.order_by("number").values_list("number", "restores", "published_by__username")
    assert list(revisions) == [(1, None, "rei"), (2, None, "rei"), (3, 1, "rei")]
    asked = Proposal.objects.order_by("pk").values_list("state", "submitted_by__username", "decided_by__username")
    assert list(asked) == [(state, "olga", "rei") for state in ("sent_back", "approved", "approved")]
    assert [*ChainStep.objects.values_list("task__key", flat=True)] == ["look", "hello"]
    assert on_record("olga") == [*["submitted"] * 2, "paused", "resumed", "submitted"]
    assert on_record("rei") == ["sent_back", *["published", "approved"] * 2, "rolled_back"]
    assert not Enrolment.objects.exists()
