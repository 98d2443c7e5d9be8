"""The page of the draw: the pool that the next draw is from, pools to choose from, and draws for points."""

from uuid import uuid4

import pytest

from campaigns.refusals import Refusal
from rewards import ledger
from rewards.chances import chances_left, grant_chances
from rewards.models import Draw, Gift, PrizePool
from tests.campaigns import scenes
from tests.campaigns.test_pages import DRAW, ann, at_noon, visitor  # noqa: F401  fixtures

pytestmark = pytest.mark.django_db
SCOPE = "campaign:autumn"
POOLS = [scenes.pool("high", named_only=True), scenes.pool("everyone")]


def publish(price=None, **changes):
    campaign = scenes.draft(**({"pools": POOLS} | changes))
    PrizePool.objects.filter(slug="everyone").update(price=price)
    scenes.publish_draft(campaign, now=scenes.OPENS)


def give(member, bucket="", count=1):
    grant_chances(member.pk, SCOPE, count=count, key=f"{bucket}-{uuid4()}", now=scenes.NOW, bucket=bucket)


def spin(visitor, **fields):  # noqa: F811
    return visitor.post(DRAW, {"request_key": str(uuid4())} | fields)


def drawn_from():
    return Draw.objects.latest("pk").version.pool.slug


def test_one_pool_is_named_and_there_is_nothing_to_choose(visitor, ann):  # noqa: F811
    publish()
    give(ann)

    page = visitor.get(DRAW)

    assert page.context["page"].pool.slug == "everyone"
    assert "Pool everyone" in page.text
    assert "pool-choice" not in page.text


def test_chances_for_several_pools_are_links_and_each_page_draws_from_its_own(visitor, ann):  # noqa: F811
    publish()
    give(ann)
    give(ann, "task:high", count=2)

    first, other = visitor.get(DRAW), visitor.get(DRAW + "?pool=everyone")

    assert [(each.slug, each.chances) for each in first.context["page"].options] == [("high", 2), ("everyone", 1)]
    assert (first.context["page"].pool.slug, first.context["page"].chances) == ("high", 2)
    assert (other.context["page"].pool.slug, other.context["page"].chances) == ("everyone", 1)
    assert 'href="?pool=everyone"' in first.text
    assert 'name="pool" value="everyone"' in other.text
    spin(visitor, pool="everyone")
    assert drawn_from() == "everyone"
    spin(visitor)
    assert drawn_from() == "high"


@pytest.mark.parametrize("asked", ["nothing", "", "a b"])
def test_a_pool_that_is_not_there_shows_the_next_draw(visitor, ann, asked):  # noqa: F811
    publish()
    give(ann, "task:high")

    assert visitor.get(DRAW, {"pool": asked}).context["page"].pool.slug == "high"


def test_who_has_no_chance_may_buy_a_draw_and_sees_what_they_have(visitor, ann):  # noqa: F811
    publish(price=30)
    ledger.post_entry(ann.pk, "points", amount=50, key="start", reason="", now=scenes.NOW)

    page = visitor.get(DRAW)

    assert "Draw for 30 points" in page.text
    assert "You have 50 points" in page.text
    assert spin(visitor, pool="everyone", pay="points").status_code == 302
    assert (drawn_from(), Draw.objects.get().price) == ("everyone", 30)


def test_who_has_a_chance_is_not_asked_for_points(visitor, ann):  # noqa: F811
    publish(price=30)
    give(ann)

    assert "Draw for" not in visitor.get(DRAW).text


def test_who_has_too_few_points_is_told(visitor, ann):  # noqa: F811
    publish(price=30)

    assert visitor.get(DRAW).context["page"].short
    refused = visitor.post(DRAW, {"request_key": str(uuid4()), "pay": "points"}, follow=True)
    assert "You do not have enough points for a draw." in refused.text


def test_the_stage_is_told_of_a_refusal_and_the_page_says_it(visitor, ann):  # noqa: F811
    publish(price=30)
    answer = visitor.post(DRAW, {"request_key": str(uuid4()), "pay": "points"}, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (409, {"refused": "points_short"})
    assert "You do not have enough points for a draw." in visitor.get(DRAW).text


def test_the_stage_is_told_when_the_next_draw_may_be_another(visitor, ann):  # noqa: F811
    publish()
    give(ann)
    give(ann, "task:high")
    json = {"headers": {"Accept": "application/json"}}

    both = visitor.post(DRAW, {"request_key": str(uuid4()), "pool": "high"}, **json).json()
    last = visitor.post(DRAW, {"request_key": str(uuid4()), "pool": "everyone"}, **json).json()

    assert (both["stale"], both["chances"], last["stale"], last["chances"]) == (True, 1, False, 0)


def test_the_score_gate_says_the_members_score_and_what_is_needed(visitor, ann):  # noqa: F811
    publish(pools=[scenes.pool("everyone", audience={"score_from": 50})])
    give(ann)

    page = visitor.get(DRAW)

    assert "Your campaign score is 0. With 50 you may draw." in page.text
    spin(visitor)
    assert chances_left(ann.pk, SCOPE) == 1


NAMED = {"tasks": [scenes.task("gold", reward={"chances": 1, "pool": "high"})]}


def test_the_odds_of_a_pool_that_a_task_names_are_read_before_there_is_a_chance(visitor, ann):  # noqa: F811
    publish(**NAMED)

    page = visitor.get(DRAW + "?pool=high").context["page"]

    assert [(each.slug, each.chances) for each in page.options] == [("everyone", 0), ("high", 0)]
    assert (page.pool.slug, page.refusal) == ("high", Refusal.NO_CHANCE)
    assert 'href="/h5/c/autumn/draw/?pool=high"' in visitor.get("/h5/c/autumn/").text


def test_the_pools_of_a_campaign_are_read_before_it_opens_and_nothing_can_be_drawn(visitor, ann):  # noqa: F811
    publish(opens_at=(scenes.NOW + scenes.DAY).isoformat(), **NAMED)
    give(ann)

    page = visitor.get(DRAW + "?pool=high")

    assert (page.context["page"].pool.slug, page.context["page"].refusal) == ("high", Refusal.NOT_OPEN)
    assert "50%" in page.text
    own = visitor.get(DRAW).context["page"]
    assert (own.pool.slug, own.chances, own.refusal) == ("everyone", 1, Refusal.NOT_OPEN)


def test_a_pool_for_others_is_not_shown_though_a_task_names_it(visitor, ann):  # noqa: F811
    scenes.make_level("gold")
    gold = scenes.pool("high", named_only=True, audience={"levels": ["gold"]})
    publish(pools=[gold, scenes.pool("everyone")], **NAMED)

    assert [each.slug for each in visitor.get(DRAW).context["page"].options] == ["everyone"]


@pytest.mark.parametrize("field", ["prize", "roll", "probability", "odds"])
def test_whoever_sends_what_the_house_decides_is_told_and_draws_nothing(visitor, ann, field):  # noqa: F811
    publish()
    give(ann)

    answer = spin(visitor, **{field: "1"})

    assert (answer.status_code, Draw.objects.count(), chances_left(ann.pk, SCOPE)) == (400, 0, 1)
    assert "This draw was not made" in answer.text


RESULTS = [
    ("physical", {}, "Give your address", True),
    ("red_packet", {"provider": "manual", "face_value": 5}, "The money is on its way to you.", True),
    ("link", {"link": "https://example.com/"}, "Open it whenever you like.", True),
    ("shared_coupon", {"shared_code": "SHARED"}, "SHARED", True),
    ("points", {"amount": 5}, "Already credited to your account.", False),
    ("chances", {"amount": 2}, "The draw chances are yours.", False),
]


@pytest.mark.parametrize(("kind", "fields", "words", "leads_on"), RESULTS, ids=[each[0] for each in RESULTS])
def test_the_result_says_what_comes_next(visitor, ann, monkeypatch, kind, fields, words, leads_on):  # noqa: F811
    Gift.objects.create(slug="won", name="Won", kind=kind, **fields)
    monkeypatch.setattr("campaigns.pages.secrets.randbelow", lambda _scale: 0)
    prizes = [
        {"key": "won", "gift": "won", "odds": 999_999, "stock": None, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 1, "stock": None, "consolation": True},
    ]
    publish(pools=[scenes.pool("everyone", prizes=prizes)])
    give(ann)

    text = visitor.get(spin(visitor)["Location"]).text

    assert words in text
    award = Draw.objects.get().award_id
    assert (f"/h5/me/awards/{award}/" in text) is leads_on


STAGES = [("wheel", "Lucky draw"), ("grid", "Lucky grid"), ("scratch", "Scratch card"), ("eggs", "Golden eggs")]


@pytest.mark.parametrize(("stage", "title"), STAGES)
def test_each_stage_has_its_own_words_and_script_and_its_result_looks_like_it(visitor, ann, stage, title):  # noqa: F811
    publish(pools=[scenes.pool("everyone", stage=stage)])
    give(ann)

    campaign, page = visitor.get("/h5/c/autumn/").text, visitor.get(DRAW).text
    result = visitor.get(spin(visitor, pool="everyone")["Location"]).text

    assert title in campaign
    assert f"<h1>{title}</h1>" in page
    assert [name for name, _title in STAGES if f"/draw/{name}" in page] == [stage]
    assert f"outcome-{stage}" in result


def test_the_stage_is_told_the_prize_to_show_and_what_comes_next_once_no_chance_is_left(visitor, ann):  # noqa: F811
    publish(pools=[scenes.pool("everyone")], tasks=[scenes.task("earn", title="Earn it", reward={"chances": 1})])
    give(ann, count=2)
    json = {"headers": {"Accept": "application/json"}}

    first = visitor.post(DRAW, {"request_key": str(uuid4())}, **json).json()
    last = visitor.post(DRAW, {"request_key": str(uuid4())}, **json).json()

    name = {"win": "100 points", "thanks": "Thanks"}[first["prize"]]
    assert (name in first["face_html"], name in first["html"], "next_html" in first) == (True, True, False)
    assert "You have no draw chance left." in last["next_html"]
    assert "Earn it" in last["next_html"]


def test_the_task_that_is_offered_leads_to_a_chance_for_the_pool_that_is_shown(visitor, ann):  # noqa: F811
    points, own = scenes.task("points"), scenes.task("own", reward={"chances": 1})
    publish(tasks=[points, own, *NAMED["tasks"]])

    pages = [visitor.get(DRAW), visitor.get(DRAW + "?pool=high")]

    assert [page.context["next_card"].task.key for page in pages] == ["own", "gold"]


def test_where_no_task_gives_a_chance_none_is_promised(visitor, ann):  # noqa: F811
    publish()

    assert "Earn another chance" not in visitor.get(DRAW).text
