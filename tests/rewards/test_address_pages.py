"""The pages on which a member gives an address, with and without a script."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from members.models import Member
from members.participants import sign_in
from rewards import addresses, regions, shipping, tracking
from rewards.models import Award, Shipment
from tests.rewards.parcels import HOME, addressed, mug, won
from tests.rewards.test_giving_addresses import WELL_FILLED

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return Member.objects.create(uid="ann", name="Ann")


@pytest.fixture
def visitor(client, ann, settings):
    settings.SECURE_SSL_REDIRECT = False
    answer = HttpResponse()
    sign_in(answer, ann, RequestFactory().get("/"))
    client.cookies.update(answer.cookies)
    client.cookies["django_language"] = "en"
    return client


def page(award_id):
    return f"/h5/me/awards/{award_id}/address/"


def test_my_prizes_lead_to_the_form_and_the_form_to_a_claimed_award(visitor, ann):
    award = won(ann, now=timezone.now())
    own_page = f"/h5/me/awards/{award.pk}/"
    assert f'href="{own_page}?' in visitor.get("/h5/me/").text
    assert f'href="{page(award.pk)}"' in visitor.get(own_page).text
    assert "Where shall we send it?" in visitor.get(page(award.pk)).text
    answer = visitor.post(page(award.pk), WELL_FILLED, follow=True)
    assert "Your address is kept" in answer.text
    award.refresh_from_db()
    assert award.state == Award.State.CLAIMED
    assert answer.redirect_chain == [(own_page, 302)]
    assert "Being packed" in visitor.get("/h5/me/").text


def test_without_a_script_each_choice_brings_the_next_list_and_loses_nothing(visitor, ann):
    award = won(ann, now=timezone.now())
    first = visitor.get(page(award.pk)).text
    assert "杭州市" not in first
    given = {"recipient": "王芳", "street": "文", "province": "330000"}
    cities = visitor.post(page(award.pk), given | {"step": "city"})
    assert "杭州市" in cities.text
    assert "西湖区" not in cities.text
    assert 'value="王芳"' in cities.text
    assert "marked fields" not in cities.text
    districts = visitor.post(page(award.pk), given | {"city": "330100", "step": "district"})
    assert "西湖区" in districts.text
    assert not Shipment.objects.exists()


def test_faults_are_told_at_their_fields_and_nothing_is_taken(visitor, ann):
    award = won(ann, now=timezone.now())
    answer = visitor.post(page(award.pk), WELL_FILLED | {"phone": "123", "district": ""})
    assert answer.status_code == 422
    assert "A mobile number has 11 digits" in answer.text
    assert 'aria-describedby="id_phone_error"' in answer.text
    assert "Choose a district." in answer.text
    assert not Shipment.objects.exists()


def test_the_last_address_is_offered_for_the_next_prize(visitor, ann):
    addressed(ann, now=timezone.now())
    second = won(ann, key="second", now=timezone.now())
    text = visitor.get(page(second.pk)).text
    assert f'value="{HOME.phone}"' in text
    assert '<option value="330106" selected>' in text


def test_what_is_on_its_way_shows_its_number_and_no_form(visitor, ann):
    shipment = addressed(ann, now=timezone.now())
    shipping.export_waiting([mug()], by=User.objects.create_user("op"), now=timezone.now())
    assert "being packed" in visitor.get(page(shipment.award_id)).text
    tracking.ingest_tracking([tracking.TrackingRow(shipment.award_id, "SF", "SF1234567890")], now=timezone.now())
    text = visitor.get(page(shipment.award_id)).text
    assert "SF1234567890" in text
    assert "<form class=" not in text
    assert HOME.street not in text
    visitor.post(page(shipment.award_id), WELL_FILLED)
    shipment.refresh_from_db()
    assert addresses.unseal(shipment.sealed) == HOME


def test_a_prize_of_somebody_else_is_not_there(visitor):
    eve = Member.objects.create(uid="eve")
    award = won(eve, now=timezone.now())
    assert visitor.get(page(award.pk)).status_code == 404
    assert visitor.post(page(award.pk), WELL_FILLED).status_code == 404
    assert visitor.get(page(10**17)).status_code == 404
    assert visitor.get(page(10**30)).status_code == 404


def test_a_stranger_is_told_how_to_get_in(client, settings, ann):
    settings.SECURE_SSL_REDIRECT = False
    assert client.get(page(won(ann).pk)).status_code == 403


def test_the_cities_of_a_province_are_kept_by_browsers_for_ever(client, settings):
    settings.SECURE_SSL_REDIRECT = False
    answer = client.get(f"/h5/regions/{regions.version()}/330000.json")
    assert "immutable" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    assert ["330106", "西湖区"] in answer.json()[0][2]
    assert "Set-Cookie" not in answer
    assert client.get("/h5/regions/old/330000.json").status_code == 404
    assert client.get(f"/h5/regions/{regions.version()}/000000.json").status_code == 404


def test_the_page_takes_six_queries(visitor, ann, django_assert_max_num_queries):
    award = won(ann, now=timezone.now())
    visitor.get(page(award.pk))
    with django_assert_max_num_queries(6):
        visitor.get(page(award.pk))
