"""Awards in bulk: read, looked at, approved, given once to each, stopped."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from operations import approvals, four_eyes
from operations.models import ApprovalRequest, Job
from rewards import award_batches
from rewards.approving import awards as approving_awards
from rewards.models import Account, Award, AwardBatch, BudgetUse
from segmentation import member_sets
from tests.rewards.build import NOW, SCOPE, books_are_right, coupon, gift, members
from tests.rewards.priced import budget
from tests.rewards.two_people import approved, desk_of, olga, rei

pytestmark = pytest.mark.django_db
ADD = "/admin/rewards/awardbatch/add/"


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def asker():
    return olga()


@pytest.fixture
def desk(asker):
    return desk_of(asker)


def batch(asker, what, uids: str, scope: str = "") -> AwardBatch:
    return award_batches.prepare(what, uids, None, scope=scope, reason="Sorry", by=asker, now=NOW)


def given_all(made: AwardBatch) -> AwardBatch:
    award_batches.give_slice(made.pk, most=100)
    made.refresh_from_db()
    return made


def test_a_list_is_read_with_clear_words_about_what_is_wrong(desk):
    members(3)
    answer = desk.post(ADD, {"gift": gift("mug", "physical").pk, "uids": "m0\nm1\nnobody\nm0", "reason": "Sorry"})
    made = AwardBatch.objects.get()
    assert answer["Location"].endswith(f"/{made.pk}/change/")
    assert (made.size, made.uids.unknown, made.uids.repeated) == (2, 1, 1)
    assert "3,nobody,there is no such member" in made.uids.rejects
    page = desk.get(answer["Location"]).content.decode()
    assert "Ask for approval" in page
    assert "m0" in page
    assert not Award.objects.exists()


def test_a_csv_will_do_too(desk):
    members(3)
    file = SimpleUploadedFile("list.csv", "name,uid\nA,m2\nB,m1\n".encode("utf-8-sig"))
    desk.post(ADD, {"gift": gift("mug", "physical").pk, "file": file, "reason": "Sorry"})
    assert AwardBatch.objects.get().size == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"uids": ""}, "Give uids, or a file of them."),
        ({"uids": "nobody\nno one"}, "None of these uids is a member"),
        ({"uids": "m0", "reason": ""}, "This field is required."),
        ({"uids": "m0", "gift": "999999"}, "Select a valid choice"),
        ({"uids": "m0", "scope": "campaign:none"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(desk, typed, words):
    members(1)
    answer = desk.post(ADD, {"gift": gift("mug", "physical").pk, "reason": "Sorry"} | typed)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not AwardBatch.objects.exists()


def test_one_person_alone_starts_nothing(asker):
    members(2)
    made = batch(asker, gift("mug"), "m0\nm1")
    with pytest.raises(four_eyes.SecondPersonNeeded):
        award_batches.start(made, by=asker, now=NOW)
    made.refresh_from_db()
    assert made.state == "prepared"


def test_two_people_give_them_and_everybody_gets_one(desk, asker):
    members(12)
    budget(10_000)
    mug = gift("mug", "physical", cost="2.50")
    made = batch(asker, mug, "\n".join(f"m{number}" for number in range(12)), scope=SCOPE)
    desk.post(f"/admin/rewards/awardbatch/{made.pk}/start/")
    asked = ApprovalRequest.objects.get()
    lines = {line.what: line.then for line in approvals.shown(asked).difference.lines}
    assert (lines["Members"], lines["In all"]) == ("12", "¥30")
    assert "m9, …" in approvals.shown(asked).difference.more[0]
    approved(asked, rei())
    made.refresh_from_db()
    assert (made.state, Job.objects.filter(function=award_batches.JOB).count()) == ("running", 1)
    given_all(made)
    assert (made.state, made.done, made.given) == ("done", 12, 12)
    assert Award.objects.filter(gift=mug, source="Sorry").count() == 12
    assert BudgetUse.objects.get().promised == 3_000
    assert books_are_right()


def test_nobody_gets_it_twice_though_a_slice_is_done_again(asker, settings):
    settings.FOUR_EYES = frozenset()
    members(3)
    made = batch(asker, gift("plus", "points", amount=7), "m0\nm1\nm2")
    award_batches.start(made, by=asker, now=NOW)
    ids = member_sets.load(made.members_id)
    award_batches.give_next(made.pk, ids, now=NOW)
    # As if the worker had been killed before the batch was moved, which is one transaction with the award.
    AwardBatch.objects.update(last_id=-1, done=0, given=0)
    given_all(made)
    assert made.given == 3
    assert list(Account.objects.filter(unit__slug="points").values_list("balance", flat=True)) == [7, 7, 7]


def test_who_cannot_have_it_is_counted_by_the_reason(asker, settings, desk):
    settings.FOUR_EYES = frozenset()
    people = members(3)
    made = batch(asker, coupon("voucher", codes=1), "m0\nm1\nm2")
    people[0].erased_at = NOW
    people[0].save()
    award_batches.start(made, by=asker, now=NOW)
    given_all(made)
    assert (made.state, made.given, made.missed) == ("done", 1, {"erased": 1, "no_code": 1})
    assert "no coupon code left" in desk.get(f"/admin/rewards/awardbatch/{made.pk}/change/").content.decode()


def test_what_is_stopped_gives_no_more_and_keeps_what_was_given(desk, asker, settings):
    settings.FOUR_EYES = frozenset()
    members(5)
    made = batch(asker, gift("mug"), "m0\nm1\nm2\nm3\nm4")
    award_batches.start(made, by=asker, now=NOW)
    award_batches.give_slice(made.pk, most=2)
    desk.post(f"/admin/rewards/awardbatch/{made.pk}/stop/")
    given_all(made)
    assert (made.state, made.given, Award.objects.count()) == ("stopped", 2, 2)


@pytest.mark.parametrize("end", ["refused", "withdrawn"])
def test_what_was_not_approved_is_never_given(asker, end):
    members(1)
    made = batch(asker, gift("mug"), "m0")
    asked = approving_awards.ask(made, by=asker, now=NOW)
    if end == "refused":
        approvals.refuse(asked, by=rei(), now=NOW, note="Too many.")
    else:
        approvals.withdraw(asked, by=asker, now=NOW)
    made.refresh_from_db()
    assert made.state == "stopped"
    with pytest.raises(award_batches.NotPossible):
        approving_awards.ask(made, by=asker, now=NOW)


def test_a_failed_batch_goes_on_where_it_stopped(asker, settings, desk):
    settings.FOUR_EYES = frozenset()
    members(3)
    made = batch(asker, gift("mug"), "m0\nm1\nm2")
    award_batches.start(made, by=asker, now=NOW)
    award_batches.give_slice(made.pk, most=1)
    made.refresh_from_db()
    Job.objects.filter(function=award_batches.JOB).update(
        key=award_batches._key(made), state="dead", error="Traceback\nBoom: out of disk"
    )
    award_batches.note_lost(now=NOW)
    made.refresh_from_db()
    assert (made.state, made.error) == ("failed", "Boom: out of disk")
    desk.post(f"/admin/rewards/awardbatch/{made.pk}/resume/")
    award_batches.note_lost(now=NOW)
    assert given_all(made).given == 3


def test_the_page_of_the_list_asks_few_questions(desk, asker, django_assert_max_num_queries):
    members(1)
    for number in range(5):
        batch(asker, gift(f"mug-{number}"), "m0")
    desk.get("/admin/rewards/awardbatch/")
    with django_assert_max_num_queries(12):
        assert desk.get("/admin/rewards/awardbatch/").status_code == 200
