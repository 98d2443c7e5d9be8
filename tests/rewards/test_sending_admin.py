"""Parcels and payments in the admin: each step needs its permission and is on record."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from members import resealing
from operations.models import AuditRecord
from rewards import addresses, shipping, tracking
from rewards.awards import grant_award
from rewards.models import Award, Delivery, Gift, Shipment, ShippingBatch
from tests.rewards import build
from tests.rewards.parcels import HOME, addressed, mug

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def allow(user, codename):
    user.user_permissions.add(Permission.objects.get(codename=codename, content_type__app_label="rewards"))


@pytest.fixture
def parcel():
    return addressed(build.members(1)[0], now=timezone.now())


def test_addresses_are_masked_and_shown_on_record_to_who_may(client, clerk, parcel):
    page = reverse("admin:rewards_shipment_change", args=[parcel.pk])
    reveal = reverse("admin:rewards_shipment_reveal", args=[parcel.pk])
    text = client.get(page).text + client.get(reverse("admin:rewards_shipment_changelist")).text
    assert "浙江省杭州市西湖区" in text
    assert [each for each in (HOME.recipient, HOME.phone, HOME.street) if each in text] == []
    assert client.post(reveal).status_code == 403
    allow(clerk, "reveal_shipment")
    assert client.get(reveal).status_code == 302
    assert not AuditRecord.objects.exists()
    answer = client.post(reveal)
    assert HOME.street in answer.text
    assert "no-cache" in answer["Cache-Control"]
    assert AuditRecord.objects.get().action == "shipment.address_revealed"


def test_exporting_needs_its_permission_and_gives_a_file(client, clerk, parcel):
    export = reverse("admin:rewards_shippingbatch_export")
    assert client.get(export).status_code == 403
    allow(clerk, "export_shipments")
    assert "1 parcel" in client.get(export).text
    assert "Choose at least one gift" in client.post(export, {}).text
    answer = client.post(export, {"gifts": [mug().pk]})
    batch = ShippingBatch.objects.get()
    assert answer["Location"] == reverse("admin:rewards_shippingbatch_change", args=[batch.pk])
    file = client.get(reverse("admin:rewards_shippingbatch_download", args=[batch.pk]))
    assert HOME.street in b"".join(file.streaming_content).decode("utf-8-sig")
    assert file["Cache-Control"].startswith("private, no-store")
    assert "No address waits" in client.get(export).text


def test_a_wrong_number_is_corrected_or_taken_back_by_who_may(client, clerk, parcel):
    shipping.export_waiting([mug()], by=clerk, now=timezone.now())
    tracking.ingest_tracking([tracking.TrackingRow(parcel.award_id, "SF", "SF10001")], now=timezone.now())
    correct, undo, returned = (
        reverse(f"admin:rewards_shipment_{name}", args=[parcel.pk]) for name in ("correct", "undo", "returned")
    )
    assert {client.post(each).status_code for each in (correct, undo, returned)} == {403}
    allow(clerk, "track_shipment")
    client.post(correct, {"carrier": "YTO", "tracking_number": "1.2E+13"})
    assert Shipment.objects.get().tracking_number == "SF10001"
    client.post(correct, {"carrier": "YTO", "tracking_number": "YT20002"})
    assert Shipment.objects.get().tracking_number == "YT20002"
    client.post(undo)
    assert (Shipment.objects.get().state, Award.objects.get().state) == ("exported", "claimed")
    assert "not possible any more" in client.post(returned, follow=True).text


def test_a_red_packet_is_paid_by_hand_step_by_step(client, clerk, settings):
    settings.DELIVERY_PROVIDERS = {"manual": {}}
    packet = build.gift("packet", Gift.Kind.RED_PACKET, provider="manual", face_value="8.88")
    grant_award(packet, build.members(1)[0].pk, key="p", source="test", now=timezone.now())
    delivery = Delivery.objects.get()
    page = reverse("admin:rewards_delivery_change", args=[delivery.pk])

    def act(what, **given):
        return client.post(reverse("admin:rewards_delivery_act", args=[delivery.pk, what]), given, follow=True)

    assert act("take").status_code == 403
    assert "I pay this by hand" not in client.get(page).text
    allow(clerk, "settle_delivery")
    assert "I pay this by hand" in client.get(page).text
    assert "not possible any more" in act("paid", reference="early").text
    act("take")
    assert "Reference" in act("paid").text
    assert Delivery.objects.get().state == "sending"
    act("paid", reference="slip 7")
    assert (Delivery.objects.get().state, Award.objects.get().state) == ("delivered", "delivered")
    assert "not possible any more" in act("give-up", reason="late").text


def test_payments_that_need_somebody_are_on_the_first_page(client, clerk, settings):
    settings.DELIVERY_PROVIDERS = {"manual": {}}
    people = build.members(2)
    for name in ("manual", "gone"):
        packet = build.gift(f"packet-{name}", Gift.Kind.RED_PACKET, provider=name, face_value="8.88")
        for member in people:
            grant_award(packet, member.pk, key=f"{name}:{member.pk}", source="test", now=timezone.now())
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(state="failed")
    text = client.get("/admin/").text
    assert "1 red packet could not be paid." in text
    assert "1 red packet waits for somebody to pay it (manual)." in text
    assert "2 red packets wait for somebody to pay them (gone)." in text


def test_addresses_move_to_a_new_key(parcel, settings):
    settings.PERSONAL_DATA_KEYS = ["new key", settings.SECRET_KEY]
    done = list(resealing.reseal())[-1]
    assert (done.others["addresses"], done.unreadable) == (1, 0)
    settings.PERSONAL_DATA_KEYS = ["new key"]
    assert addresses.unseal(Shipment.objects.get().sealed) == HOME
