"""Lifecycle and value models in the admin: set, drawn, listed, told on a member's page, and by whom."""

from datetime import time, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone, translation

from members.models import Member
from members.portrait import Visit
from operations.models import Job
from segmentation import lifecycle, lifecycle_charts, lifecycle_portrait, value, value_charts
from segmentation.models import CategoryCycle, LifecycleModel, Segment, ValueModel
from tests.segmentation import lives_written
from tests.segmentation.lives import NOW, Order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def stages() -> LifecycleModel:
    return LifecycleModel.objects.get(slug="default")


@pytest.fixture
def worth() -> ValueModel:
    return ValueModel.objects.get(slug="default")


def posted(client, obj, **changes):
    """Post the form of the model as the page shows it, with some fields changed."""
    address = reverse(f"admin:segmentation_{obj._meta.model_name}_change", args=[obj.pk])
    page = client.get(address)
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    data |= {"interested_events": "favourite,cart", "interaction_events": "cart", "reputation_events": ""}
    data |= {"cycles-TOTAL_FORMS": 0, "cycles-INITIAL_FORMS": 0}
    data = {name: each for name, each in (data | changes).items() if each is not None and each is not False}
    answer = client.post(address, data)
    return answer if answer.status_code == 302 else answer.context["adminform"].form.errors


def test_a_saved_model_is_computed_by_a_worker_and_planned_at_its_hour(admin_client, stages):
    assert posted(admin_client, stages, active_days=45, daily_at="05:00").status_code == 302
    stages.refresh_from_db()
    assert (stages.active_days, stages.daily_at) == (45, time(5, 0))
    assert timezone.localtime(stages.next_run_at).hour == 5
    assert Job.objects.filter(function="segmentation.jobs.recompute_lifecycle").count() == 1


def test_a_category_set_by_hand_alone_asks_for_a_computation(admin_client, stages):
    row = {"cycles-TOTAL_FORMS": 1, "cycles-0-category": "milk", "cycles-0-days": 30, "cycles-0-high": "always"}
    assert posted(admin_client, stages, **row).status_code == 302
    assert CategoryCycle.objects.get().category == "milk"
    assert Job.objects.filter(function="segmentation.jobs.recompute_lifecycle").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"active_days": 180}, "sleeping_days"),
        ({"due_from": 120}, "due_until"),
        ({"new_days": 731}, "new_days"),
        ({"interested_events": ""}, "interested_events"),
        ({"priority": "lost"}, "priority"),
        ({"active_days": 0}, "active_days"),
    ],
)
def test_a_lifecycle_model_that_makes_no_sense_is_refused_at_its_field(admin_client, stages, changes, field):
    assert list(posted(admin_client, stages, **changes)) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_weight": 41}, "amount_weight"),
        ({"core_share": 80}, "high_potential_share"),
        ({"high_spenders_share": 60}, "middle_spenders_share"),
        ({"core_score": 400}, "core_score"),
        ({"churn_middle": 301}, "churn_high"),
        ({"window_days": 40_000}, "window_days"),
    ],
)
def test_a_value_model_that_makes_no_sense_is_refused_at_its_field(admin_client, worth, changes, field):
    assert list(posted(admin_client, worth, **changes)) == [field]


def test_the_result_opens_the_members_of_each_stage_and_tier(admin_client, stages, worth):
    lives_written.write(lives_written.invent(1))
    staged, valued = lifecycle.recompute(stages, now=NOW), value.recompute(worth, now=NOW)
    drawn = lifecycle_charts.draw(staged)
    assert [bar.shown for bar in drawn["stages"].bars] == [str(n) for n in staged.summary["stages"].values()]
    links = [bar.link for chart in (drawn["stages"], value_charts.draw(valued)["tiers"]) for bar in chart.bars]
    shown = [admin_client.get(link).context["page"].paginator.count for link in links]
    assert sum(shown) == 60 + 60
    for obj in (stages, worth):
        page = admin_client.get(reverse(f"admin:segmentation_{obj._meta.model_name}_change", args=[obj.pk]))
        assert links[0] in page.text or links[-1] in page.text


def test_a_funnel_only_narrows_and_the_meanings_cover_everyone(stages):
    lives_written.write(lives_written.invent(2))
    drawn = lifecycle_charts.draw(lifecycle.recompute(stages, now=NOW))
    steps = [int(bar.shown) for bar in drawn["funnel"].bars]
    assert steps == sorted(steps, reverse=True)
    by_last_order = [meets for _name, _meaning, meets in drawn["meanings"]]
    assert by_last_order[0] + sum(by_last_order[4:]) == 60


@pytest.mark.parametrize("address", ["nowhere/", "later/"])
def test_there_is_no_list_of_what_is_no_stage(admin_client, stages, address):
    lifecycle.recompute(stages, now=NOW)
    assert admin_client.get(f"/admin/segmentation/lifecyclemodel/{stages.pk}/members/{address}").status_code == 404


@pytest.mark.parametrize("address", ["tier/low/", "score/0/", "x/y/"])
def test_there_is_no_list_of_what_is_no_tier(admin_client, worth, address):
    value.recompute(worth, now=NOW)
    assert admin_client.get(f"/admin/segmentation/valuemodel/{worth.pk}/members/{address}").status_code == 404


def test_members_are_listed_only_to_those_who_may_see_members(client, stages):
    lifecycle.recompute(stages, now=NOW)
    user = User.objects.create_user("u", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_lifecyclemodel"))
    client.force_login(user)
    address = reverse("admin:segmentation_lifecyclemodel_members", args=[stages.pk, "new"])
    assert client.get(address).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_member"))
    assert client.get(address).status_code == 200


def test_data_that_cannot_give_a_result_is_said_to(stages, worth):
    assert lifecycle_charts.draw(lifecycle.recompute(stages, now=NOW))["warnings"] == ["There are no members yet."]
    members = Member.objects.bulk_create(Member(uid=f"u{n}") for n in range(4))
    warnings = lifecycle_charts.draw(lifecycle.recompute(stages, now=NOW))["warnings"]
    assert [each.split(":")[0] for each in warnings] == [
        "There are no paid orders up to this moment",
        "Nobody is interested",
    ]
    for member in members:
        lives_written.buy(member.pk, Order(NOW - timedelta(days=1), categories=("tea",)), member.uid)
    warnings = lifecycle_charts.draw(lifecycle.recompute(stages, now=NOW))["warnings"]
    assert warnings[-1].startswith("Nobody can be due: no category was bought again by 30 %")
    told = value_charts.draw(value.recompute(worth, now=NOW))["warnings"]
    assert "Nobody has any interaction: its weight of 20 gives points to nobody." in told
    assert "All who have any frequency have the same of it: each gets 150 points." in told
    assert any(each.startswith("Nobody is core") for each in told)


def test_a_model_that_a_rule_reads_is_kept(admin_client, stages, worth):
    leaves = [
        {"field": "lifecycle.default", "operator": "=", "value": "new"},
        {"field": "value.default.score", "operator": ">=", "value": 500},
    ]
    Segment.objects.create(slug="s", name="S", rule={"version": 1, "combinator": "and", "rules": leaves})
    for obj in (stages, worth):
        admin_client.post(reverse(f"admin:segmentation_{obj._meta.model_name}_delete", args=[obj.pk]), {"post": "yes"})
        assert type(obj).objects.filter(pk=obj.pk).exists()


WHY = {
    ("40d",): ("active", "Last order 40 days ago; sleeping begins after 60."),
    ("70d",): ("sleeping", "Last order 70 days ago; sleeping begins after 60, lost after 180."),
    ("200d",): ("lost", "Last order 200 days ago; lost begins after 180."),
    (): ("prospect", "Never ordered, and showed no interest in the last 15 days."),
    ("3d",): ("new customer", "The only order of 2 years was 3 days ago; that is new for 30 days."),
}


@pytest.mark.parametrize("days", WHY)
def test_a_members_page_says_the_stage_and_why(stages, admin_user, days):
    member = Member.objects.create(uid="u1")
    for number, each in enumerate(days):
        lives_written.buy(member.pk, Order(NOW - timedelta(days=int(each[:-1]))), f"{number}")
    lifecycle.recompute(stages, now=NOW - timedelta(days=300))
    with translation.override("en"):
        (told,) = lifecycle_portrait.stages(Visit(member, admin_user, NOW))["models"]
        assert (str(told["name"]), told["because"]) == WHY[days]
        assert ("sleeping from" in told["next"]) == (days == ("40d",))


def test_a_members_page_says_what_is_due(stages, admin_user):
    CategoryCycle.objects.create(model=stages, category="milk", days=40, high="always")
    member = Member.objects.create(uid="u1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=90)), "1")
    lives_written.buy(member.pk, Order(NOW - timedelta(days=31), categories=("milk",)), "2")
    lifecycle.recompute(stages, now=NOW)
    (told,) = lifecycle_portrait.stages(Visit(member, admin_user, NOW))["models"]
    assert told["because"] == "milk bought 31 days ago, its cycle is 40 days."


def test_a_members_page_shows_the_score_in_its_parts(worth, admin_user):
    shop = lives_written.invent(1)
    lives_written.write(shop)
    value.recompute(worth, now=NOW)
    for member in Member.objects.order_by("pk")[:20]:
        (told,) = lifecycle_portrait.values(Visit(member, admin_user, NOW))["models"]
        parts = [int(bar.shown.split(" / ")[0]) for bar in told["parts"].bars]
        assert abs(sum(parts) - told["score"]) <= 2
        assert [int(bar.shown.split(" / ")[1]) for bar in told["parts"].bars] == [400, 300, 200, 100]


def test_the_page_of_a_member_holds_both(admin_client, stages, worth):
    shop = lives_written.invent(1)
    lives_written.write(shop)
    lifecycle.recompute(stages, now=timezone.now())
    value.recompute(worth, now=timezone.now())
    page = admin_client.get(reverse("admin:members_member_change", args=[shop[-1].id])).text
    assert "Lifecycle" in page
    assert "reputation" in page


def test_who_may_not_see_the_models_does_not_see_the_panels(client, stages):
    lifecycle.recompute(stages, now=NOW)
    user = User.objects.create_user("u", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_member"))
    client.force_login(user)
    member = Member.objects.create(uid="u1")
    page = client.get(reverse("admin:members_member_change", args=[member.pk])).text
    assert "Lifecycle" not in page
    user.user_permissions.add(Permission.objects.get(codename="view_lifecyclemodel"))
    assert "Never ordered" in client.get(reverse("admin:members_member_change", args=[member.pk])).text
