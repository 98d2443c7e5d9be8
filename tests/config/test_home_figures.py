"""Today's figures on the first page: the same time of yesterday, the site's midnight, and what they cost."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.utils import translation

from campaigns.day_figures import DAYS, Figure, day_figures
from config import home_figures
from config.home_figures import change_words
from operations.curves import line, spark
from rewards.models import Award, Gift
from tests.campaigns.scenes import make_member, publish

# Five past midnight in Shanghai, while it is still yesterday in UTC.
PAST_MIDNIGHT = datetime(2026, 5, 31, 16, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()


@pytest.fixture
def joined(db):
    """Let a member join at each of the moments."""
    campaign = publish()

    def join(*moments: datetime) -> None:
        for moment in moments:
            member = make_member(f"m{campaign.enrolments.count()}")
            campaign.enrolments.create(member=member, joined_at=moment)

    return join


def participants(now: datetime):
    (found,) = day_figures([Figure.PARTICIPANTS], now=now)
    return found


def test_today_begins_at_the_sites_midnight(joined):
    midnight = PAST_MIDNIGHT - timedelta(minutes=5)
    joined(midnight, midnight - timedelta(microseconds=1))
    found = participants(PAST_MIDNIGHT)
    assert (found.now, found.today) == (1, (1,))
    assert (found.yesterday[23], sum(found.yesterday)) == (1, 1)


def test_yesterday_counts_until_the_same_time_of_the_day(joined):
    same_time = PAST_MIDNIGHT - DAY
    joined(same_time - timedelta(microseconds=1), same_time, same_time + HOUR)
    found = participants(PAST_MIDNIGHT)
    assert (found.before, sum(found.yesterday), found.now) == (1, 3, 0)


def test_what_lies_ahead_is_not_counted(joined):
    joined(PAST_MIDNIGHT, PAST_MIDNIGHT + HOUR)
    assert participants(PAST_MIDNIGHT).now == 1


def test_days_before_are_told_two_weeks_back_and_no_further(joined):
    joined(PAST_MIDNIGHT - 13 * DAY, PAST_MIDNIGHT - 13 * DAY - 6 * timedelta(minutes=1), PAST_MIDNIGHT - 2 * DAY)
    days = [number for _day, number in participants(PAST_MIDNIGHT).days]
    assert len(days) == DAYS
    assert days == [1, *[0] * 10, 1, 0, 0]


def test_cost_is_the_sum_of_awards_that_were_not_taken_back(db):
    member, gift = make_member(), Gift.objects.create(slug="mug", name="Mug", kind="physical")
    for number, state in enumerate(["granted", "granted", "reversed"]):
        Award.objects.create(
            member=member, gift=gift, key=f"a{number}", source="test", state=state, cost=550, granted_at=PAST_MIDNIGHT
        )
    awards, cost = day_figures([Figure.AWARDS, Figure.COST], now=PAST_MIDNIGHT)
    assert (awards.now, cost.now) == (2, 1_100)


def test_days_that_are_over_are_asked_for_once(joined, django_assert_num_queries):
    joined(PAST_MIDNIGHT)
    with django_assert_num_queries(2):
        day_figures(list(Figure), now=PAST_MIDNIGHT)
    with django_assert_num_queries(1):
        day_figures(list(Figure), now=PAST_MIDNIGHT)
    with django_assert_num_queries(0):
        assert day_figures([], now=PAST_MIDNIGHT) == []


def test_only_figures_that_a_user_may_see_are_counted(db):
    vera = User.objects.create_user("vera", is_staff=True)
    assert home_figures.figures(vera, chosen="", now=PAST_MIDNIGHT) is None
    vera.user_permissions.set(Permission.objects.filter(codename="view_draw"))
    found = home_figures.figures(User.objects.get(pk=vera.pk), chosen="cost", now=PAST_MIDNIGHT)
    assert [card.key for card in found.cards] == ["draws"]


def test_the_card_tells_both_days(joined, admin_user):
    joined(PAST_MIDNIGHT - DAY - timedelta(minutes=1), PAST_MIDNIGHT, PAST_MIDNIGHT, PAST_MIDNIGHT)
    with translation.override("en"):
        card = home_figures.figures(admin_user, chosen="", now=PAST_MIDNIGHT).cards[0]
    assert (card.shown, card.change, card.way) == ("3", "+200 %", "up")
    assert card.before == "yesterday by 00:05: 1"


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (5, 0, ("", "up")),
        (0, 0, ("", "level")),
        (4, 4, ("±0 %", "level")),
        (3, 4, ("−25 %", "down")),
        (0, 4, ("−100 %", "down")),
        (10**6, 1, ("", "up")),
    ],
)
def test_a_change_is_told_where_there_is_something_to_compare(now, before, told):
    assert change_words(now, before) == told


def test_columns_and_lines_stay_within_their_chart():
    columns = spark("x", [("a", 0), ("b", 1), ("c", 1_000)]).columns
    assert [column.height for column in columns] == ["0.0", "4.0", "100.0"]
    assert line("today", "Today", [0, 5], most=10).points == "5.0,100.0 15.0,50.0"
    assert line("today", "Today", [], most=0).area == ""
    assert line("today", "Today", [0], most=0).points == "5.0,100.0"
