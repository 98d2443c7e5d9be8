"""The picture of a gift and of an item of the mall: uploaded, replaced, taken away, and where members meet it."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.participants import sign_in
from operations import pictures
from operations.decoding import LARGEST_BYTES
from operations.models import AuditRecord, Picture
from operations.picture_reference import read
from rewards.awards import awards_before, grant_award
from rewards.models import Gift, MallItem
from rewards.published_prizes import published_pool
from tests.images import image, photo_from_home
from tests.rewards.build import NOW, gift, members, published
from tests.rewards.mall_shop import item
from tests.rewards.test_api import client as api_client

pytestmark = pytest.mark.django_db

ADD = "/admin/rewards/gift/add/"
FORM = {"name": "Mug", "slug": "mug", "kind": "physical", "face_value": "0", "cost": "0"}


@pytest.fixture(autouse=True)
def _english(settings):
    settings.LANGUAGE_CODE = "en"
    settings.SECURE_SSL_REDIRECT = False


def file(content, name="mug.png", kind="image/png"):
    return SimpleUploadedFile(name, content, kind)


def page(row):
    return reverse(f"admin:rewards_{row._meta.model_name}_change", args=[row.pk])


def faults(answer):
    assert answer.status_code == 200, "it was saved"
    return dict(answer.context["adminform"].form.errors)


def kept(colour="red"):
    return str(pictures.keep(image((400, 250), colour=colour), now=timezone.now()))


def test_a_gift_gets_a_picture_another_one_and_none(admin_client):
    admin_client.post(ADD, FORM | {"picture-file": file(image((400, 250)))})
    mug = Gift.objects.get()
    first = mug.picture
    assert read(first).width == 400

    shown = admin_client.get(page(mug)).text
    assert 'enctype="multipart/form-data"' in shown
    assert f'name="picture" value="{first}"' in shown
    assert f"/h5/pictures/{first[:32]}/360.webp" in shown
    admin_client.post(page(mug), FORM | {"picture": first})
    assert Gift.objects.get().picture == first

    admin_client.post(page(mug), FORM | {"picture": first, "picture-file": file(photo_from_home())})
    second = Gift.objects.get().picture
    assert read(second).height == 800
    admin_client.post(page(mug), FORM | {"picture": second, "picture-without": "on"})
    assert Gift.objects.get().picture == ""
    changes = [record.changes.get("picture") for record in AuditRecord.objects.order_by("id")]
    assert changes == [[None, first], [first, second], [second, None]]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "mug.svg", "no picture that can be read"),
        (b"<html>", "mug.png", "no picture that can be read"),
        (image(kind="GIF"), "mug.gif", "no picture that can be read"),
        (image().ljust(LARGEST_BYTES + 1, b"\x00"), "mug.png", "larger than 10 MB"),
        (image((200, 200)), "mug.png", "200 pixels wide"),
    ],
)
def test_what_cannot_be_a_picture_is_refused_in_words_beside_the_field(admin_client, content, name, words):
    answer = admin_client.post(ADD, FORM | {"picture-file": file(content, name)})
    assert list(faults(answer)) == ["picture"]
    assert words in str(faults(answer)["picture"])
    assert not Gift.objects.exists()


def test_what_a_file_is_called_counts_for_nothing(admin_client):
    admin_client.post(ADD, FORM | {"picture-file": file(image((400, 250)), "mug.html", "text/html")})
    assert read(Gift.objects.get().picture)


def test_an_upload_is_kept_while_another_fault_is_put_right(admin_client):
    answer = admin_client.post(ADD, FORM | {"name": "", "picture-file": file(image((400, 250)))})
    assert list(faults(answer)) == ["name"]
    reference = answer.context["adminform"].form["picture"].value()
    assert f'name="picture" value="{reference}"' in answer.text
    admin_client.post(ADD, FORM | {"picture": reference})
    assert Gift.objects.get().picture == reference


def test_a_picture_that_is_no_longer_kept_cannot_be_named(admin_client):
    reference = kept()
    Picture.objects.all().delete()
    for named in (reference, "x", "<script>"):
        answer = admin_client.post(ADD, FORM | {"picture": named})
        assert "upload it again" in str(faults(answer)["picture"])


def test_who_may_only_look_sees_it_and_has_no_field_for_it():
    mug = gift("mug", "physical", picture=kept())
    looker = User.objects.create(username="lin", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_gift"))
    desk = Client()
    desk.force_login(looker)
    shown = desk.get(page(mug)).text
    assert f"/h5/pictures/{mug.picture[:32]}/360.webp" in shown
    assert "picture-file" not in shown


def test_an_item_of_the_mall_shows_its_own_picture_or_its_gifts(admin_client):
    mug = item("mug", name="Mug")
    Gift.objects.filter(pk=mug.gift_id).update(picture=(of_gift := kept("red")))
    assert MallItem.objects.get().shown_picture == of_gift
    MallItem.objects.update(picture=(own := kept("blue")))
    assert MallItem.objects.get().shown_picture == own
    listed = admin_client.get("/admin/rewards/mallitem/").text
    assert own[:32] in listed
    assert of_gift[:32] not in listed


def visitor_of(client, member):
    answer = HttpResponse()
    sign_in(answer, member, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    return client


def test_the_mall_shows_pictures_without_a_query_more(client, django_assert_num_queries):
    (ann,) = members(1)
    visitor = visitor_of(client, ann)
    for number in range(4):
        item(f"thing-{number}", name=f"Thing {number}")
    visitor.get("/h5/mall/")
    with CaptureQueriesContext(connection) as plain:
        assert "/h5/pictures/" not in visitor.get("/h5/mall/").text
    for each in Gift.objects.all():
        Gift.objects.filter(pk=each.pk).update(picture=kept())
    with django_assert_num_queries(len(plain)):
        shown = visitor.get("/h5/mall/").text
    assert shown.count("<img ") == 4
    assert shown.count('loading="lazy"') == 4
    single = visitor.get("/h5/mall/thing-0/").text
    assert 'fetchpriority="high"' in single


def test_a_prize_shows_the_picture_of_its_gift_before_and_after_it_is_won():
    (ann,) = members(1)
    reference = kept()
    mug = gift("mug", "physical", picture=reference)
    version = published((mug, 500_000, 10), consolation=(gift("thanks"), 500_000))
    prizes = published_pool(version.pool.slug, version.number).prizes
    assert [prize.picture for prize in prizes if prize.key == "mug"] == [reference]
    grant_award(mug, ann.pk, key="won", source="test", now=NOW)
    assert [award.picture for award in awards_before(ann.pk, before=None, limit=5, now=NOW)] == [reference]


def test_the_api_says_where_a_picture_is():
    (ann,) = members(1)
    mug = gift("mug", "physical", picture=kept())
    item("mug", gift=mug)
    grant_award(mug, ann.pk, key="won", source="test", now=NOW)
    address = f"http://testserver/h5/pictures/{mug.picture[:32]}/400.webp"
    (offered,) = api_client("eligibility").get("/api/v1/mall/items/").json()["items"]
    (award,) = api_client("rewards").get("/api/v1/members/m0/awards/").json()["awards"]
    assert offered["picture"] == award["picture"] == address


def test_ones_own_prizes_are_shown_with_their_pictures(client):
    (ann,) = members(1)
    award = grant_award(gift("mug", "physical", picture=kept()), ann.pk, key="won", source="test", now=NOW)
    visitor = visitor_of(client, ann)
    for address in ("/h5/me/awards/", f"/h5/me/awards/{award.pk}/"):
        assert visitor.get(address).text.count("<img ") == 1
