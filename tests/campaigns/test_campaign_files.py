"""A campaign as a file: what is dumped loads, and what was loaded dumps to the same bytes."""

import json

import pytest
from django.core.management import CommandError, call_command

from campaigns import campaign_files
from campaigns.definition import DefinitionError
from campaigns.models import Campaign
from tests.campaigns.scenes import NOW, campaign_file, chain, draft, make_gifts, pool, task

pytestmark = pytest.mark.django_db


def limited_pool(slug, *, rules=None, win=None):
    """A pool with every rule and limit that a pool and a prize can have."""
    every = {"price": 10, "bought_per_day": 2, "draws_per_day": 5, "wins_per_member": 3, "guarantee_after": 10,
             "guarantee_prize": "win", "every_draw_wins": True}  # fmt: skip
    made = pool(slug, rules=every, stage="scratch") if rules is None else pool(slug, rules=rules)
    limits = {"stock": 100, "per_day": 10, "per_hour": 2, "per_member": 1, "slices": 4}
    made["prizes"][0] |= limits if win is None else win
    return made


WHOLE = {
    "name": "双十一",
    "audience": {"levels": ["paid"], "tags_none": ["risk.cheat"]},
    "tasks": [
        task("one", reward={"points": 5, "score": 3}),
        task("quiz", "quiz", guide="读一读"),
        task("buy", "purchase"),
    ],
    "chains": [chain("path", "one", "quiz")],
    "pools": [pool("top", audience={"score_from": 80}), pool("all"), limited_pool("limited")],
}  # fmt: skip


def test_a_file_comes_back_byte_for_byte(tmp_path, capsys):
    make_gifts()
    path = tmp_path / "campaign.json"
    path.write_text(json.dumps(campaign_file(**WHOLE)), encoding="utf-8")

    dumps = []
    for _ in range(3):
        call_command("load_campaign", str(path))
        capsys.readouterr()
        call_command("dump_campaign", "autumn")
        dumps.append(capsys.readouterr().out)
        path.write_text(dumps[-1], encoding="utf-8")

    assert json.loads(dumps[0]) == campaign_file(**WHOLE)
    assert "双十一" in dumps[0]
    assert dumps[0] == dumps[1] == dumps[2]


def test_loading_over_a_draft_leaves_nothing_of_the_old_one():
    campaign = draft(**WHOLE)

    loaded = campaign_files.load(campaign_file(), by=None, now=NOW)

    assert loaded.pk == campaign.pk
    assert json.loads(campaign_files.dump(loaded)) == campaign_file()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"version": 3}, "version"),
        ({"slug": "a b"}, "slug"),
        ({"name": ""}, "name"),
        ({"opens_at": "2026-11-11"}, "opens_at"),
        ({"audience": {"level": []}}, "audience.level"),
        ({"tasks": [task("one", "dance")]}, "tasks[0].kind"),
        ({"tasks": [task("one"), task("one")]}, "tasks[1].key"),
        ({"tasks": [task("one", reward={"gift": "gold"})]}, "tasks[0].reward.gift"),
        ({"chains": [chain("path", "nothing")]}, "chains[0].steps[0]"),
        ({"pools": [pool("p", prizes=[{}])]}, "pools[0].prizes[0].key"),
        ({"pools": [limited_pool("p", rules={"guarantee": 3})]}, "pools[0].rules.guarantee"),
        ({"pools": [limited_pool("p", rules={"price": 0})]}, "pools[0].rules.price"),
        ({"pools": [limited_pool("p", rules={"guarantee_after": 40_000})]}, "pools[0].rules.guarantee_after"),
        ({"pools": [limited_pool("p", rules={"every_draw_wins": 1})]}, "pools[0].rules.every_draw_wins"),
        ({"pools": [pool("p", stage="dice")]}, "pools[0].stage"),
        ({"pools": [limited_pool("p", rules=[])]}, "pools[0].rules"),
        ({"pools": [limited_pool("p", win={"per_day": 0})]}, "pools[0].prizes[0].per_day"),
        ({"pools": [limited_pool("p", win={"slices": 17})]}, "pools[0].prizes[0].slices"),
        ({"pools": [limited_pool("p", win={"consolation": True, "per_day": 1})]}, "pools[0].prizes[0].per_day"),
        ({"surprise": 1}, "surprise"),
        ({"colour": "red"}, "colour"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"features": {"nothing": {}}}, "features.nothing"),
        ({"features": []}, "features"),
        ({"tasks": [task("one", times=-1)]}, "tasks[0].times"),
        ({"tasks": [task("one", quotas=[{"quota": 0}])]}, "tasks[0].quotas[0].quota"),
        ({"tasks": [task("one", slot="")]}, "tasks[0].slot"),
        ({"chains": [chain("path", "check-in", within=-1)]}, "chains[0].within"),
        ({"chains": [chain("path", {"task": "check-in", "skip": {}})]}, "chains[0].steps"),
        ({"chains": [chain("path", {"task": "check-in", "skip": {"x": 1}})]}, "chains[0].steps[0].skip.x"),
    ],
)
def test_a_fault_names_its_path_and_nothing_is_loaded(changes, path):
    make_gifts()

    with pytest.raises(DefinitionError) as error:
        campaign_files.load(campaign_file(**changes), by=None, now=NOW)

    assert error.value.path == path
    assert not Campaign.objects.exists()


def test_rules_that_a_file_does_not_name_are_taken_away():
    draft(pools=[limited_pool("everyone")])
    loaded = campaign_files.load(campaign_file(pools=[limited_pool("everyone", rules={}, win={})]), by=None, now=NOW)
    assert json.loads(campaign_files.dump(loaded))["pools"] == [pool("everyone")]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_a_file_that_is_no_campaign_is_one_clear_error(tmp_path, content):
    path = tmp_path / "campaign.json"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=r"campaign\.json"):
        call_command("load_campaign", str(path))
    with pytest.raises(CommandError, match="no campaign"):
        call_command("dump_campaign", "nothing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested too deep"),
        ("9" * 5_000, "This is not JSON"),
        ('{"slug": NaN}', "not finite"),
        (r'{"slug": "\u0000"}', "cannot be stored"),
    ],
)
def test_a_file_that_cannot_be_stored_is_one_clear_error(tmp_path, settings, text, said):
    settings.LANGUAGE_CODE = "en"
    path = tmp_path / "campaign.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=said):
        call_command("load_campaign", str(path))
