"""Rewards that wait for a reviewer, as the reviewer sees them."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from campaigns import held_rewards, playing
from campaigns.entering import Origin
from campaigns.models import DeviceUse, Trusted
from operations.models import AuditRecord
from rewards.ledger import balances
from tests.campaigns.scenes import NOW, make_member, publish

pytestmark = pytest.mark.django_db
LIST = reverse("admin:campaigns_heldcompletion_changelist")
TABLET = Origin("7ab1e7" + "0" * 26, "shop")


@pytest.fixture(autouse=True)
def _plain_http(settings):
    settings.SECURE_SSL_REDIRECT = False
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def held():
    publish()
    for number in range(4):
        playing.submit(make_member(f"m{number}"), "autumn", "check-in", {}, now=NOW, origin=TABLET)
    return held_rewards.waiting().get()


@pytest.fixture
def boss(client):
    client.force_login(User.objects.create_superuser("boss"))
    client.cookies["django_language"] = "en"
    return client


def page(held):
    return reverse("admin:campaigns_heldcompletion_change", args=[held.pk])


def points(held):
    return balances(held.enrolment.member_id).get("points", 0)


def test_the_list_says_who_and_why(boss, held):
    shown = boss.get(LIST).text
    assert "m3" in shown
    assert "Many accounts on one device" in shown
    assert "m3" in boss.get(f"{LIST}?sign=shared_device").text
    assert "m3" not in boss.get(f"{LIST}?sign=same_device").text.partition("result_list")[2]
    assert "1 reward is held back" in boss.get("/admin/").text


def test_the_page_shows_the_other_accounts_of_the_device(boss, held):
    shown = boss.get(page(held)).text
    for number in range(4):
        assert f">m{number}</a>" in shown
    assert "10 points" in shown
    assert "Device 7ab1e700: 4 accounts" in shown


def test_a_reason_is_asked_for_and_the_decision_is_told(boss, held):
    assert boss.post(page(held), {"decision": "release"}).status_code == 200
    assert points(held) == 0

    shown = boss.post(page(held), {"decision": "release", "reason": "A family"}, follow=True).text
    assert "1 reward is released." in shown
    assert "A family" in shown
    assert points(held) == 10
    assert "decided on already" in boss.post(page(held), {"decision": "refuse", "reason": "no"}, follow=True).text
    assert "m3" in boss.get(f"{LIST}?state=released").text


def test_several_are_decided_on_at_once(boss, held):
    asked = boss.post(LIST, {"action": "refuse", "_selected_action": [held.pk]})
    assert "m3" in boss.get(asked.url).text
    assert "1 reward is refused." in boss.post(asked.url, {"reason": "One person"}, follow=True).text
    assert points(held) == 0
    assert AuditRecord.objects.get(action="completion.refused").reason == "One person"


def test_who_may_only_look_decides_nothing(client, held):
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_heldcompletion"))
    client.force_login(clerk)
    assert "decision" not in client.get(page(held)).text
    assert client.post(page(held), {"decision": "release", "reason": "me"}).status_code == 403
    assert client.get(reverse("admin:campaigns_heldcompletion_decide") + "?decision=release").status_code == 403
    assert held_rewards.waiting().exists()


def test_a_device_is_trusted_from_the_list_of_devices(boss, held):
    devices = reverse("admin:campaigns_deviceuse_changelist")
    use = DeviceUse.objects.first()
    told = boss.post(f"{devices}?q=m0", {"action": "trust", "_selected_action": [use.pk]}, follow=True).text
    assert "is trusted" in told
    assert Trusted.objects.get().device == TABLET.device
    assert playing.submit(make_member("m9"), "autumn", "check-in", {}, now=NOW, origin=TABLET).reward


def test_a_member_is_trusted_by_uid_and_taken_off_again(boss, held):
    add = reverse("admin:campaigns_trusted_add")
    assert "No member has this uid." in boss.post(add, {"uid": "nobody", "name": "tester"}).text
    boss.post(add, {"uid": "m1", "name": "tester"})
    trusted = Trusted.objects.get()
    assert (trusted.member.uid, trusted.trusted_by.username) == ("m1", "boss")
    assert "m1" not in str(list(AuditRecord.objects.filter(action="trusted.added").values()))
    boss.post(reverse("admin:campaigns_trusted_delete", args=[trusted.pk]), {"post": "yes"})
    assert not Trusted.objects.exists()
