"""The first page of the admin: what runs, what waits, what is in trouble, and whom it is shown to."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.utils import timezone, translation

from campaigns import pausing, reviewing
from campaigns.models import Campaign
from operations import heartbeats
from rewards.models import Budget, BudgetUse
from tests.campaigns.scenes import draft, make_member, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    heartbeats.beat(heartbeats.WORKERS, now=timezone.now())


def page_of(client, **asked):
    with translation.override("en"):
        return client.get("/admin/", asked, headers={"accept-language": "en"})


def user_with(*rights: str, name: str = "vera") -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def running_now(**fields) -> Campaign:
    """A published campaign that is open at this moment."""
    campaign = publish()
    now = timezone.now()
    times = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=3, hours=1)} | fields
    definition = campaign.current.definition | {key: each.isoformat() for key, each in times.items()}
    # A revision never changes; this one was never met by anybody.
    Campaign.objects.filter(pk=campaign.pk).update(
        current=campaign.revisions.create(number=2, definition=definition, published_at=now), state="live", **times
    )
    return Campaign.objects.get(pk=campaign.pk)


def test_a_campaign_that_runs_is_shown_with_its_people_and_the_time_left(admin_client):
    campaign = running_now()
    now = timezone.now()
    campaign.enrolments.create(member=make_member("ann"), joined_at=now)
    campaign.enrolments.create(member=make_member("ben"), joined_at=now - timedelta(days=2))
    (row,) = page_of(admin_client).context["campaigns"].running
    assert (row.people, row.joined, row.when, row.state) == ("2", "1", "3 days left", "live")
    assert 20 < row.gone.share < 30


def test_what_is_to_come_and_what_ended_today_stand_by_themselves(admin_client):
    campaign = running_now(opens_at=timezone.now() + timedelta(hours=5, minutes=1))
    (row,) = page_of(admin_client).context["campaigns"].soon
    assert row.when == "opens in 5 hours"
    pausing.end(campaign, by=User.objects.get(username="admin"), now=timezone.now())
    campaigns = page_of(admin_client).context["campaigns"]
    assert campaigns.soon == ()
    (row,) = campaigns.ended
    assert row.note.startswith("Ended by admin")


def test_a_pause_is_told_with_who_made_it(admin_client):
    campaign = running_now()
    pausing.pause(campaign, by=user_with(), now=timezone.now())
    (row,) = page_of(admin_client).context["campaigns"].running
    assert row.state == "paused"
    assert row.note.startswith("Paused by vera")


def test_a_budget_is_shown_to_whoever_may_see_budgets(client):
    campaign = running_now()
    budget = Budget.objects.create(scope=f"campaign:{campaign.slug}", cents=10_000)
    BudgetUse.objects.create(budget=budget, allowed=10_000, drawn=1_500, promised=1_000)
    client.force_login(user_with("view_campaign"))
    (row,) = page_of(client).context["campaigns"].running
    assert row.budget is None
    client.force_login(user_with("view_campaign", "view_budget", name="walt"))
    (row,) = page_of(client).context["campaigns"].running
    assert (row.budget.share, row.budget.shown) == (25.0, "¥25 of ¥100")


def test_a_campaign_in_review_waits_for_a_second_person_only(client):
    olga = user_with("view_campaign", "approve_campaign", name="olga")
    proposal = reviewing.submit(draft(), by=olga, now=timezone.now())
    client.force_login(olga)
    assert page_of(client).context["to_approve"] == []
    client.force_login(user_with("view_campaign", name="eve"))
    assert page_of(client).context["to_approve"] == []
    client.force_login(user_with("view_campaign", "approve_campaign"))
    page = page_of(client)
    (told,) = page.context["to_approve"]
    assert (told.title, told.asked_by) == (proposal.campaign.name, "olga")
    assert told.link in page.text


def test_an_empty_shop_is_shown_the_way_until_it_has_gone_it(admin_client):
    steps = page_of(admin_client).context["steps"]
    assert [(step.done, step.is_next) for step in steps] == [(False, True), *[(False, False)] * 3]
    make_member()
    draft()
    steps = page_of(admin_client).context["steps"]
    assert [(step.done, step.is_next) for step in steps] == [
        (True, False),
        (False, True),
        (True, False),
        (False, False),
    ]


def test_who_may_take_none_of_the_first_steps_is_not_shown_them(client):
    client.force_login(user_with("view_campaign"))
    assert page_of(client).context["steps"] == []


def test_who_may_see_nothing_is_told_whom_to_ask(client, admin_user):
    publish()
    client.force_login(user_with())
    page = page_of(client)
    shown = page.context
    assert (shown["campaigns"], shown["figures"], shown["concerns"], shown["shortcuts"]) == (None, None, [], [])
    assert "Ask admin for one" in page.text


def test_who_may_see_something_elsewhere_is_not_sent_away(client):
    client.force_login(user_with("view_outlet"))
    assert page_of(client).context["ask"] is None


@pytest.mark.parametrize("figure", ["", "draws", "nonsense", "\x00", "'; --"])
def test_any_figure_may_be_asked_for(admin_client, figure):
    cards = page_of(admin_client, figure=figure).context.get("figures")
    if cards is not None:
        assert [card.key for card in cards.cards if card.chosen] == ["draws" if figure == "draws" else "participants"]


def test_the_page_costs_few_statements_however_much_there_is(admin_client, django_assert_max_num_queries):
    campaign = running_now()
    for number in range(20):
        campaign.enrolments.create(member=make_member(f"m{number}"), joined_at=timezone.now())
        more = draft(slug=f"more-{number}")
        Campaign.objects.filter(pk=more.pk).update(
            state="live", current=campaign.current, opens_at=campaign.opens_at, closes_at=campaign.closes_at
        )
    Budget.objects.create(scope=f"campaign:{campaign.slug}", cents=10_000)
    page_of(admin_client)
    with django_assert_max_num_queries(40):
        assert len(page_of(admin_client).context["campaigns"].running) == 12
