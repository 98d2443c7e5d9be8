from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from campaigns import checkin_month, playing, published
from tests.campaigns import scenes


def test_a_month_knows_its_days_and_where_today_is():
    month = checkin_month.month_of(date(2026, 11, 22), {date(2026, 11, 1), date(2026, 11, 22)})
    assert len(month.days) == 30
    assert month.checked == 2
    first, today, tomorrow = month.days[0], month.days[21], month.days[22]
    assert (first.column, first.checked, first.today, first.ahead) == (7, True, False, False)
    assert (today.checked, today.today, today.ahead) == (True, True, False)
    assert (tomorrow.checked, tomorrow.ahead) == (False, True)


@pytest.mark.django_db
def test_days_are_those_of_the_sites_time_zone(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    scenes.publish(tasks=[scenes.task("check-in", period="daily")])
    member = scenes.make_member()
    late = datetime(2026, 11, 11, 17, tzinfo=UTC)
    playing.submit(member, "autumn", "check-in", {}, now=late)
    assert published.definition_of("autumn") is not None
    days = checkin_month.days_checked_in(
        member.pk, "autumn", "check-in", date(2026, 11, 12), timezone.get_default_timezone()
    )
    assert days == {date(2026, 11, 12)}
