"""What a member's page says of campaigns, and why a member may take part or not."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from campaigns import playing
from campaigns import portrait as panels
from campaigns.models import Campaign, Completion
from members import portrait
from members.models import Member
from members.portrait import Visit
from rewards.chances import grant_chances
from tests.browser import fair

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return fair.open_fair(now=timezone.now())


def shown(uid, user):
    now = timezone.now()
    member = portrait.with_facts(Member.objects.filter(uid=uid), user=user, now=now).get()
    return panels.campaigns(Visit(member, user, now, member.portrait_campaigns))["campaigns"]


def test_a_running_campaign_is_told_to_be_joined_or_not(campaign, admin_user):
    Member.objects.create(uid="bob")
    ann = Member.objects.get(uid="ann")
    playing.submit(ann, "fair", "sign", {}, now=timezone.now())
    grant_chances(ann.pk, "campaign:fair", count=3, key="more", now=timezone.now())
    grant_chances(ann.pk, "campaign:other", count=5, key="other", now=timezone.now())
    (joined,), (other,) = shown("ann", admin_user), shown("bob", admin_user)
    assert (joined["enrolment"]["done"], joined["chances"]) == (Completion.objects.count(), 4)
    assert (other["enrolment"], other["chances"]) == (None, 0)


def test_one_that_ended_is_told_to_those_who_joined(campaign, admin_user):
    Member.objects.create(uid="bob")
    playing.submit(Member.objects.get(uid="ann"), "fair", "sign", {}, now=timezone.now())
    Campaign.objects.update(state="ended")
    assert [each["name"] for each in shown("ann", admin_user)] == ["Milk fair"]
    assert shown("bob", admin_user) == []


def test_a_draft_is_told_to_nobody(campaign, admin_user):
    Campaign.objects.create(slug="draft", name="Draft", opens_at=timezone.now(), closes_at=timezone.now())
    assert [each["name"] for each in shown("ann", admin_user)] == ["Milk fair"]


def why(client, campaign, uid="ann"):
    address = reverse("admin:campaigns_campaign_why", args=[campaign.pk, Member.objects.get(uid=uid).pk])
    return client.get(address, headers={"Accept-Language": "en"})


def test_the_page_says_what_the_member_may_do_and_why_not_the_rest(admin_client, campaign):
    text = why(admin_client, campaign).content.decode()
    for told in ("May take part now", "Check in today", "Three steps", "Wheel", "0 / 2", "the member's"):
        assert told in text, told
    assert "Finish the step before this one first." in text


def test_the_refusal_is_told_in_its_one_wording(admin_client, campaign):
    Campaign.objects.update(state="paused")
    assert "This campaign is paused." in why(admin_client, campaign).content.decode()


def test_a_campaign_never_published_has_nothing_to_decide(admin_client, campaign):
    draft = Campaign.objects.create(slug="draft", name="Draft", opens_at=timezone.now(), closes_at=timezone.now())
    assert "This campaign is not published." in why(admin_client, draft).content.decode()


@pytest.mark.parametrize("permission", ["view_member", "view_campaign"])
def test_it_takes_both_permissions_to_ask_why(client, campaign, permission):
    user = User.objects.create_user("half", password="half", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=permission))
    client.force_login(user)
    assert why(client, campaign).status_code == 403
