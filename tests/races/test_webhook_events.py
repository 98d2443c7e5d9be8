"""Webhooks beside what they tell of: the order of one member's events, endpoints that go, members who are erased."""

from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, transaction
from django.utils import timezone

from members import erasing
from members.models import Member
from operations import webhook_deletion, webhook_endpoints
from operations.models import WebhookDelivery, WebhookEndpoint, WebhookEvent
from rewards import ledger
from rewards.drawing import draw
from rewards.models import Draw
from segmentation import packages
from segmentation.packages import Content
from tests.listening import listen, told
from tests.races.together import at_once
from tests.rewards.build import NOW, SCOPE, books_are_right, gift, members, published, with_chances

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8
ROUNDS = 5


def earn(member, key):
    ledger.post_entry(member.pk, "points", amount=1, key=key, reason="test", now=NOW)


def is_waiting():
    """Tell whether somebody waits for what this transaction has locked; other tests have databases beside this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


def until(condition):
    ends = monotonic() + 20
    while not condition() and monotonic() < ends:
        sleep(0.01)


def one_after_the_other(first, second):
    """Let `second` begin when `first` has done all but commit, which it does once `second` waits for it, or is done."""
    has_begun, is_done = Event(), Event()

    def work(index):
        if index == 0:
            with transaction.atomic():
                first()
                has_begun.set()
                until(lambda: is_done.is_set() or is_waiting())
        else:
            has_begun.wait(20)
            try:
                second()
            finally:
                is_done.set()

    return at_once(2, work)


def mark(endpoint):
    webhook_endpoints.delete(endpoint, by=None, now=NOW)


def go_on(endpoint):
    """Run the deletion's next job."""
    webhook_deletion.go_on(endpoint.pk, now=timezone.now())


def is_there(endpoint):
    return WebhookEndpoint.with_deleted.filter(pk=endpoint.pk).exists()


def delete(endpoint):
    mark(endpoint)
    until(lambda: go_on(endpoint) or not is_there(endpoint))


def delete_rest(endpoint):
    until(lambda: go_on(endpoint) or not is_there(endpoint))
    assert not is_there(endpoint)
    assert not WebhookDelivery.objects.exists()


def content_of(people):
    return Content(packages.BitMap([member.pk for member in people]), {})


def balances_told():
    ids = WebhookDelivery.objects.order_by("id").values_list("event_id", flat=True)
    assert list(ids) == sorted(ids)
    return [data["balance"] for _kind, data in told("points.changed")]


def test_the_order_of_the_ids_is_that_of_the_balances():
    (member,) = members(1)
    listen("points.changed")
    assert at_once(THREADS, lambda index: [earn(member, f"{index}:{each}") for each in range(5)])
    assert balances_told() == list(range(1, THREADS * 5 + 1))


def test_who_comes_second_to_an_account_is_told_second_though_the_first_is_slow_to_commit():
    (member,) = members(1)
    earn(member, "before")
    listen("points.changed")
    assert one_after_the_other(lambda: earn(member, "first"), lambda: earn(member, "second")) == [None, None]
    assert balances_told() == [2, 3]


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_an_endpoint_that_is_deleted_while_draws_run_fails_none_of_them(turn):
    version = published((gift("points-5", "points", amount=5), 999_999, None), consolation=(gift("thanks"), 1))
    people = with_chances(THREADS, each=4)
    kept, gone = listen(name="kept"), listen(name="gone")

    def work(index):
        if index == 0:
            delete(gone)
        else:
            for number in range(4):
                key = f"tap-{number}"
                draw(people[index].pk, scope=SCOPE, version_id=version.pk, request_key=key, roll=0, now=NOW)

    assert at_once(THREADS, work) == [None] * THREADS
    assert Draw.objects.count() == (THREADS - 1) * 4
    assert not WebhookDelivery.objects.exclude(endpoint=kept).exists()
    assert (
        WebhookDelivery.objects.filter(endpoint=kept).count()
        == WebhookEvent.objects.count()
        == Draw.objects.count() * 3
    )
    assert books_are_right()


def test_whoever_deletes_an_endpoint_leaves_it_to_a_job_while_something_tells_it():
    (member,) = members(1)
    endpoint = listen("points.changed")

    def begin_to_delete():
        mark(endpoint)
        go_on(endpoint)
        assert is_there(endpoint)

    assert one_after_the_other(lambda: earn(member, "k"), begin_to_delete) == [None, None]
    assert WebhookDelivery.objects.count() == 1
    delete_rest(endpoint)


def test_nobody_waits_for_one_that_is_being_deleted():
    (member,) = members(1)
    endpoint = listen("points.changed")
    earn(member, "before")
    with transaction.atomic():
        mark(endpoint)
        assert at_once(1, lambda _index: earn(member, "beside the mark")) == [None]
    with transaction.atomic():
        go_on(endpoint)
        assert at_once(1, lambda _index: earn(member, "beside a slice")) == [None]
    with transaction.atomic():
        go_on(endpoint)
        go_on(endpoint)
        assert not is_there(endpoint)
        assert at_once(1, lambda _index: earn(member, "beside the end")) == [None]
    assert not WebhookDelivery.objects.exists()
    assert balances_told() == [1, 2]
    assert ledger.balances(member.pk)["points"] == 4


def test_a_try_that_is_written_down_beside_a_slice_fails_neither():
    (member,) = members(1)
    endpoint = listen("points.changed")
    earn(member, "k")
    delivery = WebhookDelivery.objects.get()
    mark(endpoint)

    def note():
        list(WebhookDelivery.objects.select_for_update().filter(pk=delivery.pk))
        delivery.tries.create(number=1, at=NOW)

    def slice_beside_it():
        go_on(endpoint)
        assert is_there(endpoint)

    assert one_after_the_other(note, slice_beside_it) == [None, None]
    delete_rest(endpoint)


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_erasures_beside_a_segment_that_tells_of_its_members_leave_no_event(turn):
    people = members(THREADS)
    listen()

    def work(index):
        if index == 0:
            packages.make("list", "List", content_of(people), by=None, now=NOW)
        elif index % 2:
            erasing.erase(people[index].pk, by=None, reason="race", now=NOW)

    assert at_once(THREADS, work) == [None] * THREADS
    living = set(Member.objects.filter(erased_at=None).values_list("uid", flat=True))
    assert {data["uid"] for _kind, data in told()} == living


def test_an_erasure_waits_for_a_segment_that_tells_of_the_member_at_this_moment():
    people = members(2)
    listen()

    def publish():
        packages.make("list", "List", content_of(people), by=None, now=NOW)

    def erase():
        erasing.erase(people[0].pk, by=None, reason="race", now=NOW)

    assert one_after_the_other(publish, erase) == [None, None]
    assert [data["uid"] for _kind, data in told()] == ["m1"]


def test_whoever_changes_an_endpoint_holds_up_nobody_who_tells():
    (member,) = members(1)
    endpoint = listen("points.changed")
    with transaction.atomic():
        WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(last_delivered_at=NOW)
        assert at_once(1, lambda _index: earn(member, "k")) == [None]
    assert balances_told() == [1]
