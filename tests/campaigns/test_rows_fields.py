"""Lists of small records are rows of a table: read back as they were, clear about what is wrong."""

import pytest

from campaigns import features, kinds
from campaigns.models import Campaign
from operations.storable_json import StorableJSONField
from tests.campaigns.scenes import draft
from tests.filled_forms import sent_by

pytestmark = pytest.mark.django_db
ENERGY = {
    "sources": [
        {"event": "view", "amount": 5, "per_day": 10},
        {"task": "check-in", "amount": 20, "per_day": 1},
        {"order": {"least": "99.00"}, "amount": 100, "per_day": 3},
    ]
}
TAGS = {
    "joined": "fans.player",
    "finished": [{"task": "one", "tag": "fans.one"}, {"chain": "way", "tag": "fans.way"}],
    "scored": [{"from": 10, "tag": "fans.some"}, {"from": 80, "tag": "fans.many"}],
}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


def address(campaign, name):
    return f"/admin/campaigns/campaign/{campaign.pk}/features/{name}/"


def form_of(client, campaign, name):
    return sent_by(client.get(address(campaign, name)).content.decode())


def faults_of(answer):
    return [str(words) for errors in answer.context["form"].errors.values() for words in errors]


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("energy", ENERGY),
        ("energy", {"sources": [{"order": {}, "amount": 1, "per_day": 1}]}),
        ("tags", TAGS),
        ("tags", {"finished": "fans.done"}),
    ],
)
def test_what_is_saved_again_is_the_same(admin_client, name, config):
    campaign = draft()
    Campaign.objects.update(features={name: config})

    answer = admin_client.post(address(campaign, name), form_of(admin_client, campaign, name))

    assert answer.status_code == 302, faults_of(answer)
    assert Campaign.objects.get().features == {name: config}


def test_an_empty_row_adds_one_and_emptying_a_row_takes_it_away(admin_client):
    campaign = draft()
    Campaign.objects.update(features={"energy": ENERGY})
    sent = form_of(admin_client, campaign, "energy")
    sent |= {f"sources-1-{cell}": "" for cell in ("kind", "named", "least", "amount", "per_day")}
    sent |= {"sources-4-kind": "event", "sources-4-named": "cart", "sources-4-amount": "9", "sources-4-per_day": "2"}

    admin_client.post(address(campaign, "energy"), sent)

    first, _task, order = ENERGY["sources"]
    added = {"event": "cart", "amount": 9, "per_day": 2}
    assert Campaign.objects.get().features["energy"]["sources"] == [first, order, added]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"amount": "5", "per_day": "1"}, "Row 1: Say what brings the energy: an event, a task or an order."),
        ({"kind": "event", "named": "view"}, "Row 1: How much energy, and how often a day, are needed."),
        ({"kind": "event", "amount": "5", "per_day": "1"}, "Row 1: Which event or task is meant is missing."),
        (
            {"kind": "order", "named": "x", "amount": "5", "per_day": "1"},
            "Row 1: A paid order has no name: leave that empty.",
        ),
        (
            {"kind": "event", "named": "a\x00", "amount": "5", "per_day": "1"},
            "Row 1: Kind of event, or key of the task: Null characters are not allowed.",
        ),
        ({"kind": "x", "named": "a", "amount": "5", "per_day": "1"}, "Row 1: What brings it: Select a valid choice."),
        (
            {"kind": "order", "least": "NaN", "amount": "5", "per_day": "1"},
            "Row 1: An order of at least: Enter a number.",
        ),
    ],
)
def test_what_is_wrong_names_its_row_and_nothing_typed_is_lost(admin_client, cells, told):
    campaign = draft()
    sent = form_of(admin_client, campaign, "energy") | {f"sources-0-{cell}": value for cell, value in cells.items()}

    answer = admin_client.post(address(campaign, "energy"), sent)

    assert any(words.startswith(told) for words in faults_of(answer)), faults_of(answer)
    assert 'value="5"' in answer.content.decode() or "amount" not in cells
    assert Campaign.objects.get().features == {}


@pytest.mark.parametrize("rows", ["", "x", "-1", "99999999999999999999", "١"])
def test_a_number_of_rows_that_is_none_is_no_row(admin_client, rows):
    campaign = draft()

    answer = admin_client.post(address(campaign, "energy"), {"sources-rows": rows})

    assert answer.status_code == 200
    assert faults_of(answer)


def test_one_tag_for_finishing_and_tags_by_task_exclude_each_other(admin_client):
    campaign = draft()
    sent = form_of(admin_client, campaign, "tags") | {
        "finished_all": "fans.done",
        "finished-0-kind": "task",
        "finished-0-key": "one",
        "finished-0-tag": "fans.one",
    }

    answer = admin_client.post(address(campaign, "tags"), sent)

    assert faults_of(answer) == ["Either one tag for finishing, or tags for one task or chain: not both."]


def test_no_kind_and_no_feature_asks_for_json():
    forms = [kinds.find(name).Form() for name in kinds.names()] + [
        features.find(name).Form() for name in features.names()
    ]
    assert not [name for form in forms for name, field in form.fields.items() if isinstance(field, StorableJSONField)]


@pytest.mark.parametrize("kind", kinds.names())
def test_a_kind_s_page_has_its_own_fields_and_no_raw_configuration(admin_client, kind):
    campaign = draft()

    page = admin_client.get(f"/admin/campaigns/task/add/?campaign={campaign.pk}&kind={kind}")

    shown = page.context["adminform"].form.fields
    own = {f"config_{name}" for name in kinds.find(kind).Form().fields}
    assert {name for name in shown if name.startswith("config")} == own
