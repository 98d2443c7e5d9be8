"""Awards, draws, entries and gifts as API clients list them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rewards import ledger
from rewards.awards import grant_award
from rewards.drawing import draw
from rewards.models import Award, Unit
from tests.rewards.build import NOW, SCOPE, coupon, gift, members, published, with_chances
from tests.rewards.test_api import client

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
API = "/api/v1/"


def ask(path, *scopes, **query):
    answer = client(*(scopes or ("rewards", "eligibility", "play"))).get(f"{API}{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def refused(path, **query):
    answer = client("rewards", "eligibility", "play").get(f"{API}{path}", query, headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    return answer.json()["fields"]


@pytest.fixture
def awards():
    """Five awards of two members, a day apart; what is over by now is the second."""
    ann, bob = members(2)
    tea, cake = gift("tea", "shared_coupon"), coupon("cake", codes=2)
    now = timezone.now()
    given = [
        grant_award(tea, ann.pk, key="1", source="task", now=now - 5 * DAY, scope="campaign:autumn"),
        grant_award(tea, bob.pk, key="2", source="task", now=now - 4 * DAY, scope="campaign:autumn"),
        grant_award(cake, ann.pk, key="3", source="mall", now=now - 3 * DAY, scope="mall"),
        grant_award(cake, bob.pk, key="4", source="draw", now=now - 2 * DAY, scope="campaign:winter"),
        grant_award(gift("thanks"), bob.pk, key="5", source="draw", now=now - DAY, scope="campaign:winter"),
    ]
    Award.objects.filter(key="2").update(expires_at=now - DAY)
    Award.objects.filter(key="3").update(state="redeemed")
    return [each.pk for each in given]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"ordering": "granted_at"}, [1, 2, 3, 4]),
        ({"uid": "m0"}, [3, 1]),
        ({"uid": "nobody"}, []),
        ({"uid": " m0"}, []),
        ({"gift": "tea"}, [2, 1]),
        ({"state": "granted"}, [4, 1]),
        ({"state": "expired"}, [2]),
        ({"state": "redeemed"}, [3]),
        ({"campaign": "autumn"}, [2, 1]),
        ({"scope": "mall"}, [3]),
        ({"campaign": "autumn", "uid": "m1"}, [2]),
    ],
)
def test_awards_are_found_by_what_the_filters_say(awards, query, found):
    assert [each["id"] for each in ask("awards/", **query)["awards"]] == [awards[number - 1] for number in found]


def test_awards_of_a_time_begin_with_it_and_end_before_the_end(awards):
    second, fourth = (Award.objects.get(pk=awards[number]).granted_at.isoformat() for number in (1, 3))
    found = ask("awards/", since=second, until=fourth)["awards"]
    assert [each["id"] for each in found] == [awards[2], awards[1]]


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59+23:59", "2026-11-21T20:00:00-23:59", "1000-01-01T00:00:00Z"])
def test_a_time_of_a_zone_that_the_database_does_not_know_is_a_time(awards, time):
    assert len(ask("awards/", since=time)["awards"]) + len(ask("awards/", until=time)["awards"]) == len(
        ask("awards/")["awards"]
    )


def test_a_time_before_the_first_day_is_refused_by_its_name(awards):
    assert list(refused("awards/", since="0001-01-01T00:00:00+23:59")) == ["since"]


def test_an_award_tells_whose_and_what_it_is_but_never_its_code(awards):
    answer = client("rewards").get(f"{API}awards/", {"gift": "cake", "uid": "m1"})
    (award,) = answer.json()["awards"]
    assert award | {"granted_at": 0} == {
        "id": awards[3], "uid": "m1", "gift": "cake", "name": "Cake", "kind": "coupon", "amount": None,
        "state": "granted", "campaign": "winter", "scope": "campaign:winter", "source": "draw", "granted_at": 0,
        "usable_from": None, "expires_at": None, "changed_at": None,
    }  # fmt: skip
    assert "cake-" not in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "query", "fields"),
    [
        ("awards/", {"state": "gone"}, {"state"}),
        ("awards/", {"gift": "none", "uid": "x"}, {"gift"}),
        ("awards/", {"since": "yesterday", "until": "2026-13-01"}, {"since", "until"}),
        ("awards/", {"uid": ""}, {"uid"}),
        ("awards/", {"uid": " "}, {"uid"}),
        ("awards/", {"uid": "a\x00"}, {"uid"}),
        ("awards/", {"uid": "x" * 201}, {"uid"}),
        ("awards/", {"id": "1", "code": "x"}, {"id", "code"}),
        ("awards/", {"ordering": "cost"}, {"ordering"}),
        ("entries/", {"kind": "gift"}, {"kind"}),
        ("entries/", {"unit": "stars"}, {"unit"}),
        ("draws/", {"pool": "none"}, {"pool"}),
        ("gifts/", {"kind": "gold"}, {"kind"}),
        ("members/m0/entries/", {"uid": "m1"}, {"uid"}),
    ],
)
def test_bad_filters_are_named(path, query, fields):
    members(1)
    assert refused(path, **query).keys() == fields


def test_all_that_is_wrong_is_named_at_once_and_in_words():
    assert refused("awards/", state="x", colour="red", since="") == {
        "colour": [
            "This list does not take it; it takes uid, gift, state, campaign, scope, since, until, ordering, cursor, "
            "limit."
        ],
        "since": ["This is empty."],
        "state": ["Select a valid choice. x is not one of the available choices."],
    }


def test_draws_tell_what_was_drawn_and_what_it_won():
    (ann, bob) = with_chances(2, each=2)
    tea, thanks = gift("tea", "shared_coupon"), gift("thanks")
    version = published((tea, 500_000, None), consolation=(thanks, 500_000))
    for number, (member, roll) in enumerate([(ann, 0), (ann, 999_999), (bob, 0)]):
        at = NOW + number * DAY
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key=str(number), roll=roll, now=at)
    listed = ask("draws/", "play")["draws"]
    assert [(each["uid"], each["prize"]) for each in listed] == [("m1", "tea"), ("m0", "thanks"), ("m0", "tea")]
    assert listed[0].keys() >= {"draw", "award", "gift", "pool", "version", "drawn_at"}
    assert (listed[0]["campaign"], listed[0]["pool"], listed[0]["kind"]) == ("double-eleven", "wheel", "shared_coupon")
    for query, count in (
        ({"uid": "m0"}, 2),
        ({"prize": "tea"}, 2),
        ({"pool": "wheel"}, 3),
        ({"campaign": "double-eleven"}, 3),
        ({"campaign": "other"}, 0),
        ({"since": (NOW + DAY).isoformat()}, 2),
        ({"until": (NOW + DAY).isoformat()}, 1),
    ):
        assert len(ask("draws/", **query)["draws"]) == count


@pytest.fixture
def entries():
    ann, bob = members(2)
    Unit.objects.create(slug="stars", name="stars")
    for number, (member, unit, amount, reference) in enumerate(
        [
            (ann, "points", 30, "order:A"),
            (ann, "points", -10, "mall:mug"),
            (ann, "stars", 5, ""),
            (bob, "points", 7, ""),
        ]
    ):
        at = NOW + number * DAY
        ledger.post_entry(member.pk, unit, amount=amount, key=str(number), reason="test", reference=reference, now=at)


@pytest.mark.usefixtures("entries")
def test_entries_are_found_by_what_the_filters_say():
    for query, amounts in (
        ({}, [7, 5, -10, 30]),
        ({"ordering": "posted_at"}, [30, -10, 5, 7]),
        ({"uid": "m0"}, [5, -10, 30]),
        ({"uid": "m0", "unit": "points"}, [-10, 30]),
        ({"uid": "nobody"}, []),
        ({"kind": "spend"}, [-10]),
        ({"reference": "order:A"}, [30]),
        ({"since": (NOW + DAY).isoformat(), "until": (NOW + 3 * DAY).isoformat()}, [5, -10]),
    ):
        assert [each["amount"] for each in ask("entries/", "eligibility", **query)["entries"]] == amounts


@pytest.mark.usefixtures("entries")
def test_the_entries_of_one_member():
    answer = ask("members/m0/entries/", "eligibility", unit="points")
    assert (answer["uid"], [each["balance"] for each in answer["entries"]]) == ("m0", [20, 30])
    assert client("eligibility").get(f"{API}members/nobody/entries/").status_code == 404
    assert client("eligibility").get(f"{API}members/%00/entries/").status_code in {400, 404}


@pytest.mark.usefixtures("entries")
def test_pages_of_entries_follow_each_other_in_both_orders():
    for ordering in ("posted_at", "-posted_at"):
        first = ask("entries/", ordering=ordering, limit=3)
        second = ask("entries/", ordering=ordering, limit=3, cursor=first["next"])
        assert len({each["id"] for each in first["entries"] + second["entries"]}) == 4
        assert second["next"] is None


def test_what_is_left_of_a_gift_is_told_to_who_may_see_awards_only():
    coupon("cake", codes=2)
    gift("tea", "shared_coupon", stock=5, face_value=3)
    assert [each["left"] for each in ask("gifts/", "eligibility", "rewards")["gifts"]] == [
        {"count": 2, "more": False},
        {"count": 5, "more": False},
    ]
    answer = client("eligibility").get(f"{API}gifts/")
    assert [(each["slug"], "left" in each) for each in answer.json()["gifts"]] == [("cake", False), ("tea", False)]
    assert "SHARED" not in answer.content.decode()
    one = ask("gifts/tea/", "eligibility")
    assert (one["face_value"], one["kind"]) == ("3.00", "shared_coupon")
    assert client("eligibility").get(f"{API}gifts/none/").status_code == 404
    assert [each["slug"] for each in ask("gifts/", name="TE")["gifts"]] == ["tea"]
    assert [each["slug"] for each in ask("gifts/", kind="coupon")["gifts"]] == ["cake"]


@pytest.mark.parametrize(
    ("path", "scope"),
    [("awards/", "rewards"), ("draws/", "play"), ("entries/", "eligibility"), ("gifts/", "eligibility")],
)
def test_each_list_needs_its_scope(path, scope):
    others = {"facts", "eligibility", "play", "rewards", "webhooks"} - {scope}
    assert client(scope).get(f"{API}{path}").status_code == 200
    assert client(*others).get(f"{API}{path}").json()["code"] == "scope_missing"


@pytest.mark.parametrize(("path", "queries"), [("awards/", 1), ("draws/", 1), ("entries/", 1), ("gifts/", 1)])
def test_a_page_costs_as_many_queries_whatever_its_length(path, queries, django_assert_num_queries):
    people = with_chances(4, each=2)
    version = published((coupon("tea", codes=9), 500_000, None), consolation=(gift("thanks"), 500_000))
    for number, member in enumerate(people):
        draw(member.pk, scope=SCOPE, version_id=version.pk, request_key="a", roll=number, now=NOW)
        ledger.post_entry(member.pk, "points", amount=1, key=str(number), reason="test", now=NOW)
    api = client("rewards", "eligibility", "play")
    api.get(f"{API}{path}")
    for limit in (1, 2, 500):
        with django_assert_num_queries(queries):
            api.get(f"{API}{path}", {"limit": limit})


@pytest.mark.parametrize(
    ("path", "index"), [("awards/", "award_when"), ("draws/", "draw_when"), ("entries/", "entry_when")]
)
def test_a_page_from_long_ago_is_read_from_an_index(path, index):
    api = client("rewards", "eligibility", "play")
    with CaptureQueriesContext(connection) as asked:
        api.get(f"{API}{path}", {"until": "2020-01-01", "since": "2019-01-01"})
    listed = asked[-1]["sql"]
    with connection.cursor() as cursor:
        # Next to nothing is in the tables: whatever beats an index there is not to be considered.
        for other in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(f"EXPLAIN {listed}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Index Scan Backward using {index}" in plan
    assert "Sort" not in plan
