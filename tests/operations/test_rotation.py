"""A key is replaced: the new one is as the old one was, both work for a while, and the client stays who it is."""

from datetime import timedelta

import jwt
import pytest
from django.utils import timezone, translation

from members.entering import EntryRefusal, EntryRefused, enter
from members.models import Member
from operations.api_keys import create_api_key, revoke, signing_secret, valid_key
from operations.audit import actor_name
from operations.models import ApiKey, AuditRecord, IdempotencyKey
from operations.rotation import NotRotated, rotate
from tests.operations.test_idempotency import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


def token(key, secret, jti):
    claims = {"sub": "ann", "aud": "h5", "exp": int(timezone.now().timestamp()) + 300, "jti": jti}
    return jwt.encode(claims, secret, algorithm="HS256", headers={"kid": key.prefix})


def test_the_new_key_is_as_the_old_one_was_and_lives_as_long(now):
    old, _plain, _secret = create_api_key(
        "shop", ["facts", "play"], expires=now + timedelta(days=90), address_ranges=["203.0.113.0/24"]
    )
    ApiKey.objects.filter(pk=old.pk).update(calls_per_minute=600, created=now - timedelta(days=80))
    new, plain, secret = rotate(old, by=None, now=now)
    assert (new.name, new.scopes, new.client) == ("shop", ["facts", "play"], old.prefix)
    assert (new.address_ranges, new.calls_per_minute) == (["203.0.113.0/24"], 600)
    assert new.expiry_date == now + timedelta(days=170)
    assert (valid_key(plain, clock=0.0), signing_secret(new.prefix)) == (new, secret)


def test_both_keys_work_until_the_overlap_is_over(now):
    old, plain, secret = create_api_key("shop", ["facts"])
    new, _new_plain, _new_secret = rotate(old, by=None, now=now)
    old.refresh_from_db()
    assert (old.expiry_date, old.replaced_by) == (now + timedelta(hours=24), new)
    assert new.expiry_date is None
    assert (valid_key(plain, clock=0.0), signing_secret(old.prefix)) == (old, secret)
    ApiKey.objects.filter(pk=old.pk).update(expiry_date=now)
    assert (valid_key(plain, clock=100.0), signing_secret(old.prefix)) == (None, None)


def test_without_an_overlap_the_old_key_ends_at_once(now):
    old, plain, _secret = create_api_key("shop", ["facts"])
    rotate(old, overlap=timedelta(0), by=None, now=now)
    assert valid_key(plain, clock=0.0) is None


def test_an_earlier_end_stays(now):
    soon = now + timedelta(hours=1)
    old, _plain, _secret = create_api_key("shop", ["facts"], expires=soon)
    rotate(old, by=None, now=now)
    old.refresh_from_db()
    assert old.expiry_date == soon


def test_a_key_is_replaced_once_and_the_one_that_replaced_it_can_be_too(now):
    first, _plain, _secret = create_api_key("shop", ["facts"])
    second, _plain, _secret = rotate(first, by=None, now=now)
    with pytest.raises(NotRotated, match=second.prefix):
        rotate(first, by=None, now=now)
    third, _plain, _secret = rotate(second, by=None, now=now)
    assert {key.client for key in (first, second, third)} == {first.prefix}


def test_a_revoked_key_is_not_replaced(now):
    key, _plain, _secret = create_api_key("shop", ["facts"])
    revoke(key, by=None, now=now)
    with translation.override("en"), pytest.raises(NotRotated, match="revoked"):
        rotate(key, by=None, now=now)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=30, seconds=1)])
def test_an_overlap_is_up_to_thirty_days(now, overlap):
    key, _plain, _secret = create_api_key("shop", ["facts"])
    with pytest.raises(NotRotated, match="30"):
        rotate(key, overlap=overlap, by=None, now=now)


def test_the_trail_tells_of_both_keys(now, olga):
    old, _plain, _secret = create_api_key("shop", ["facts"])
    new, _new_plain, _new_secret = rotate(old, by=olga, now=now)
    told = {record.action: record for record in AuditRecord.objects.all()}
    assert (told["api_key.rotated"].target_id, told["api_key.added"].target_id) == (old.prefix, new.prefix)
    assert told["api_key.rotated"].changes["replaced_by"] == [None, new.prefix]
    assert {record.actor_name for record in told.values()} == {"olga"}


def test_a_retry_with_the_new_key_finds_the_first_answer(now):
    old, plain, _secret = create_api_key("shop", ["play"])
    first = post(plain, {"name": "a"})
    _new, other, _other_secret = rotate(old, by=None, now=now)
    again = post(other, {"name": "a"})
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert IdempotencyKey.objects.get().client == old.prefix


def test_tokens_of_either_key_open_the_door_and_an_id_does_so_once(now):
    Member.objects.create(uid="ann")
    old, _plain, secret = create_api_key("shop", ["play"])
    enter(token(old, secret, "a"), now=now)
    new, _other, new_secret = rotate(old, by=None, now=now)
    enter(token(new, new_secret, "b"), now=now)
    for key, known, jti in [(new, new_secret, "a"), (old, secret, "b"), (new, new_secret, "b")]:
        with pytest.raises(EntryRefused) as refused:
            enter(token(key, known, jti), now=now)
        assert refused.value.code is EntryRefusal.USED
    ApiKey.objects.filter(pk=old.pk).update(expiry_date=now)
    with pytest.raises(EntryRefused) as refused:
        enter(token(old, secret, "c"), now=now)
    assert refused.value.code is EntryRefusal.UNKNOWN_CLIENT


def test_the_trail_names_both_keys_of_whoever_acts_with_the_second(now):
    old, _plain, _secret = create_api_key("shop", ["facts"])
    new, _other, _other_secret = rotate(old, by=None, now=now)
    assert actor_name(old) == f"shop ({old.prefix})"
    assert actor_name(new) == f"shop ({old.prefix} · {new.prefix})"
