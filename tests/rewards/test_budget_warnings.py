"""Operators are told at 50, 80 and 100 %: once each, in the admin, in the log and by mail."""

import logging
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from operations import heartbeats
from operations.models import Job
from rewards import budget_warnings
from rewards.budget_words import warning_words
from rewards.budgets import standings
from rewards.models import Budget, BudgetUse, BudgetWarning
from tests.rewards.build import NOW, SCOPE, with_chances
from tests.rewards.priced import LAST, POOL, budget, drawn, priced

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def use(of: Budget, cents: int, day=None, promised: int = 0) -> None:
    BudgetUse.objects.update_or_create(
        budget=of, day=day, defaults={"allowed": of.cents, "drawn": cents, "promised": promised}
    )


def warned() -> list[int]:
    return sorted(BudgetWarning.objects.values_list("percent", flat=True))


@pytest.mark.parametrize(
    ("spent", "levels"),
    [(0, []), (499, []), (500, [50]), (799, [50]), (800, [50, 80]), (999, [50, 80]), (1_000, [50, 80, 100])],
)
def test_each_level_is_warned_of_when_it_is_reached(spent, levels):
    use(budget(1_000), spent)
    budget_warnings.warn(now=NOW)
    assert warned() == levels


def test_what_is_promised_counts_and_may_pass_what_is_allowed():
    held = budget(1_000)
    use(held, 300, promised=900)
    budget_warnings.warn(now=NOW)
    assert warned() == [50, 80, 100]
    assert BudgetWarning.objects.first().spent == 1_200


def test_a_level_is_told_of_once_however_often_one_looks(caplog):
    use(budget(1_000), 810)
    with caplog.at_level(logging.WARNING):
        for _each in range(3):
            budget_warnings.warn(now=NOW)
    assert warned() == [50, 80]
    (line,) = [record.getMessage() for record in caplog.records if record.name == "rewards.budget_warnings"]
    assert "is spent by 80 percent: 810 of 1000 cents" in line


def test_a_raised_budget_is_warned_of_anew_and_the_old_amount_not_again():
    held = budget(1_000)
    use(held, 1_000)
    budget_warnings.warn(now=NOW)
    for cents in (2_000, 1_000, 2_000):
        Budget.objects.update(cents=cents)
        budget_warnings.warn(now=NOW)
    assert warned() == [50, 50, 80, 100]


def test_a_budget_a_day_is_warned_of_each_day():
    held = budget(1_000, "day")
    for days in (0, 1):
        now = NOW + timedelta(days=days)
        use(held, 600, day=now.date())
        budget_warnings.warn(now=now)
    assert [str(each.day) for each in BudgetWarning.objects.order_by("day")] == ["2026-11-21", "2026-11-22"]


def test_too_little_for_any_prize_is_used_up_before_a_hundred_per_cent():
    (member,) = with_chances(1)
    version = priced(("gold", 1, 300))
    held = budget(1_800, scope=POOL)
    use(held, 1_501)
    budget_warnings.warn(now=NOW)
    assert warned() == [50, 80, 100]
    (standing,) = standings([held], now=NOW)
    assert warning_words(standing, 100) == (
        "Pool “Wheel”, in all: the ¥2.99 left are too little for any prize. Draws give the consolation prize."
    )
    assert drawn(member, version).prize == "thanks"


@pytest.mark.parametrize("per", ["member", "member_day"])
def test_budgets_a_member_are_there_to_be_used_up_and_not_warned_of(per):
    (member,) = with_chances(1)
    budget(300, per)
    drawn(member, priced(("gold", 1, 300)))
    budget_warnings.warn(now=NOW)
    assert warned() == []


def test_a_budget_set_aside_is_not_warned_of():
    use(budget(1_000, active=False), 1_000)
    budget_warnings.warn(now=NOW)
    assert warned() == []


def test_many_budgets_are_looked_at_in_slices_by_few_queries(django_assert_max_num_queries):
    for number in range(5):
        use(budget(1_000, scope=f"campaign:c{number}"), 500)
    assert (after := budget_warnings.warn(now=NOW, limit=3)) is not None
    assert len(warned()) == 3
    with django_assert_max_num_queries(8):
        assert budget_warnings.warn(now=NOW, after=after, limit=3) is None
    assert len(warned()) == 5


@pytest.fixture
def operators(django_user_model):
    see = Permission.objects.get(codename="view_budget")
    for name, email, staff in (("ann", "ann@example.com", True), ("bob", "", True), ("eve", "eve@example.com", False)):
        django_user_model.objects.create_user(name, email=email, is_staff=staff).user_permissions.add(see)
    django_user_model.objects.create_user("cid", email="cid@example.com", is_staff=True)
    django_user_model.objects.create_superuser("chief", email="chief@example.com")


def run_mail_jobs() -> None:
    for job in Job.objects.filter(function=budget_warnings.MAIL):
        budget_warnings.mail(**job.arguments, now=NOW)


@pytest.mark.usefixtures("operators")
def test_mail_goes_to_the_staff_who_may_see_budgets_once_and_for_the_highest_level(settings):
    settings.EMAIL_URL = "smtp://localhost"
    use(budget(1_000, scope="mall"), 810)
    for _each in range(2):
        budget_warnings.warn(now=NOW)
    run_mail_jobs()
    (sent,) = mail.outbox
    assert (sorted(sent.bcc), sent.to) == (["ann@example.com", "chief@example.com"], [])
    assert sent.subject == "Budget: 80 % of Points mall, in all"
    assert sent.body == "Points mall, in all: ¥8.10 of ¥10.00 (81 %) is spent."


@pytest.mark.usefixtures("operators")
def test_without_a_mail_server_nobody_is_written_to():
    use(budget(1_000), 810)
    budget_warnings.warn(now=NOW)
    assert not Job.objects.filter(function=budget_warnings.MAIL).exists()


def test_mail_that_nobody_would_get_is_not_sent(settings):
    settings.EMAIL_URL = "smtp://localhost"
    use(budget(1_000), 810)
    budget_warnings.warn(now=NOW)
    run_mail_jobs()
    assert mail.outbox == []


@pytest.fixture
def start_page(client):
    client.force_login(User.objects.create_superuser("chief"))
    heartbeats.beat(heartbeats.WORKERS, now=timezone.now())

    def read() -> list[tuple[str, str]]:
        return [(each.text, each.link) for each in client.get("/admin/").context["concerns"]]

    return read


def test_the_start_page_names_the_budgets_of_what_runs_the_most_spent_first(start_page):
    priced(("gold", 1, 100))
    half, nearly = budget(1_000, scope="mall"), budget(1_000, scope=POOL)
    use(half, 500)
    use(nearly, 850)
    use(budget(1_000, scope="campaign:gone"), 1_000)
    pages = [reverse("admin:rewards_budget_change", args=[each.pk]) for each in (nearly, half)]
    assert start_page() == [
        ("Pool “Wheel”, in all: ¥8.50 of ¥10.00 (85 %) is spent.", pages[0]),
        ("Points mall, in all: ¥5.00 of ¥10.00 (50 %) is spent.", pages[1]),
    ]


def test_the_start_page_says_it_no_more_once_the_budget_is_raised(start_page):
    use(held := budget(1_000, scope="mall"), 900)
    assert len(start_page()) == 1
    Budget.objects.filter(pk=held.pk).update(cents=10_000)
    assert start_page() == []


def test_the_start_page_tells_who_may_not_see_budgets_nothing(client, django_user_model):
    use(budget(1_000, scope="mall"), 900)
    client.force_login(django_user_model.objects.create_user("eve", is_staff=True))
    assert client.get("/admin/").context["concerns"] == []


def test_a_real_draw_leads_to_a_warning():
    (member,) = with_chances(1, each=3)
    version = priced(("gold", 1, 300), consolation=1)
    budget(620, scope=SCOPE)
    drawn(member, version, roll=LAST)
    budget_warnings.warn(now=NOW)
    assert warned() == []
    drawn(member, version)
    drawn(member, version)
    budget_warnings.warn(now=NOW)
    assert warned() == [50, 80]
