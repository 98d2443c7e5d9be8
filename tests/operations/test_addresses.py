"""Whose address counts, and the ranges of addresses that a key may be bound to."""

import pytest
import structlog

from config.access_log import AccessLog
from operations.addresses import BadRange, address_of, checked_ranges, is_within, network_of, normal_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", ""),
        (1, "", ""),
        (1, "unknown", ""),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
    ],
)
def test_what_stands_before_the_proxies_own_entries_is_not_believed(settings, rf, proxies, forwarded, address):
    settings.PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(request) == address
    with structlog.contextvars.bound_contextvars(ip=None):
        AccessLog.bind_ip(request)
        assert structlog.contextvars.get_contextvars()["ip"] == address


def test_an_address_has_one_way_of_being_written():
    assert normal_address(" 2001:DB8:0::1 ") == "2001:db8::1"
    assert normal_address("fe80::1%eth0") == "fe80::1"
    assert [normal_address(text) for text in ("", "1.2.3", "01.2.3.4", "shop.example", "1.2.3.4:80", "\x00")] == [
        ""
    ] * 6


def test_the_network_of_an_address_is_itself_or_the_half_of_ipv6_that_one_machine_is_given():
    assert network_of("1.2.3.4") == "1.2.3.4"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::"
    assert network_of("") == network_of("unknown") == ""


def test_ranges_are_kept_each_once_as_networks():
    given = ["10.0.0.0/8", "2001:db8::/32", " 203.0.113.7 ", "10.0.0.0/8", "::ffff:192.0.2.0/120"]
    assert checked_ranges(given) == ["10.0.0.0/8", "192.0.2.0/24", "203.0.113.7/32", "2001:db8::/32"]
    assert checked_ranges([]) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("shop.example", "“shop.example”"),
        ("10.0.0.0/33", "“10.0.0.0/33”"),
        ("10.0.0.0-10.0.0.9", "203.0.113.0/24"),
        ("", "203.0.113.0/24"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("２", "“２”"),
    ],
)
def test_what_is_no_range_is_refused_with_what_would_be_one(text, told):
    with pytest.raises(BadRange, match=told):
        checked_ranges(["192.0.2.1", text])


def test_a_hundred_ranges_are_enough():
    with pytest.raises(BadRange, match="100"):
        checked_ranges(f"10.0.{number}.0/24" for number in range(101))


@pytest.mark.parametrize(
    ("ranges", "address", "within"),
    [
        ((), "203.0.113.7", True),
        ((), "", True),
        (("203.0.113.0/24",), "203.0.113.255", True),
        (("203.0.113.0/24",), "203.0.114.0", False),
        (("203.0.113.0/24", "2001:db8::/32"), "2001:db8:ffff::1", True),
        (("0.0.0.0/0",), "2001:db8::1", False),
        (("203.0.113.0/24",), "", False),
    ],
)
def test_an_address_is_within_a_range_or_it_is_not(ranges, address, within):
    assert is_within(ranges, address) is within
