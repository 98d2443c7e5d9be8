"""The demo shop is loaded once, whole, and lets one member of each kind in."""

import os
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from campaigns.models import Campaign
from members.models import Attribute, Event, Member, Order
from operations import jobs
from operations.models import ApiKey, Job
from rewards.models import Draw, Earning, Entry
from segmentation.models import Segment

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module", autouse=True)
def data_folder(tmp_path_factory):
    with override_settings(DATA_DIR=tmp_path_factory.mktemp("data")):
        yield


def load(**options):
    printed = StringIO()
    call_command("load_demo", members=200, stdout=printed, stderr=StringIO(), **options)
    return printed.getvalue()


def test_a_shop_with_members_of_its_own_is_left_alone(db):
    """Stands before the others, for whom the shop is loaded already."""
    Member.objects.create(uid="real")
    assert load(once=True) == ""
    with pytest.raises(CommandError):
        load()
    assert Member.objects.count() == 1


@pytest.fixture(scope="module")
def loaded(data_folder, django_db_setup, django_db_blocker):
    """What is printed when the shop is loaded: once, in a transaction around those of the tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(language="en")
        transaction.set_rollback(True)


@pytest.fixture
def printed(loaded, db):
    return loaded


def test_a_user_who_may_not_keep_its_passwords_is_told_where_before_anything_is_loaded(db, settings, monkeypatch):
    settings.DATA_DIR = "/srv/shop/.data"
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)

    with pytest.raises(CommandError, match=r"/srv/shop/\.data"):
        call_command("load_demo", members=200)

    assert not Member.objects.exists()


def test_the_shop_is_believable(printed):
    assert Member.objects.filter(uid__startswith="qm-").count() == 200
    # Two more came in by a file, as they do in the shop's own imports.
    assert Member.objects.count() == 202
    assert Order.objects.count() > 500
    assert 1_000 < Event.objects.count() < 200 * 40
    assert Event.objects.exclude(type="campaign_visit").values("type").distinct().count() == 7
    assert not Event.objects.filter(occurred_at__gt=timezone.now()).exists()
    assert set(Attribute.objects.exclude(label_en="").values_list("slug", flat=True)) >= {"city", "skin-type"}
    assert Campaign.objects.get(slug="double-twelve").state == "live"
    assert Draw.objects.exists()
    assert all(segment.members for segment in Segment.objects.all())


def test_one_member_of_each_kind_gets_a_link_that_works(printed, client, settings):
    settings.SECURE_SSL_REDIRECT = False
    links = [line.strip() for line in printed.splitlines() if "/h5/enter/" in line]
    assert len(links) == 3
    chains = set()
    for link in links:
        page = client.get(link.removeprefix("http://127.0.0.1:8000"), follow=True)
        assert page.status_code == 200
        chains |= {chain for chain in ("buy-first", "buy-milk", "buy-plus") if f"/t/{chain}/" in page.content.decode()}
        client.cookies.clear()
    assert User.objects.get(username="admin").check_password(printed.split("admin / ")[1].split()[0])


def test_the_second_time_nothing_changes_and_new_links_are_printed(printed):
    before = (Member.objects.count(), Draw.objects.count(), ApiKey.objects.count())
    again = load(language="en", once=True)
    assert (Member.objects.count(), Draw.objects.count(), ApiKey.objects.count()) == before
    assert again.count("/h5/enter/") == 3
    with pytest.raises(CommandError, match="loaded already"):
        load(language="en")


def test_workers_settle_what_the_orders_of_the_last_weeks_earn(printed):
    while waiting := list(Job.objects.filter(function__startswith="rewards.jobs.settle", state="queued")):
        for job in waiting:
            jobs.run(job.pk)
    assert set(Earning.objects.values_list("rule__slug", flat=True)) == {"order-points", "order-growth"}
    assert Entry.objects.filter(kind="pend").exists()
    assert not Job.objects.filter(function__startswith="rewards.", state="dead").exists()
