"""From where a participant plays: what is believed, and how little of it is kept."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from campaigns import origins
from tests.campaigns.scenes import NOW


def asked(device=None, **headers):
    request = RequestFactory().get("/h5/c/autumn/", REMOTE_ADDR="10.0.0.9", **headers)
    if device:
        request.COOKIES["device"] = device
    return request


def fresh_device():
    answer = HttpResponse()
    origins.keep_device(asked(), answer)
    return answer.cookies["device"]


def test_a_browser_is_given_a_device_once_and_keeps_it():
    cookie = fresh_device()

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/h5/")
    assert cookie["max-age"] == 400 * 24 * 3600
    again = HttpResponse()
    origins.keep_device(asked(cookie.value), again)
    assert not again.cookies


def test_the_device_cookie_travels_by_tls_only(settings):
    settings.LOCAL_HTTP = False
    assert fresh_device()["secure"]


def test_one_browser_is_one_device_and_a_made_up_one_is_none():
    first, second = fresh_device().value, fresh_device().value
    devices = [origins.origin_of(asked(value), now=NOW).device for value in (first, first, second)]

    assert devices[0] == devices[1] != devices[2]
    assert len(devices[0]) == 32
    assert first.partition(":")[0] not in devices[0]
    assert origins.origin_of(asked("made-up:by-hand"), now=NOW).device == ""
    assert origins.origin_of(asked(), now=NOW).device == ""


def test_an_address_is_known_for_one_day_and_as_its_network():
    def hashed(address, now=NOW):
        return origins.hashed_address(address, now=now)

    assert hashed("1.2.3.4") == hashed("::ffff:1.2.3.4") != hashed("1.2.3.5")
    assert hashed("2001:db8:1:2:3::4") == hashed("2001:db8:1:2:ffff::1") != hashed("2001:db8:1:3::4")
    assert hashed("1.2.3.4") != hashed("1.2.3.4", NOW + timedelta(days=1))
    assert hashed("") == hashed("unknown") == hashed("1.2.3") == ""


def test_a_shop_may_name_the_origin_of_its_participants():
    def named(device="", address=""):
        return origins.origin_named(device, address, now=NOW)

    assert named() is None
    assert named("phone-1").device == named("phone-1").device != named("phone-2").device
    assert named(address="1.2.3.4").address == origins.hashed_address("1.2.3.4", now=NOW)
    for wrong in ({"device": "x" * 201}, {"address": "here"}):
        with pytest.raises(ValueError, match=r"device|address|IPv4"):
            named(**wrong)
