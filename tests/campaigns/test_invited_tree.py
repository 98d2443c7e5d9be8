"""Who invited whom, as operators see it: the tree of a member, of a campaign, and on the member's page."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from campaigns import invited_tree
from campaigns.models import Campaign
from tests.campaigns.friends import answer, enrol, link_of
from tests.campaigns.scenes import NOW, make_member, publish, task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def ann():
    """ann → (bob → cas → dee), eve"""
    # So that no enrolment has the id of its member.
    for number in range(20):
        make_member(f"other-{number}")
    publish(tasks=[task("invite", "invite", config={"count": 9, "qualify": "enter"})])
    ann = enrol("ann", name="Ann")
    sharer = ann
    for uid in ("bob", "cas", "dee"):
        friend = make_member(uid)
        answer(friend, link_of(sharer, "invite"), "invite")
        sharer = friend
    answer(make_member("eve"), link_of(ann, "invite"), "invite")
    return ann


def shape(branches):
    return [(branch.uid, branch.depth) for branch in branches]


def enrolment(uid):
    return Campaign.objects.get().enrolments.get(member__uid=uid)


def test_the_tree_is_in_its_order_and_goes_as_deep_as_is_asked(ann):
    root = [enrolment("ann").pk]
    assert shape(invited_tree.below(root)) == [("bob", 1), ("cas", 2), ("dee", 3), ("eve", 1)]
    assert shape(invited_tree.below(root, depth=2)) == [("bob", 1), ("cas", 2), ("eve", 1)]
    assert shape(invited_tree.below(root, most=1)) == [("bob", 1)]


def test_the_way_up_begins_with_who_invited_first(ann):
    assert [each.member.uid for each in invited_tree.above(enrolment("dee").pk)] == ["ann", "bob", "cas"]
    assert invited_tree.above(enrolment("ann").pk) == []


def test_only_who_came_by_themselves_stands_at_the_root_of_a_campaign(ann):
    (root,) = invited_tree.roots_of(Campaign.objects.get().pk)
    assert (root.member.uid, root.came, root.counted) == ("ann", 2, 2)


def test_the_pages_of_the_admin_show_it_and_the_member_s_page_leads_there(client, ann):
    client.force_login(User.objects.create_superuser("boss"))
    tree = reverse("admin:campaigns_invitation_tree", args=[enrolment("ann").pk])
    page = client.get(tree)
    assert shape(page.context["branches"]) == [("bob", 1), ("cas", 2), ("dee", 3), ("eve", 1)]
    assert [f'class="invited-{depth}"' in page.content.decode() for depth in (1, 2, 3, 4)] == [True] * 3 + [False]
    campaign = client.get(reverse("admin:campaigns_invitation_campaign", args=[Campaign.objects.get().pk]))
    assert tree in campaign.content.decode()
    assert tree in client.get(reverse("admin:members_member_change", args=[ann.pk])).content.decode()
