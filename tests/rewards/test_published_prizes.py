"""What participants read of a pool before they draw: complete, and from the version that draws (L1)."""

from decimal import Decimal

import pytest
from django.utils import translation

from rewards import listing, pools
from rewards.models import Prize, PrizePool
from rewards.odds import SCALE
from rewards.published_prizes import published_pool
from tests.rewards.build import NOW, gift, members, pool

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def version():
    """Publish a pool; keywords set rules of the pool and, as `gold`, limits of its prize."""

    def make(gold=None, **rules):
        first = gift("gold", "physical", face_value=Decimal("99.50"), description="Of 24 carats")
        draft = pool((first, 1_000, 10), consolation=(gift("plus", "points", amount=1), SCALE - 1_000))
        Prize.objects.filter(key="gold").update(**(gold or {}))
        PrizePool.objects.update(**rules)
        return pools.publish_pool(draft, by=None, now=NOW)

    return make


def read(version):
    return published_pool(version.pool.slug, version.number)


def test_each_prize_says_what_it_is_worth_how_likely_and_how_many(version):
    gold, plus = read(version(gold={"per_day": 3, "per_hour": 1, "per_member": 2})).prizes
    assert (gold.name, gold.worth, gold.percent, gold.description) == ("Gold", "99.50", "0.1%", "Of 24 carats")
    assert gold.limits == ("10 in all", "3 a day", "1 an hour", "at most 2 each")
    assert (plus.limits, plus.percent, plus.consolation) == (("Unlimited",), "99.9%", True)


def rules_of(version):
    return " ".join(read(version).rules)


def test_without_rules_of_its_own_a_pool_says_how_a_draw_works(version):
    assert read(version()).rules == (
        "Each draw uses one chance. The probabilities total 100% and are the same for every draw from this pool.",
        "A draw that hits a prize which has run out or reached a limit gives “Plus”.",
    )


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"price": 20}, "Without a chance, a draw costs 20 points."),
        ({"price": 20, "bought_per_day": 1}, "At most 1 draw a day can be had for points."),
        ({"draws_per_day": 3}, "You can draw at most 3 times a day."),
        ({"wins_per_member": 1}, "One member can win at most 1 prize here besides the consolation prize."),
        ({"every_draw_wins": True}, "Every draw wins: there are no blanks."),
        (
            {"guarantee_after": 10, "guarantee_prize": "gold"},
            "whoever draws 9 times in a row and gets nothing but the consolation prize wins “Gold” at draw 10 at the"
            " latest. Every win starts the count anew. The guaranteed prize is given as long as it can be won",
        ),
        ({"gold": {"per_hour": 1}}, "Released by time: of “Gold” only as many can be won each day or hour"),
    ],
)
def test_each_rule_that_draws_follow_is_said_in_words(version, rules, said):
    assert said in rules_of(version(**rules))


def test_a_guarantee_that_cannot_fail_has_no_reservation(version):
    said = rules_of(version(gold={"stock": None}, guarantee_after=10, guarantee_prize="gold"))
    assert "Guaranteed win" in said
    assert "as long as" not in said


def test_the_ways_to_claim_are_those_of_the_prizes(version):
    assert read(version()).claiming == (
        "Points, growth value and draws are credited at once.",
        "Tell us under “Mine” where to send what has to be sent; delivery is free.",
    )


def test_a_prize_with_a_white_list_says_so_and_the_consolation_prize_is_for_everyone(version):
    made = version()
    members(1)
    listing.list_members(made.pool, ["m0"], kind="white", prize="", reason="Members' day", by=None, now=NOW)
    assert [prize.invited for prize in read(made).prizes] == [True, False]


def test_an_older_version_reads_as_it_was_published(version):
    first = version()
    Prize.objects.filter(key="gold").update(stock=20)
    first.prizes.get(key="gold").gift.__class__.objects.filter(slug="gold").update(name="Pure gold")
    second = pools.publish_pool(first.pool, by=None, now=NOW)
    assert [(read(each).prizes[0].name, read(each).prizes[0].stock) for each in (first, second)] == [
        ("Gold", 10),
        ("Pure gold", 20),
    ]


def test_what_was_never_published_is_not_there():
    assert published_pool("nowhere", 1) is None


def test_it_is_read_with_one_query(version, django_assert_num_queries):
    made = version()
    with django_assert_num_queries(1):
        assert len(read(made).prizes) == 2
