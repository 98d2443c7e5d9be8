"""Where webhooks may go: which addresses are public, what a URL says, and what a name stands for. Cases in a table."""

import ipaddress
import json
import random
import threading
import time
from pathlib import Path

import pytest

from operations import webhook_endpoints
from operations.public_addresses import NotPublic, NotResolved, is_public, resolve
from operations.webhook_addresses import target_of
from operations.webhook_refusals import BadAddress

CASES = json.loads((Path(__file__).parent.parent / "cases" / "webhook_addresses.json").read_text(encoding="utf-8"))


def stands_for(*addresses):
    """Return a look-up that answers with these addresses."""
    return lambda _host, port: [(None, None, None, "", (address, port)) for address in addresses]


@pytest.mark.parametrize("address", CASES["public"])
def test_public_addresses(address):
    assert is_public(ipaddress.ip_address(address))
    assert resolve("shop.example", 443, seconds=1, lookup=stands_for(address)) == [address]


@pytest.mark.parametrize(("address", "_why"), CASES["not_public"])
def test_addresses_that_are_not_public(address, _why):
    assert not is_public(ipaddress.ip_address(address.partition("%")[0]))
    with pytest.raises(NotPublic) as caught:
        resolve("shop.example", 443, seconds=1, lookup=stands_for(address))
    assert caught.value.address == address


def test_nothing_is_public_that_python_knows_to_be_private():
    chance = random.Random(8)
    addresses = [ipaddress.IPv4Address(chance.getrandbits(32)) for _ in range(20_000)]
    addresses += [ipaddress.IPv6Address(chance.getrandbits(128)) for _ in range(20_000)]
    addresses += [ipaddress.IPv6Address((0x2001 << 112) | chance.getrandbits(112)) for _ in range(5_000)]
    assert not [each for each in addresses if is_public(each) and (each.is_private or each.is_multicast)]
    assert sum(map(is_public, addresses)) > 15_000


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(NotPublic):
        resolve("shop.example", 443, seconds=1, lookup=stands_for("1.1.1.1", "10.0.0.1"))


def test_private_addresses_are_given_where_they_are_wanted_and_each_once():
    lookup = stands_for("127.0.0.1", "::1", "127.0.0.1")
    assert resolve("localhost", 80, seconds=1, private=True, lookup=lookup) == ["127.0.0.1", "::1"]


def test_a_name_that_stands_for_nothing_is_not_resolved():
    def unknown(_host, _port):
        raise OSError("unknown")

    for lookup in (unknown, stands_for()):
        with pytest.raises(NotResolved):
            resolve("nobody.example", 443, seconds=1, lookup=lookup)


def test_a_name_server_that_is_silent_is_not_waited_for():
    answer = threading.Event()
    begun = time.monotonic()
    with pytest.raises(NotResolved):
        resolve("slow.example", 443, seconds=0.05, lookup=lambda _host, _port: answer.wait(5) and [])
    answer.set()
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("url", CASES["leads_to_this_machine"])
def test_this_machine_is_found_out_however_it_is_spelt(url, settings):
    settings.WEBHOOKS_TO_PRIVATE = False
    with pytest.raises(BadAddress) as caught:
        webhook_endpoints.check_url(url)
    assert caught.value.refusal == "webhook_address_not_public"


@pytest.mark.parametrize(("url", "host", "port", "path", "header"), CASES["taken"])
def test_an_address_is_taken_apart(url, host, port, path, header):
    target = target_of(url)
    assert (target.host, target.port, target.path, target.host_header) == (host, port, path, header)
    assert target.is_https


@pytest.mark.parametrize(("url", "refusal"), CASES["refused"])
def test_an_address_that_cannot_be_used_is_refused_by_name(url, refusal):
    with pytest.raises(BadAddress) as caught:
        target_of(url)
    assert caught.value.refusal == refusal


def test_an_address_of_more_than_500_characters_is_refused():
    assert target_of("https://a.example/".ljust(500, "x")).port == 443
    with pytest.raises(BadAddress):
        target_of("https://a.example/".ljust(501, "x"))


def test_plain_http_is_taken_where_it_is_wanted():
    target = target_of("http://127.0.0.1:8000/in", plain=True)
    assert (target.is_https, target.host, target.port, target.host_header) == (
        False,
        "127.0.0.1",
        8000,
        "127.0.0.1:8000",
    )
    assert target_of("http://127.0.0.1/", plain=True).host_header == "127.0.0.1"


@pytest.mark.parametrize("seed", range(5))
def test_no_text_at_all_makes_more_than_a_bad_address(seed):
    chance = random.Random(seed)
    letters = "https://[]@:#?%/\\.0aA1-_中ß\x00\n \u202e"
    for _ in range(2_000):
        url = chance.choice(["", "https://", "https://a.example"]) + "".join(chance.choices(letters, k=12))
        try:
            target = target_of(url)
        except BadAddress:
            continue
        assert target.host.isascii()
        assert target.path.isascii()
        assert target.path.startswith("/")
