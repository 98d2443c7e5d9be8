"""Texts of members and operators are shown as text, and what members send is taken or refused, never a fault."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from campaigns.models import Submission
from members.isolated import isolated
from members.masking import masked_name
from rewards.models import Award
from tests.campaigns import hostile, scenes
from tests.campaigns.test_pages import signed_in

NASTY = [
    hostile.MARKUP,
    hostile.TURNED,
    "\0",
    "a\0b",
    "W" * 5000,
    "🎉" * 1000,
    "\u200b",
    "\r\n\r\n",
    "１２３",
    "-1",
    "9" * 40,
]
HOME = "/h5/c/fair/"


@pytest.fixture
def ann(db, settings):
    settings.SECURE_SSL_REDIRECT = False
    return hostile.open_campaign(now=timezone.now())


@pytest.fixture
def visitor(client, ann):
    return signed_in(client, ann)


def test_every_page_shows_it_as_text(visitor, ann):
    for address in hostile.pages(ann):
        page = visitor.get(address)
        assert page.status_code == 200, address
        assert "<script>hacked" not in page.text, address
        assert "<img src=x" not in page.text, address
    assert "{{ 7|add:7 }}" in visitor.get(HOME).text


@pytest.mark.parametrize("nasty", NASTY, ids=ascii)
def test_what_a_member_sends_is_taken_or_refused(visitor, ann, nasty):
    award = Award.objects.filter(member=ann).last().pk
    friend = hostile.pages(ann)[-1]
    forms = {
        f"{HOME}t/quiz/": ["q0", "answers", "sheet"],
        f"{HOME}t/proof/": ["text", "link"],
        f"{HOME}t/sign/": ["code"],
        f"{HOME}t/sign/accept/": ["next"],
        f"{HOME}t/sign/claim/": ["next"],
        f"{HOME}t/sign/make-up/": ["day"],
        f"{HOME}draw/": ["pool", "pay"],
        f"{HOME}energy/collect/": ["drop"],
        f"{HOME}o/none/": ["group", "quantity"],
        friend: ["link"],
        "/h5/mall/mug/": ["price"],
        "/h5/me/privacy/": ["profiling"],
        f"/h5/me/awards/{award}/address/": ["recipient", "phone", "province", "city", "district", "street", "postcode"],
    }
    for address, fields in forms.items():
        for field in (*fields, "request_key", nasty):
            answer = visitor.post(address, {field: nasty}, follow=True)
            assert answer.status_code < 500, (address, field)
            assert "<script>hacked" not in answer.text


def test_a_picture_that_is_a_page_too_is_kept_as_a_picture_alone(visitor, ann, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    scenes.make_gifts()
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "JPEG", comment=b"<script>hacked=1</script>")
    both = written.getvalue() + b"PK\x03\x04<html><script>hacked=1</script>"
    scenes.publish(slug="photos", tasks=[scenes.task("proof", "proof", config={"picture": "required"})], pools=[],
                   opens_at="2020-01-01T00:00:00Z", closes_at="2099-01-01T00:00:00Z")  # fmt: skip
    picture = SimpleUploadedFile("evil.html", both, content_type="text/html")
    visitor.post("/h5/c/photos/t/proof/", {"picture": picture})

    kept = visitor.get(f"/h5/c/photos/proofs/{Submission.objects.get().pk}/")
    assert kept.headers["Content-Type"] == "image/jpeg"
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    assert b"hacked" not in kept.content


def test_a_picture_of_more_than_ten_megabytes_is_refused_with_words(visitor, ann):
    scenes.publish(slug="photos", tasks=[scenes.task("proof", "proof", config={"picture": "required"})], pools=[],
                   opens_at="2020-01-01T00:00:00Z", closes_at="2099-01-01T00:00:00Z")  # fmt: skip
    picture = SimpleUploadedFile("large.jpg", b"\xff\xd8" + b"x" * (10 * 1024 * 1024))
    answer = visitor.post("/h5/c/photos/t/proof/", {"picture": picture})
    assert answer.status_code == 422
    assert "larger than 10 MB" in answer.text


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Ann", "A**"), ("王芳", "王**"), ("\u202eAnn", "A**"), ("\u200b \u0301é", "é**"), ("\u202e\u2069", ""), ("", "")],
)
def test_the_first_letter_of_a_name_is_one_that_can_be_seen(name, shown):
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A coupon", "A coupon"),
        ("优惠券", "优惠券"),
        ("قسيمة", "\u2068قسيمة\u2069"),
        ("\u2069\u202eeparate", "eparate"),
        ("\u2069\u202eقسيمة\u2066", "\u2068قسيمة\u2069"),
    ],
)
def test_a_name_in_a_sentence_keeps_its_direction_to_itself(text, shown):
    assert isolated(text) == shown
