"""What operators set for confirmed kinds: what is wrong with a configuration, forms, codes in and out, keys changed."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import code_words, following_events, kinds, pausing, playing, sealed_task_codes, task_codes
from campaigns.models import CallbackSecret, Campaign, TaskCode
from members.resealing import reseal
from operations.models import AuditRecord
from tests.campaigns import scenes
from tests.campaigns.scenes import NOW

GOOD = [
    ("event", {"type": "favourite", "count": 2, "where": {"item": ["A"]}, "distinct": "days"}),
    ("share", {"count": 3, "items": ["milk"]}),
    ("redeem_code", {"words": ["春日有礼"], "hint": "On air"}),
    ("redeem_code", {"unique": True}),
    ("proof", {"picture": "required", "text": "optional", "example": "The date"}),
    ("callback", {"action": "card", "confirm": ["callback", "code"], "code": "day", "link": "https://a.example/x"}),
]
BAD = [
    ("event", {}, {"type", "count"}),
    ("event", {"type": "a b", "count": 0}, {"type", "count"}),
    ("event", {"type": "a", "count": True, "distinct": "weeks"}, {"count", "distinct"}),
    ("event", {"type": "a", "count": 1, "where": {"price": ["1"], "item": []}}, {"where.price", "where.item"}),
    ("event", {"type": "a", "count": 1, "where": [], "more": 1}, {"where", "more"}),
    ("share", {"count": 101, "items": []}, {"count", "items"}),
    ("redeem_code", {}, {""}),
    ("redeem_code", {"words": ["a"], "unique": True}, {""}),
    ("redeem_code", {"words": [" - "]}, {"words"}),
    ("redeem_code", {"unique": False}, {"unique"}),
    ("proof", {"picture": "optional"}, {""}),
    ("proof", {"text": "maybe", "link": "required", "example": 3}, {"text", "example"}),
    ("callback", {"action": "dance", "confirm": []}, {"action", "confirm"}),
    ("callback", {"action": "card", "confirm": ["code"]}, {"code"}),
    ("callback", {"action": "card", "confirm": ["callback"], "code": "day"}, {"code"}),
    ("callback", {"action": "card", "confirm": ["review"], "link": "javascript:alert(1)", "qr": ""}, {"link", "qr"}),
    ("callback", {"action": ["card"], "confirm": [["callback"]]}, {"action", "confirm"}),
]


@pytest.mark.parametrize(("kind", "config"), GOOD)
def test_a_good_configuration_goes_through_its_form_unchanged(kind, config):
    found = kinds.find(kind)
    assert found.faults(config) == []
    initial = found.Form.initial_of(config)
    form = found.Form({name: "\n".join(value) if name in {"words", "items", "item"} else value
                       for name, value in initial.items()})  # fmt: skip
    assert form.is_valid(), form.errors
    assert form.config() == config


@pytest.mark.parametrize(("kind", "config", "paths"), BAD)
def test_what_is_wrong_is_named(kind, config, paths):
    assert {fault.path for fault in kinds.find(kind).faults(config)} == paths


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Ab-12 cD", "ab12cd"),
        ("ＡＢ１２", "ab12"),
        ("春日　有礼", "春日有礼"),
        ("STRASSE", "strasse"),
        ("straße", "strasse"),
    ],
)
def test_how_a_code_is_read(typed, folded):
    assert code_words.folded(typed) == folded


@pytest.fixture
def campaign(db):
    config = {"action": "card", "confirm": ["code", "callback"], "code": "unique"}
    day = {"action": "other", "confirm": ["code"], "code": "day"}
    tasks = [scenes.task("task", "callback", config=config), scenes.task("day", "callback", config=day)]
    with time_machine.travel(NOW, tick=False):
        yield scenes.publish(tasks=tasks)


def test_codes_come_in_once_however_they_are_written(campaign):
    lines = ["AAAA-1111", "aaaa1111", "", "BBBB2222", "x", "c" * 51]
    added = task_codes.bring_in(campaign, "task", lines, by=None, now=NOW)
    assert (added.added, added.known, added.refused) == (2, 1, (5, 6))
    assert task_codes.bring_in(campaign, "task", lines, by=None, now=NOW).added == 0
    assert b"AAAA" not in bytes(TaskCode.objects.first().sealed)


def test_an_operator_generates_codes_and_takes_them_out_on_record(admin_client, campaign):
    task = campaign.tasks.get(key="task")
    add = reverse("admin:campaigns_taskcode_add_codes")
    admin_client.post(add, {"task": task.pk, "count": 3, "codes": "OWN-CODE-1"})
    assert TaskCode.objects.count() == 4
    answer = admin_client.post(reverse("admin:campaigns_taskcode_export_codes"), {"task": task.pk})
    codes = b"".join(answer.streaming_content).decode().split()
    assert len(codes) == 3
    ann = scenes.make_member("ann")
    assert playing.submit(ann, "autumn", "task", {"code": codes[0]}, now=NOW).completed
    actions = set(AuditRecord.objects.values_list("action", flat=True))
    assert {"task_codes.generated", "task_codes.imported", "task_codes.exported"} <= actions


def test_an_operator_issues_a_secret_that_is_shown_once(admin_client, campaign):
    task = campaign.tasks.get(key="task")
    page = admin_client.post(reverse("admin:campaigns_callbacksecret_issue"), {"task": task.pk})
    secret = sealed_task_codes.opened_secret(CallbackSecret.objects.get().sealed)
    assert secret in page.text
    assert "no-store" in page["Cache-Control"]
    assert secret not in admin_client.get(reverse("admin:campaigns_callbacksecret_changelist")).text


def test_the_code_of_today_is_shown_to_who_may_see_codes(admin_client, campaign):
    page = admin_client.get(reverse("admin:campaigns_taskcode_today"))
    assert task_codes.codes_of_day("autumn", "day", NOW.date())[0] in page.text


def test_codes_and_secrets_follow_to_a_new_key(campaign, settings):
    from campaigns import callback_secrets

    settings.PERSONAL_DATA_KEYS = ["old"]
    task_codes.bring_in(campaign, "task", ["AAAA-1111"], by=None, now=NOW)
    secret = callback_secrets.issue(campaign, "task", earlier_until=NOW, by=None, now=NOW)
    settings.PERSONAL_DATA_KEYS = ["new", "old"]
    assert task_codes.bring_in(campaign, "task", ["aaaa1111"], by=None, now=NOW).known == 1
    assert list(reseal())[-1].resealed == 2
    settings.PERSONAL_DATA_KEYS = ["new"]
    assert callback_secrets.secrets_of("autumn", "task", now=NOW) == [secret]
    assert playing.submit(scenes.make_member("ann"), "autumn", "task", {"code": "aaaa1111"}, now=NOW).completed


def test_what_events_are_wanted_is_one_query_and_follows_the_campaigns(db):
    tasks = [
        scenes.task("task", "event", config={"type": "view", "count": 1}),
        scenes.task("s", "share", config={"count": 1}),
    ]
    scenes.publish(tasks=tasks)
    assert following_events.types_wanted() == {"view", "share"}
    with CaptureQueriesContext(
        connection,
    ) as queries:
        following_events.types_wanted()
    assert len(queries) == 1
    pausing.pause(Campaign.objects.get(), by=None, now=NOW)
    assert following_events.types_wanted() == frozenset()
