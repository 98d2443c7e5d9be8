"""API keys from the command line."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from operations.api_keys import create_api_key, signing_secret, valid_key
from operations.models import ApiKey, AuditRecord

pytestmark = pytest.mark.django_db


def printed(capsys, *arguments):
    call_command(*arguments)
    return capsys.readouterr().out.splitlines()


def test_a_key_is_created_with_an_end_and_addresses(capsys, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    printed(
        capsys,
        *("create_api_key", "shop", "--scope", "facts", "--expires", "2126-01-31"),
        *("--address", "203.0.113.7", "--address", "2001:db8::/32"),
    )
    key = ApiKey.objects.get()
    assert timezone.localtime(key.expiry_date).isoformat() == "2126-01-31T23:59:59.999999+08:00"
    assert key.address_ranges == ["203.0.113.7/32", "2001:db8::/32"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--expires", "tomorrow"], "tomorrow"),
        (["--expires", "2126-02-30"], "2126-02-30"),
        (["--expires", "2020-01-01"], "over already"),
        (["--address", "shop.example"], "shop.example"),
        (["--address", "203.0.113.7/24"], "203.0.113.0/24"),
    ],
)
def test_a_bad_end_or_address_is_named(given, said):
    with pytest.raises(CommandError, match=said):
        call_command("create_api_key", "shop", "--scope", "facts", *given)
    assert not ApiKey.objects.exists()


def test_a_key_is_replaced_and_the_new_one_printed_once(capsys):
    old, _plain, _secret = create_api_key("shop", ["facts"])
    lines = printed(capsys, "rotate_api_key", old.prefix, "--overlap-hours", "2")
    new = valid_key(lines[0].removeprefix("key: "), clock=0.0)
    assert new.client == old.prefix
    assert signing_secret(new.prefix) == lines[1].removeprefix("signing secret: ")
    old.refresh_from_db()
    assert timedelta(hours=1, minutes=59) < old.expiry_date - timezone.now() <= timedelta(hours=2)
    assert old.prefix in lines[2]
    assert new.prefix in lines[2]


@pytest.mark.parametrize("command", ["rotate_api_key", "revoke_api_key"])
@pytest.mark.parametrize("prefix", ["unknown1", "", "\x00"])
def test_an_unknown_key_is_named(command, prefix):
    with pytest.raises(CommandError, match="list_api_keys"):
        call_command(command, prefix)


@pytest.mark.parametrize("hours", ["-1", "721", "99999999999999"])
def test_an_overlap_that_is_none_is_refused(hours):
    key, _plain, _secret = create_api_key("shop", ["facts"])
    with pytest.raises(CommandError):
        call_command("rotate_api_key", key.prefix, "--overlap-hours", hours)
    assert ApiKey.objects.count() == 1


def test_a_key_is_revoked_once_and_recorded(capsys):
    key, plain, _secret = create_api_key("shop", ["facts"])
    assert key.prefix in printed(capsys, "revoke_api_key", key.prefix)[0]
    assert valid_key(plain, clock=0.0) is None
    with pytest.raises(CommandError, match="already"):
        call_command("revoke_api_key", key.prefix)
    with pytest.raises(CommandError, match=key.prefix):
        call_command("rotate_api_key", key.prefix)
    assert AuditRecord.objects.get(action="api_key.revoked").actor_name == ""


def test_the_list_tells_how_each_key_stands_and_shows_none(capsys):
    key, plain, secret = create_api_key("the shop", ["facts", "play"], address_ranges=["203.0.113.0/24"])
    valid_key(plain, address="203.0.113.7", clock=0.0)
    printed(capsys, "rotate_api_key", key.prefix)
    heading, first, second = printed(capsys, "list_api_keys")
    assert heading.startswith("prefix")
    assert first.split()[:3] == [key.prefix, key.prefix, "replaced"]
    assert second.split()[1:3] == [key.prefix, "valid"]
    assert "facts,play" in first
    assert "203.0.113.0/24" in second
    assert first.endswith("the shop")
    assert plain.partition(".")[2] not in first
    assert secret not in first
