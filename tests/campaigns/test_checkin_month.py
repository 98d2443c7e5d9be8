"""The month of a check-in: its days, those done, made up and missed, and what its page shows of them."""

from datetime import UTC, date, datetime

import pytest

from campaigns import checkin_month, checkin_page, entering, making_up, playing, turns
from members import touches
from rewards import ledger
from tests.campaigns import scenes


def test_a_month_knows_its_days_and_where_today_is():
    month = checkin_month.month_of(date(2026, 11, 22), {date(2026, 11, 1), date(2026, 11, 22)})
    assert len(month.days) == 30
    assert month.checked == 2
    first, today, tomorrow = month.days[0], month.days[21], month.days[22]
    assert (first.column, first.checked, first.today, first.ahead) == (7, True, False, False)
    assert (today.checked, today.today, today.ahead) == (True, True, False)
    assert (tomorrow.checked, tomorrow.ahead) == (False, True)


def page_of(member, now):
    with touches.together():
        play = entering.enter(member, "autumn", now=now)
        task = play.definition.by_key["check-in"]
        turn = turns.turn_of(play, task)
        facts = turns.facts_of(play.subject, task)
        return checkin_page.page(task.config, turns.standing_of(turn, facts), turn)


@pytest.mark.django_db
@pytest.mark.parametrize(("zone", "day"), [("", 12), ("America/New_York", 11)])
def test_days_are_those_of_the_campaigns_time_zone(settings, zone, day):
    settings.TIME_ZONE = "Asia/Shanghai"
    scenes.publish(time_zone=zone, tasks=[scenes.task("check-in", period="daily")])
    member = scenes.make_member()
    late = datetime(2026, 11, 11, 17, tzinfo=UTC)
    playing.submit(member, "autumn", "check-in", {}, now=late)

    month = page_of(member, late)["month"]

    assert [each.number for each in month.days if each.checked] == [day]


@pytest.mark.django_db
def test_a_made_up_day_stands_on_its_own_day_and_missed_ones_are_offered():
    make_up = {"days_back": 3, "per_month": 2, "unit": "points", "price": 5}
    streaks = [{"days": 2, "reward": {"points": 1}}, {"days": 7, "reward": {"points": 9}}]
    config = {"make_up": make_up, "streaks": streaks, "repeat": True}
    scenes.publish(tasks=[scenes.task("check-in", period="daily", config=config)])
    member = scenes.make_member()
    ledger.post_entry(member.pk, "points", amount=7, key="gift", reason="gift", now=scenes.NOW)
    playing.submit(member, "autumn", "check-in", {}, now=scenes.NOW)
    later = scenes.NOW + 2 * scenes.DAY
    making_up.make_up(member, "autumn", "check-in", {"day": "2026-11-12"}, now=later)

    shown = page_of(member, later)

    days = {each.number: each for each in shown["month"].days}
    assert [number for number, each in days.items() if each.checked] == [11, 12]
    assert (days[11].made_up, days[12].made_up, days[10].missed, days[9].missed) == (False, True, True, False)
    assert shown["make_up"].days == (date(2026, 11, 10),)
    assert (shown["make_up"].left, shown["make_up"].balance, shown["make_up"].affordable) == (1, 23, True)
    assert shown["streak"] == 2
    assert [(each.days, each.place, each.reached) for each in shown["bonuses"]] == [(2, 2, True), (7, 2, False)]
