"""API keys in the admin: what is asked for, what is shown once, who may."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from operations.api_keys import create_api_key, revoke, valid_key
from operations.models import ApiKey, AuditRecord
from operations.rotation import rotate

pytestmark = pytest.mark.django_db
ADD = "admin:operations_apikey_add"


@pytest.fixture
def operator(client, olga):
    client.force_login(olga)
    return client


@pytest.fixture
def key():
    return create_api_key("shop", ["facts"])[0]


def page(key, name="change"):
    return reverse(f"admin:operations_apikey_{name}", args=[key.pk])


def action(key, name):
    return page(key).replace("/change/", f"/{name}/")


def asked(**changes):
    return {"name": "shop", "scopes": ["facts"]} | changes


def test_a_key_gets_its_end_its_addresses_and_its_bound(operator):
    operator.post(
        reverse(ADD),
        asked(
            expiry_date_0="2126-01-31",
            expiry_date_1="18:00:00",
            address_ranges="203.0.113.7\r\n\r\n 2001:db8::/32 ",
            calls_per_minute="600",
        ),
    )
    key = ApiKey.objects.get()
    assert (key.address_ranges, key.calls_per_minute) == (["203.0.113.7/32", "2001:db8::/32"], 600)
    assert timezone.localtime(key.expiry_date).isoformat() == "2126-01-31T18:00:00+08:00"
    assert key.client == key.prefix


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"address_ranges": "shop.example"}, "“shop.example”"),
        ({"address_ranges": "203.0.113.0/24\n203.0.113.7/24"}, "203.0.113.0/24"),
        ({"expiry_date_0": "2020-01-31", "expiry_date_1": "18:00"}, "expiry_date"),
        ({"calls_per_minute": "0"}, "calls_per_minute"),
        ({"calls_per_minute": "99999999999"}, "calls_per_minute"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(operator, given, said):
    answer = operator.post(reverse(ADD), asked(**given))
    assert answer.status_code == 200
    assert said in str(answer.context["adminform"].form.errors)
    assert not ApiKey.objects.exists()


def test_changed_scopes_and_addresses_are_recorded_with_old_and_new(operator, key):
    operator.post(page(key), asked(scopes=["facts", "play"], address_ranges="203.0.113.0/24"))
    assert AuditRecord.objects.get(action="api_key.changed").changes == {
        "scopes": [["facts"], ["facts", "play"]],
        "address_ranges": [[], ["203.0.113.0/24"]],
    }


def test_saving_addresses_as_they_were_records_nothing(operator):
    key = create_api_key("shop", ["facts"], address_ranges=["203.0.113.0/24", "2001:db8::/32"])[0]
    operator.post(page(key), asked(address_ranges="203.0.113.0/24\r\n2001:db8::/32"))
    assert not AuditRecord.objects.exists()


def test_a_new_key_takes_the_old_ones_place_and_is_shown_once(operator, key):
    assert operator.get(action(key, "rotate")).status_code == 200
    answer = operator.post(action(key, "rotate"), {"overlap": "24"})
    assert "no-store" in answer["Cache-Control"]
    new = valid_key(answer.context["plain"], clock=0.0)
    assert new.client == key.prefix
    assert answer.context["plain"] in answer.text
    assert answer.context["signing_secret"] in answer.text
    assert answer.context["plain"] not in operator.get(page(new)).text
    assert AuditRecord.objects.get(action="api_key.rotated").actor_name == "olga"


@pytest.mark.parametrize("overlap", ["", "-1", "721", "soon"])
def test_an_overlap_that_is_none_is_asked_for_again(operator, key, overlap):
    assert operator.post(action(key, "rotate"), {"overlap": overlap}).context["form"].errors
    assert ApiKey.objects.count() == 1


def test_a_key_that_was_replaced_or_revoked_offers_no_new_one(operator, key):
    rotate(key, by=None, now=timezone.now())
    gone = create_api_key("gone", ["facts"])[0]
    revoke(gone, by=None, now=timezone.now())
    for each in (key, gone):
        assert "/rotate/" not in operator.get(page(each)).text
        assert operator.post(action(each, "rotate"), {"overlap": "0"}).status_code == 403
    assert ApiKey.objects.count() == 3


def test_a_key_is_revoked_after_a_question(operator, key):
    assert operator.get(action(key, "revoke")).status_code == 200
    assert not ApiKey.objects.get().revoked
    assert operator.post(action(key, "revoke")).status_code == 302
    assert ApiKey.objects.get().revoked
    assert "/revoke/" not in operator.get(page(key)).text


@pytest.mark.parametrize("name", ["rotate", "revoke"])
def test_who_may_only_look_replaces_and_revokes_nothing(client, key, name):
    viewer = User.objects.create_user("vera", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(content_type__app_label="operations", codename="view_apikey"))
    client.force_login(viewer)
    assert client.get(page(key)).status_code == 200
    assert client.get(action(key, name)).status_code == 403
    assert client.post(action(key, name), {"overlap": "0"}).status_code == 403
    assert ApiKey.objects.filter(revoked=False).count() == 1


@pytest.mark.parametrize("name", ["rotate", "revoke"])
def test_an_unknown_key_is_404(operator, name):
    assert operator.get(f"/admin/operations/apikey/nobody/{name}/").status_code == 404


def test_the_list_tells_how_each_key_stands_and_from_where_it_was_used(operator, key):
    now = timezone.now()
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=now, last_used_from="203.0.113.7")
    create_api_key("soon", ["play"], expires=now + timedelta(days=3))
    rotate(key, by=None, now=now)
    text = operator.get(reverse("admin:operations_apikey_changelist"), headers={"Accept-Language": "en"}).text
    for told in ("203.0.113.7", "expires soon", "replaced", "valid"):
        assert told in text
