"""Pages of lists: nothing that was there all along is missed or comes twice; a cursor is good for its list alone."""

import random
from datetime import UTC, datetime

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from operations.api_errors import ApiError
from operations.models import IdempotencyKey
from operations.paging import MOST, NEWEST, OLDEST, Order, asked, page_of, refuse_unknown

ORDERS = {
    "newest": NEWEST,
    "oldest": OLDEST,
    "by a column that many share": Order(("client", "id")),
    "by three columns, backwards": Order(("client", "endpoint", "id"), descending=True),
    "by time": Order(("created_at", "id")),
}


def request(address="/api/v1/things/", **asked_for):
    return Request(APIRequestFactory().get(address, asked_for))


def fault_of(**asked_for):
    with pytest.raises(ApiError) as caught:
        asked(request(**asked_for))
    return caught.value


@pytest.mark.parametrize(
    ("text", "limit"),
    [("1", 1), ("0", 1), ("-3", 1), ("500", 500), ("501", MOST), ("0007", 7), ("9" * 5_000, MOST), ("-" + "9" * 99, 1)],
)
def test_a_limit_that_is_too_small_or_too_large_counts_as_the_nearest(text, limit):
    assert asked(request(limit=text)).limit == limit


def test_without_a_limit_a_page_is_as_long_as_is_usual():
    assert (asked(request()).limit, asked(request(), usual=7).limit) == (100, 7)


@pytest.mark.parametrize("text", ["", "x", "1.5", "１", "²", "1e3", " 5", "+5", "--5"])
def test_a_limit_that_is_no_number_is_refused_by_name(text):
    fault = fault_of(limit=text)
    assert (fault.code, fault.status, list(fault.fields)) == ("invalid", 400, ["limit"])


@pytest.mark.parametrize("text", ["x", "-1", "9" * 40, "１", "\x00", ".", "WzFd", "WzFd.", "WzFd.x", "é.ü", "\ud800"])
def test_what_is_no_cursor_is_refused(text):
    raw = request()
    raw._request.GET = raw._request.GET.copy()
    raw._request.GET["cursor"] = text
    with pytest.raises(ApiError) as caught:
        asked(raw)
    assert (caught.value.code, caught.value.status) == ("bad_cursor", 400)


def test_a_cursor_is_good_for_its_list_and_filters_only():
    cursor = asked(request(uid="ann", limit="2")).cursor((7,))
    assert asked(request(limit="9", cursor=cursor, uid="ann")).after == (7,)
    for other in ({}, {"uid": "bob"}, {"uid": "ann", "state": "granted"}):
        assert fault_of(cursor=cursor, **other).code == "bad_cursor"
    with pytest.raises(ApiError):
        asked(request("/api/v1/others/", uid="ann", cursor=cursor))


def test_a_cursor_that_was_changed_is_refused():
    cursor = asked(request()).cursor((7,))
    for position in range(len(cursor)):
        changed = cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
        assert fault_of(cursor=changed).code == "bad_cursor"


def test_parameters_that_a_list_does_not_take_are_refused_by_name():
    refuse_unknown(request(limit="1", cursor="x", uid="ann"), ["uid"])
    with pytest.raises(ApiError) as caught:
        refuse_unknown(request(limt="1", stat="x"), ["state"])
    assert caught.value.fields.keys() == {"limt", "stat"}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ORDERS)
def test_whatever_comes_and_goes_between_pages_what_stays_comes_once(name):
    for seed in range(8):
        chance = random.Random(f"{name} {seed}")
        IdempotencyKey.objects.all().delete()
        stays = {insert(chance, seed, number).pk for number in range(chance.randrange(25))}
        goes = {insert(chance, seed, 100 + number).pk for number in range(chance.randrange(10))}

        met = walk(chance, ORDERS[name], seed, goes)

        assert len(met) == len(set(met))
        assert stays - set(met) == set()


def walk(chance, order, seed, goes):
    """Read all pages, each of its own length; between them rows are inserted, and those of `goes` deleted."""
    met, cursor, number = [], {}, 1_000
    while cursor is not None:
        page = asked(request(limit=str(chance.randrange(1, 6)), **cursor))
        rows, following = page_of(IdempotencyKey.objects.all(), order, page)
        assert len(rows) <= page.limit
        met += [row.pk for row in rows]
        cursor = {"cursor": following} if following else None
        for _each in range(chance.randrange(3)):
            # Also the very row that the cursor was made from.
            going = rows[-1].pk if rows and rows[-1].pk in goes else next(iter(goes), None)
            goes.discard(going)
            IdempotencyKey.objects.filter(pk=going).delete()
            number += 1
            if number < 1_040:
                insert(chance, seed, number)
    return met


def insert(chance, seed, number):
    row = IdempotencyKey.objects.create(
        client=chance.choice("abc"), endpoint=chance.choice("xy"), key=f"{seed} {number}", body_hash=""
    )
    row.created_at = datetime(2026, 1, chance.randrange(1, 5), tzinfo=UTC)
    row.save(update_fields=["created_at"])
    return row


@pytest.mark.django_db
def test_a_page_is_one_query_whatever_its_length(django_assert_num_queries):
    chance = random.Random(1)
    for number in range(12):
        insert(chance, 0, number)
    for limit in ("1", "500"):
        page = asked(request(limit=limit))
        with django_assert_num_queries(1):
            rows, following = page_of(IdempotencyKey.objects.all(), NEWEST, page)
    assert (len(rows), following) == (12, None)
