"""What a member reads of a red packet."""

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation

from members.models import Identity
from rewards.awards import grant_award
from rewards.linking import link_needed
from rewards.models import Award, Delivery, Gift
from tests.rewards import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def award(settings):
    settings.DELIVERY_PROVIDERS = {"wechat": {"kind": "sandbox", "needs_identity": "wechat-openid"}}
    packet = build.gift("packet", Gift.Kind.RED_PACKET, provider="wechat", face_value="8.88")
    return grant_award(packet, build.members(1)[0].pk, key="p", source="test", now=timezone.now())


def words(award):
    award = Award.objects.get(pk=award.pk)
    with translation.override("en"):
        return render_to_string("h5/awards/red_packet.html", {"award": award, "link": link_needed(award)})


def test_who_has_linked_nothing_is_asked_to(award):
    assert "Link your WeChat to receive the money" in words(award)
    Identity.objects.create(member_id=award.member_id, provider="wechat-openid", subject="oAnn")
    assert "on its way to you" in words(award)


@pytest.mark.parametrize(
    ("state", "told"), [("delivered", "Paid out on"), ("given_up", "could not be paid out"), ("unknown", "on its way")]
)
def test_what_became_of_it_is_told(award, state, told):
    Delivery.objects.update(state=state, settled_at=timezone.now())
    assert told in words(award)


def test_a_physical_award_without_a_parcel_asks_for_the_address():
    mug = build.gift("mug", Gift.Kind.PHYSICAL)
    award = grant_award(mug, build.members(1)[0].pk, key="p", source="test", now=timezone.now())
    with translation.override("en"):
        assert "Give your address" in render_to_string("h5/awards/physical.html", {"award": award, "state": "granted"})
