"""Offers, features, quotas and steps that fall away: whom each reaches, and a warning where that is nobody."""

import pytest
from django.utils import translation

from campaigns import features, rehearsal_words
from campaigns.definition import parse_audience
from campaigns.rehearsal.findings import Severity
from campaigns.rehearsal.rehearsing import rehearse
from members.models import Member
from segmentation.models import MemberTag, Tag, TagGroup
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import OPENS, chain, draft, make_level, task

pytestmark = pytest.mark.django_db
PAID, GOLD, FREE = {"levels": ["paid"]}, {"levels": ["gold"]}, {"levels": ["free"]}
ENERGY = {"energy": {"sources": [{"task": "a", "amount": 5, "per_day": 1}]}}


@pytest.fixture(autouse=True)
def members():
    """Six members who paid and four who are free; nobody has gold."""
    levels = {slug: make_level(slug, rank) for rank, slug in enumerate(("paid", "gold", "free"), 1)}
    for number in range(10):
        Member.objects.create(uid=f"m{number}", level=levels["paid" if number < 6 else "free"])


def rehearsed(**changes):
    with translation.override("en"):
        return rehearse(draft(**changes), now=OPENS)


def found(**changes):
    return {each.key: each for each in rehearsed(**changes).findings}


def with_feature_for(monkeypatch, audience):
    """Energy as if it were for an audience of its own."""
    real = features.find("energy")
    monkeypatch.setattr(type(real), "audiences", lambda *_any: iter([parse_audience(audience)]))


@pytest.mark.parametrize(
    ("key", "severity", "wrong", "right"),
    [
        (
            "outside:offer:milk",
            "warning",
            {"audience": PAID, "offers": [offer(audience=FREE)]},
            {"audience": PAID, "offers": [offer(audience=PAID)]},
        ),
        (
            "nobody:offer:milk",
            "warning",
            {"audience": PAID, "offers": [offer(audience=GOLD)]},
            {"offers": [offer(audience=FREE)]},
        ),
        (
            "nobody:feature:energy",
            "warning",
            {"tasks": [task("a", audience=GOLD), task("b")], "features": ENERGY},
            {"tasks": [task("a", audience=PAID), task("b")], "features": ENERGY},
        ),
        (
            "nobody:skip:c:b",
            "note",
            {
                "tasks": [task("a"), task("b")],
                "chains": [chain("c", "a", {"task": "b", "skip": GOLD})],
            },
            {
                "tasks": [task("a"), task("b")],
                "chains": [chain("c", "a", {"task": "b", "skip": PAID})],
            },
        ),
    ],
)
def test_what_reaches_nobody_is_warned_of_and_no_more_once_it_is_mended(key, severity, wrong, right):
    assert found(**wrong)[key].severity == severity
    assert key not in found(slug="another", **right)


def test_a_quota_for_members_who_do_not_meet_its_task_limits_nobody():
    quota = {"quota": 3, "audience": FREE}

    outside = found(tasks=[task("a", audience=PAID, quotas=[quota])])
    nobody = found(slug="b", tasks=[task("a", quotas=[quota | {"audience": GOLD}])])
    right = found(slug="c", tasks=[task("a", quotas=[quota])])

    (told,) = [each for key, each in outside.items() if key.startswith("outside:quota:a:")]
    assert told.message == "Quota 1 of “Task a” limits nobody: whom it is for, 4 members, does not meet the task."
    assert [each.severity for key, each in nobody.items() if key.startswith("nobody:quota:a:")] == [Severity.WARNING]
    assert not [key for key in right if ":quota:" in key]


def test_a_feature_with_an_audience_outside_of_the_campaigns_is_warned_of(monkeypatch):
    with_feature_for(monkeypatch, FREE)

    told = found(audience=PAID, tasks=[task("a")], features=ENERGY)["outside:feature:energy"].message

    assert told == "“energy” is for 4 members, and the campaign is for none of them."
    assert "outside:feature:energy" not in found(slug="b", tasks=[task("a")], features=ENERGY)


def test_a_feature_whose_audience_nobody_is_in_is_warned_of(monkeypatch):
    with_feature_for(monkeypatch, GOLD)

    assert found(tasks=[task("a")], features=ENERGY)["nobody:feature:energy"].severity == Severity.WARNING


def test_the_tags_that_a_features_audience_names_are_read(monkeypatch):
    group = TagGroup.objects.create(slug="taste", name="Taste")
    tea = Tag.objects.create(group=group, slug="tea", name="Tea")
    MemberTag.objects.create(member=Member.objects.get(uid="m0"), tag=tea, source="hand", set_at=OPENS)
    with_feature_for(monkeypatch, {"tags_any": ["taste.tea"]})

    (energy,) = rehearsed(tasks=[task("a")], features=ENERGY).expected.besides

    assert set(energy.members) == {Member.objects.get(uid="m0").pk}


def test_a_score_that_nobody_can_earn_opens_no_feature(monkeypatch):
    with_feature_for(monkeypatch, {"score_from": 50})

    never = [task("a")]
    earned = [task("a", reward={"score": 50})]

    assert "nobody:feature:energy" in found(tasks=never, features=ENERGY)
    assert "nobody:feature:energy" not in found(slug="b", tasks=earned, features=ENERGY)


def test_the_page_shows_whom_each_of_them_reaches():
    expected = rehearsed(
        tasks=[task("a", audience=PAID, quotas=[{"quota": 3, "audience": PAID}]), task("b"), task("c")],
        chains=[chain("path", "b", {"task": "c", "skip": FREE})],
        offers=[offer(audience=FREE)],
        features=ENERGY,
    ).expected

    with translation.override("en"):
        shown = {key: {bar.label: bar.shown for bar in bars.bars} for key, bars in rehearsal_words.reached(expected)}

    assert shown["offers"] == {"Milk": "4"}
    assert shown["features"] == {"energy": "6"}
    assert shown["quotas"] == {"Quota 1 of “Task a”": "6"}
    assert shown["skips"] == {"Task c": "4"}


def test_a_finding_about_a_feature_leads_to_the_features():
    campaign = draft(tasks=[task("a", audience=GOLD), task("b")], features=ENERGY)
    findings = rehearse(campaign, now=OPENS).findings

    lines = rehearsal_words.lines(findings, campaign, frozenset())

    links = {line.finding.key: line.link for line in lines}
    assert links["nobody:feature:energy"].startswith(f"/admin/campaigns/campaign/{campaign.pk}/features/")
