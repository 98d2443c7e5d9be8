"""A campaign as a file: what is dumped loads, and what was loaded dumps to the same bytes."""

import json

import pytest
from django.core.management import CommandError, call_command

from campaigns import campaign_files
from campaigns.definition import DefinitionError
from campaigns.models import Campaign
from tests.campaigns.scenes import NOW, campaign_file, chain, draft, make_gifts, pool, task

pytestmark = pytest.mark.django_db

WHOLE = {
    "name": "双十一",
    "audience": {"levels": ["paid"], "tags_none": ["risk.cheat"]},
    "tasks": [
        task("one", reward={"points": 5, "score": 3}),
        task("quiz", "quiz", guide="读一读"),
        task("buy", "purchase"),
    ],
    "chains": [chain("path", "one", "quiz")],
    "pools": [pool("top", audience={"score_from": 80}), pool("all")],
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
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_fault_names_its_path_and_nothing_is_loaded(changes, path):
    make_gifts()

    with pytest.raises(DefinitionError) as error:
        campaign_files.load(campaign_file(**changes), by=None, now=NOW)

    assert error.value.path == path
    assert not Campaign.objects.exists()


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
