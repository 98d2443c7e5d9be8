"""Proofs: pictures looked into and drawn anew, who sees them, the review queue, and what an erasure leaves."""

import base64
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation
from PIL import Image

from campaigns import playing, proof_pictures, submission_reviews
from campaigns.models import Completion, Submission
from campaigns.proof_pictures import LONGEST_SIDE, drawn_anew
from members import erasing
from members.participants import sign_in
from operations import decoding
from operations.decoding import NotAPicture
from operations.models import AuditRecord
from rewards.ledger import balances
from tests.campaigns import scenes
from tests.campaigns.scenes import NOW

TASK = "/h5/c/autumn/t/task/"
CONFIG = {"picture": "required", "text": "optional"}
GPS = 0x8825


def picture(size=(40, 30), kind="PNG", colour="red", **options):
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind, **options)
    return written.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_as_jpeg(kind):
    drawn = opened(drawn_anew(picture(kind=kind)))
    assert (drawn.format, drawn.size) == ("JPEG", (40, 30))


def test_a_large_picture_is_made_smaller():
    assert max(opened(drawn_anew(picture((2500, 50)))).size) == LONGEST_SIDE


def test_where_it_was_taken_is_gone_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(GPS)[1] = "N"
    drawn = opened(drawn_anew(picture(kind="JPEG", exif=exif)))
    assert drawn.size == (30, 40)
    assert not drawn.getexif()


def test_what_is_hidden_behind_a_picture_is_gone():
    assert b"<script>" not in drawn_anew(picture() + b"<script>alert(1)</script>")


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:60], b"%PDF-1.7", b"GIF89a",
     picture(kind="GIF"), picture(kind="BMP")],
)  # fmt: skip
def test_what_is_no_picture_by_its_content_is_refused(content):
    with pytest.raises(NotAPicture):
        drawn_anew(content)


def test_too_many_bytes_or_pixels_are_refused_before_they_are_decoded(monkeypatch):
    with pytest.raises(NotAPicture, match="10 MB"):
        drawn_anew(bytes(decoding.LARGEST_BYTES + 1))
    monkeypatch.setattr(decoding, "MOST_PIXELS", 1199)
    with translation.override("en"), pytest.raises(NotAPicture, match="pixels"):
        drawn_anew(picture((40, 30)))


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield tmp_path


@pytest.fixture
def ann(db):
    scenes.publish(tasks=[scenes.task("task", "proof", config=CONFIG)])
    return scenes.make_member("ann")


def signed_in(client, member):
    answer = HttpResponse()
    sign_in(answer, member, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


def hand_in(client, content=None, name="a.jpg", **fields):
    file = SimpleUploadedFile(name, picture() if content is None else content, content_type="image/jpeg")
    return client.post(TASK, {"picture": file, **fields})


def files(media):
    return [path for path in Path(media).rglob("*") if path.is_file()]


def test_a_member_hands_in_and_sees_the_own_picture_and_nobody_else_does(client, ann, media):
    visitor = signed_in(client, ann)
    assert hand_in(visitor, text="My receipt").status_code == 302
    submission = Submission.objects.get()
    assert submission.file.name.startswith("proofs/2026/11/")
    (kept,) = files(media)
    assert kept.stat().st_mode & 0o777 == 0o600
    page = visitor.get(TASK).text
    assert "We are looking at it." in page
    own = reverse("h5-proof-picture", args=["autumn", submission.pk])
    assert own in page
    shown = visitor.get(own)
    assert (shown.status_code, shown["Content-Type"], shown["Cache-Control"]) == (
        200,
        "image/jpeg",
        "private, no-store",
    )
    bob = scenes.make_member("bob")
    assert signed_in(client, bob).get(own).status_code == 404
    client.cookies.clear()
    assert client.get(own).status_code == 403


@pytest.mark.parametrize("name", ["a.jpg", "a.html", "../../a.jpg"])
def test_a_file_that_is_no_picture_is_refused_whatever_it_is_called(client, ann, media, name):
    answer = hand_in(signed_in(client, ann), b"<script>", name=name)
    assert answer.status_code == 422
    assert "no picture" in answer.text
    assert not Submission.objects.exists()
    assert files(media) == []


def test_a_member_reads_why_and_hands_in_again(client, ann):
    visitor = signed_in(client, ann)
    hand_in(visitor)
    submission_reviews.refuse(Submission.objects.get().pk, reason="The date is cut off", by=None, now=NOW)
    assert "The date is cut off" in visitor.get(TASK).text
    hand_in(visitor, text="With the date")
    assert Submission.objects.filter(state="pending").get().text == "With the date"


def test_a_second_picture_is_refused_while_one_is_reviewed_and_leaves_no_file(client, ann, media):
    visitor = signed_in(client, ann)
    hand_in(visitor)
    hand_in(visitor)
    assert Submission.objects.count() == len(files(media)) == 1


def reviewer(client, *codenames):
    user = User.objects.create_user("rita", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return client


def test_a_reviewer_sees_the_picture_refuses_with_a_reason_and_approves(client, ann):
    playing_now = signed_in(client, ann)
    hand_in(playing_now, text="My receipt")
    first = Submission.objects.get()
    staff = reviewer(client, "view_submission", "review_submission")
    page = staff.get(reverse("admin:campaigns_submission_change", args=[first.pk])).text
    picture_at = reverse("admin:campaigns_submission_picture", args=[first.pk])
    assert picture_at in page
    assert "My receipt" in page
    assert staff.get(picture_at)["Content-Type"] == "image/jpeg"
    refuse = reverse("admin:campaigns_submission_refuse", args=[first.pk])
    staff.post(refuse, {"reason": "  "})
    assert Submission.objects.get().state == "pending"
    staff.post(refuse, {"reason": "Cut off"})
    record = AuditRecord.objects.get(action="submission.refused")
    assert (record.reason, record.actor.username) == ("Cut off", "rita")
    hand_in(signed_in(client, ann))
    second = Submission.objects.get(state="pending")
    client.force_login(User.objects.get(username="rita"))
    staff.post(reverse("admin:campaigns_submission_approve", args=[second.pk]))
    assert Completion.objects.count() == 1
    assert balances(ann.pk)["points"] == 10
    # Again, and the other way round: decided is decided.
    staff.post(reverse("admin:campaigns_submission_refuse", args=[second.pk]), {"reason": "No"})
    second.refresh_from_db()
    assert (second.state, second.decided_by.username) == ("approved", "rita")


def test_who_may_only_look_decides_nothing_and_who_may_not_sees_no_picture(client, ann):
    hand_in(signed_in(client, ann))
    pk = Submission.objects.get().pk
    looker = reviewer(client, "view_submission")
    for name in ("approve", "refuse"):
        assert looker.post(reverse(f"admin:campaigns_submission_{name}", args=[pk]), {"reason": "x"}).status_code == 403
    User.objects.get(username="rita").user_permissions.clear()
    assert looker.get(reverse("admin:campaigns_submission_picture", args=[pk])).status_code == 403
    assert Submission.objects.get().state == "pending"


def test_the_queue_lists_what_waits_and_approves_several(client, ann):
    hand_in(signed_in(client, ann))
    hand_in(signed_in(client, scenes.make_member("bob")))
    staff = reviewer(client, "view_submission", "review_submission")
    address = reverse("admin:campaigns_submission_changelist")
    assert "bob" in staff.get(address).text
    pks = list(Submission.objects.values_list("pk", flat=True))
    staff.post(address, {"action": "approve", "_selected_action": pks})
    assert Completion.objects.count() == 2
    staff.get(address)  # reads what it was told
    assert "bob" not in staff.get(address).text
    assert "bob" in staff.get(address, {"state": "approved"}).text


@pytest.mark.django_db
def test_the_database_refuses_a_second_decision(ann):
    playing.submit(ann, "autumn", "task", {"picture": base64_of(picture())}, now=NOW)
    submission_reviews.approve(Submission.objects.get().pk, by=None, now=NOW)
    with pytest.raises(DatabaseError, match="decided once"), transaction.atomic():
        Submission.objects.update(state="refused", reason="later")


def base64_of(content):
    return base64.b64encode(content).decode()


def test_an_erasure_takes_the_picture_too(client, ann, media, django_capture_on_commit_callbacks):
    hand_in(signed_in(client, ann))
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(ann.pk, by=None, reason="asked for", now=NOW)
    assert not Submission.objects.exists()
    assert files(media) == []


def test_pictures_that_no_row_names_are_deleted_after_a_day(client, ann, media):
    hand_in(signed_in(client, ann))
    proof_pictures.store(picture(kind="JPEG"), now=NOW)
    # The files' own clock is not the one that tests turn.
    real = max(path.stat().st_mtime for path in files(media))
    at = datetime.fromtimestamp(real, UTC)
    assert proof_pictures.forget_lost(now=at + timedelta(hours=23)) == 0
    assert proof_pictures.forget_lost(now=at + timedelta(hours=25)) == 1
    assert len(files(media)) == 1
