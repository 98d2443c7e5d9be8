"""How many members a published campaign is for, told behind the first page: counted once, and then kept for a while."""

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from campaigns.models import Campaign
from tests.campaigns.scenes import NOW, draft, make_level, make_member, publish, task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)
    cache.clear()


def told(client, campaign):
    with translation.override("en"):
        answer = client.get(f"/admin/campaigns/campaign/{campaign.pk}/reach/", headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def for_plus():
    plus = make_level("plus")
    members = [make_member(f"p-{number}", level=plus) for number in range(4)]
    make_member("other")
    campaign = publish(audience={"levels": ["plus"]}, tasks=[task("one")])
    campaign.enrolments.create(member=members[0], joined_at=timezone.now())
    return campaign


def test_the_members_it_is_for_are_told_with_the_share_that_came(admin_client):
    text = told(admin_client, for_plus())

    assert "for 4 members" in text
    assert "25.0 % took part" in text


def test_what_is_being_drafted_does_not_move_the_reach_of_what_is_published(admin_client):
    campaign = for_plus()
    Campaign.objects.filter(pk=campaign.pk).update(audience={})

    assert "for 4 members" in told(admin_client, campaign)


def test_who_came_and_left_the_audience_makes_no_more_than_all(admin_client):
    campaign = for_plus()
    for number in range(6):
        campaign.enrolments.create(member=make_member(f"gone-{number}"), joined_at=timezone.now())

    assert "100.0 % took part" in told(admin_client, campaign)


def test_it_is_counted_once_and_kept(admin_client):
    campaign = for_plus()
    told(admin_client, campaign)
    campaign.enrolments.create(member=make_member("late"), joined_at=timezone.now())

    assert "25.0 % took part" in told(admin_client, campaign)

    cache.clear()
    assert "50.0 % took part" in told(admin_client, campaign)


def test_what_was_never_published_is_for_nobody_yet(admin_client):
    assert told(admin_client, draft()).strip() == ""


def test_whoever_may_not_see_campaigns_is_refused(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ann", is_staff=True))
    campaign = draft()

    assert client.get(f"/admin/campaigns/campaign/{campaign.pk}/reach/").status_code == 403


def test_the_first_page_asks_for_it_and_never_of_what_is_over(admin_client):
    campaign = for_plus()
    asked = f'hx-get="/admin/campaigns/campaign/{campaign.pk}/reach/"'
    assert asked in admin_client.get("/admin/").content.decode()

    Campaign.objects.filter(pk=campaign.pk).update(state="ended")

    assert asked not in admin_client.get("/admin/").content.decode()
