"""RFM models in the admin: one default, a schedule, copies, every cell with its members, and who moved."""

import json
from datetime import datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from members.models import Member
from operations.models import Job
from segmentation import jobs, member_sets, rfm, rfm_cells, rfm_models, rfm_moves, rfm_scale, rfm_words
from segmentation.models import MemberSet, RfmModel, RfmVersion, Segment
from tests.segmentation import people
from tests.segmentation.people import NOW, ZONE

ENGLISH = {"Accept-Language": "en"}
BODY = {"method": "quantiles", "r_parts": 5, "f_parts": 5, "m_parts": 5, "thresholds": "{}"}
PAGES = "admin:segmentation_rfmmodel_"


@pytest.fixture
def operator(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def model(db) -> RfmModel:
    """The default model, computed over forty invented people: thirty days ago, and on the day."""
    people.write(people.invent(1))
    model = RfmModel.objects.get(slug="default")
    rfm.recompute(model, at=NOW.date() - timedelta(days=30), now=NOW - timedelta(days=30))
    rfm.recompute(model, at=NOW.date(), now=NOW)
    return model


def test_a_model_over_nobody_opens(operator):
    model = RfmModel.objects.get(slug="default")
    rfm.recompute(model, at=NOW.date(), now=NOW)
    assert operator.get(reverse(f"{PAGES}result", args=[model.pk])).status_code == 200


def test_choosing_another_default_takes_it_from_the_first(operator, model):
    other = RfmModel.objects.create(slug="other", name="Other")
    body = BODY | {"name": "Other", "is_default": "on"}
    assert operator.post(reverse(f"{PAGES}change", args=[other.pk]), body).status_code == 302
    assert list(RfmModel.objects.filter(is_default=True)) == [other]
    assert operator.post(reverse(f"{PAGES}add"), body | {"slug": "third", "name": "Third"}).status_code == 302
    assert RfmModel.objects.get(is_default=True).slug == "third"


def test_the_only_default_cannot_be_unset(operator, model):
    answer = operator.post(reverse(f"{PAGES}change", args=[model.pk]), BODY | {"name": "RFM"}, headers=ENGLISH)
    said = "Choose another model as the default instead: there is always one."
    assert answer.context["adminform"].form.errors["is_default"] == [said]


def test_the_database_holds_no_second_default(model):
    with pytest.raises(IntegrityError), transaction.atomic():
        RfmModel.objects.create(slug="second", name="Second", is_default=True)


def test_the_default_cannot_be_deleted(operator, model):
    page = operator.post(reverse(f"{PAGES}delete", args=[model.pk]), {"post": "yes"}, headers=ENGLISH)
    assert "is the default: choose another first" in page.content.decode()
    with pytest.raises(rfm_models.IsDefault):
        rfm_models.delete(model)
    assert RfmModel.objects.filter(pk=model.pk).exists()


def test_another_model_goes_with_its_versions_and_sets(operator, model):
    held = MemberSet.objects.count()
    other = RfmModel.objects.create(slug="other", name="Other")
    rfm.recompute(other, at=NOW.date(), now=NOW)
    operator.post(reverse(f"{PAGES}delete", args=[other.pk]), {"post": "yes"})
    assert not RfmModel.objects.filter(slug="other").exists()
    assert MemberSet.objects.count() == held
    assert not RfmVersion.objects.exclude(model=model).exists()


def test_a_model_that_a_rule_reads_stays(operator, model):
    other = RfmModel.objects.create(slug="other", name="Other")
    clause = {"field": "rfm.other.r", "operator": "=", "value": 5}
    rule = {"version": 1, "combinator": "and", "rules": [clause]}
    Segment.objects.create(slug="reader", name="Reader", rule=rule)
    page = operator.post(reverse(f"{PAGES}delete", args=[other.pk]), {"post": "yes"}, headers=ENGLISH)
    assert "Reader" in page.content.decode()
    assert RfmModel.objects.filter(slug="other").exists()


def test_only_what_changes_scores_asks_a_worker(operator, model):
    page = reverse(f"{PAGES}change", args=[model.pk])
    operator.post(page, BODY | {"name": "Renamed", "is_default": "on"})
    assert not Job.objects.filter(function="segmentation.jobs.recompute_rfm").exists()
    operator.post(page, BODY | {"name": "Renamed", "is_default": "on", "window_days": 90})
    assert Job.objects.filter(function="segmentation.jobs.recompute_rfm").count() == 1


def test_an_hour_of_the_day_plans_the_next_run(operator, model, time_machine):
    time_machine.move_to(datetime(2026, 11, 21, 20, 30, tzinfo=ZONE))
    page = reverse(f"{PAGES}change", args=[model.pk])
    operator.post(page, BODY | {"name": "RFM", "is_default": "on", "daily_at": "03:30"})
    model.refresh_from_db()
    assert model.next_run_at == datetime(2026, 11, 22, 3, 30, tzinfo=ZONE)
    operator.post(page, BODY | {"name": "RFM", "is_default": "on", "daily_at": ""})
    model.refresh_from_db()
    assert model.next_run_at is None


def test_a_model_whose_hour_has_come_is_asked_for_once(db):
    model = RfmModel.objects.create(slug="daily", name="Daily", daily_at=time(3, 30))
    rfm_models.plan(model, now=NOW)
    due = datetime(2026, 11, 22, 3, 30, tzinfo=ZONE)
    assert rfm_models.request_due(now=due - timedelta(seconds=1)) == 0
    assert rfm_models.request_due(now=due + timedelta(days=2)) == 1
    assert rfm_models.request_due(now=due + timedelta(days=2)) == 0
    job = Job.objects.get(function="segmentation.jobs.recompute_rfm")
    assert job.key == f"rfm:{model.pk}:due:2026-11-21T19:30:00+00:00"
    model.refresh_from_db()
    assert model.next_run_at == due + timedelta(days=3)


def test_the_worker_scores_up_to_the_day_on_which_it_comes_to_it(db, time_machine):
    model = RfmModel.objects.get(slug="default")
    time_machine.move_to(datetime(2026, 11, 22, 0, 0, 5, tzinfo=ZONE))
    jobs.recompute_rfm(model.pk)
    assert RfmVersion.objects.get().at.isoformat() == "2026-11-22"
    jobs.recompute_rfm(model.pk + 99)


def test_a_copy_starts_with_what_the_model_says(operator, model):
    RfmModel.objects.filter(pk=model.pk).update(
        method="thresholds", thresholds={"r": [30], "f": [2], "m": ["9.5"]}, window_days=365, r_parts=3
    )
    answer = operator.get(reverse("admin:segmentation_rfmmodel_duplicate", args=[model.pk]), headers=ENGLISH)
    form = operator.get(answer.url).context["adminform"].form
    assert json.loads(form["thresholds"].value()) == {"r": [30], "f": [2], "m": ["9.5"]}
    assert (form["name"].value(), form["slug"].value(), form["window_days"].value()) == (
        "RFM (copy)",
        "default-copy",
        "365",
    )
    assert form["r_parts"].value() == "3"
    assert not form["is_default"].value()


@pytest.mark.parametrize("parts", [2, 5])
def test_the_result_shows_every_cell_and_opens_those_that_have_members(operator, model, parts):
    RfmModel.objects.filter(pk=model.pk).update(r_parts=parts, f_parts=parts, m_parts=parts)
    version = rfm.recompute(model, at=NOW.date(), now=NOW)
    answer = operator.get(reverse(f"{PAGES}result", args=[model.pk]), headers=ENGLISH)
    drawn = [cell for each in answer.context["maps"] for row in each.rows for cell in row.cells]
    assert sum(cell.count for cell in drawn) == version.size
    scale = rfm_scale.from_json(version.scale)
    sizes = [len(rfm_words.scores_there_are(scale, key)) for key in "rfm"]
    assert len(drawn) == sizes[0] * sizes[1] * sizes[2]
    for cell in drawn:
        assert bool(cell.link) == bool(cell.count)
    opened = next(cell for cell in drawn if cell.count)
    page = operator.get(opened.link, headers=ENGLISH)
    assert len(page.context["rows"]) == page.context["size"] == opened.count
    assert 'style="' not in answer.content.decode().split('id="content-main"')[1]


def test_the_cells_of_one_class_are_its_members(model):
    version = model.current
    scale = rfm_scale.from_json(version.scale)
    for name, size in version.summary["classes"].items():
        in_cells = [
            rfm_cells.Cell({"r": str(r), "f": str(f), "m": str(m)}).members(version)
            for r, f, m, _count in version.summary["cells"]
            if rfm_scale.class_of(scale, (r, f, m)) == name
        ]
        assert sum(map(len, in_cells)) == size == len(rfm_cells.Cell({"class": name}).members(version))


def test_members_of_a_cell_come_page_by_page(operator, model, monkeypatch):
    monkeypatch.setattr("segmentation.rfm_pages.PAGE", 3)
    name = max(model.current.summary["classes"].items(), key=lambda each: each[1])[0]
    address, seen = f"{reverse(f'{PAGES}members', args=[model.pk])}?class={name}", []
    while address:
        page = operator.get(address).context
        seen += [row["member"].pk for row in page["rows"]]
        address = page["next"] and reverse(f"{PAGES}members", args=[model.pk]) + page["next"]
    assert seen == sorted(rfm_cells.Cell({"class": name}).members(model.current))


def test_a_cell_becomes_a_segment_of_the_same_members(operator, model):
    r, f, m, count = model.current.summary["cells"][0]
    cell = rfm_cells.Cell({"r": str(r), "f": str(f), "m": str(m)})
    link = operator.get(cell.address(model.pk)).context["new_segment"]
    filled = {key: value for key, (value,) in parse_qs(urlsplit(link).query).items()}
    form = operator.get(link).context["adminform"].form
    assert json.loads(form["rule"].value()) == cell.rule(model) == json.loads(filled["rule"])
    segment = Segment.objects.create(slug=filled["slug"], name=filled["name"], rule=cell.rule(model))
    from segmentation import recomputing

    recomputing.recompute(segment, now=NOW)
    segment.refresh_from_db()
    assert member_sets.load(segment.members_id) == cell.members(model.current)
    assert segment.members.size == count


@pytest.mark.parametrize("asked", ["", "?r=9", "?class=gone", "?r=5&f=x", "?q=1"])
def test_a_cell_that_cannot_be_is_not_found(operator, model, asked):
    assert operator.get(reverse(f"{PAGES}members", args=[model.pk]) + asked).status_code == 404


def test_a_page_beyond_the_last_and_one_that_is_no_number_are_no_fault(operator, model):
    address = f"{reverse(f'{PAGES}members', args=[model.pk])}?r=1"
    assert operator.get(f"{address}&after=99999999999999999999").status_code == 200
    assert operator.get(f"{address}&after=x").status_code == 200


def test_a_model_not_computed_has_no_result(operator, db):
    model = RfmModel.objects.create(slug="new", name="New")
    for name in ("result", "members"):
        assert operator.get(reverse(f"{PAGES}{name}", args=[model.pk]) + "?r=1").status_code == 404


def test_members_are_for_those_who_may_see_members(client, model):
    user = get_user_model().objects.create_user("viewer", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_rfmmodel"))
    client.force_login(user)
    address = f"{reverse(f'{PAGES}members', args=[model.pk])}?r=1"
    assert client.get(reverse(f"{PAGES}result", args=[model.pk])).status_code == 200
    assert client.get(address).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_member"))
    assert client.get(address).context["new_segment"] == ""


def test_moves_count_every_member_of_both_versions_once(model):
    before = rfm_moves.previous_of(model.current)
    counts = rfm_moves.moves(before, model.current)
    came = sum(count for (source, _target), count in counts.items() if source == rfm_moves.NOT_SCORED)
    went = sum(count for (_source, target), count in counts.items() if target == rfm_moves.NOT_SCORED)
    assert sum(counts.values()) - came == before.size
    assert sum(counts.values()) - went == model.current.size
    for name in model.current.summary["classes"]:
        now = sum(count for (_source, target), count in counts.items() if target == name)
        assert now == model.current.summary["classes"][name]


QUANTILES = {
    "thresholds": False,
    "r": {"cuts": [12.4, 40.0], "parts": 3, "mean": 2},
    "f": {"cuts": [1.0, 3.5], "parts": 3, "mean": 2},
    "m": {"cuts": [99.5, 1200.255], "parts": 3, "mean": 2},
}
THRESHOLDS = QUANTILES | {"thresholds": True} | {"r": {"cuts": [30, 90], "parts": 3, "mean": 2}}


@pytest.mark.parametrize(
    ("kept", "key", "words"),
    [
        (QUANTILES, "r", ["up to 12 days ago", "13 to 40 days ago", "41 days ago or more"]),
        (QUANTILES, "f", ["4 orders or more", "2 to 3 orders", "1 order"]),
        (QUANTILES, "m", ["more than 1,200.26", "more than 99.50, up to 1,200.26", "up to 99.50"]),
        (THRESHOLDS, "r", ["up to 29 days ago", "30 to 89 days ago", "90 days ago or more"]),
        (THRESHOLDS, "m", ["1,200.26 or more", "99.50 to less than 1,200.26", "less than 99.50"]),
    ],
)
def test_the_scale_says_what_each_score_stands_for(kept, key, words):
    scale = rfm_scale.from_json(kept)
    with translation.override("en"):
        told = [rfm_words.score_words(scale, key, score) for score in rfm_words.scores_there_are(scale, key)]
    assert told == words


@pytest.mark.django_db
def test_quantiles_that_coincide_are_told_with_the_value_that_makes_them():
    Member.objects.all().delete()
    model = RfmModel.objects.get(slug="default")
    from tests.segmentation.test_rfm_source import buy

    for n in range(20):
        member = Member.objects.create(uid=f"u{n}")
        for _again in range(1 if n < 15 else 2 + n % 3):
            buy(member, NOW - timedelta(days=n), str(10 + n))
    version = rfm.recompute(model, at=NOW.date(), now=NOW)
    with translation.override("en"):
        (told,) = rfm_words.lost_words(version)
    assert told == (
        "Frequency was cut into 3 parts instead of 5, because 75.0 % of the members have the same value (1 order) "
        "and equal values always score alike."
    )
