"""The API's reference page: for anyone, in both languages, kept, and strict."""

import re

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from config import api_pages

pytestmark = pytest.mark.django_db


def page(**how):
    return Client().get("/api/", **how)


def test_every_operation_and_every_error_code_has_its_place_on_the_page():
    html = page(headers={"Accept-Language": "en"}).content.decode()
    document = SchemaGenerator().get_schema(request=None, public=True)
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    ids = re.findall(r' id="([^"]+)"', html)
    assert set(names) <= set(ids)
    assert len(ids) == len(set(ids))
    led = set(re.findall(r'href="#([^"]+)"', html))
    assert led <= set(ids)


def test_the_page_speaks_the_readers_language_and_the_switch_has_the_last_word():
    assert '<html lang="en">' in page(headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="zh-hans">' in page(headers={"Accept-Language": "zh-CN"}).content.decode()
    assert '<html lang="zh-hans">' in page(data={"lang": "zh-hans"}, headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="en">' in page(data={"lang": "no such"}, headers={"Accept-Language": "en"}).content.decode()


def test_who_has_the_page_already_gets_no_second_copy_and_it_is_made_once():
    api_pages._kept.cache_clear()
    first = page(headers={"Accept-Language": "en"})
    again = page(headers={"Accept-Language": "en", "If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert api_pages._kept.cache_info().misses == 1


def test_the_page_runs_nothing_of_others_and_its_commands_name_this_site():
    answer = page(headers={"Accept-Language": "en"})
    html = answer.content.decode()
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"(src|style|on[a-z]+)=\"(https?:)?//|<style| style=", html)
    assert "curl http://testserver/api/v1/members/bulk/" in html


def test_an_unknown_address_leads_to_the_page():
    assert "/api/" in Client().get("/api/v1/nothing/").json()["message"]
    assert Client().post("/api/v1/nothing/").status_code == 404


def test_who_asks_under_many_names_has_no_page_made_anew(monkeypatch):
    page()
    monkeypatch.setattr("config.api_pages.render_to_string", None)

    told = [page(headers={"host": f"testserver:{port}"}) for port in (81, 82, 83)]

    assert [each.status_code for each in told] == [200] * 3
    assert all(f"http://testserver:{port}/api/v1/" in each.text for port, each in zip((81, 82, 83), told, strict=True))
    assert len({each["ETag"] for each in told}) == 3
    assert not [each for each in told if "site.invalid" in each.text]


def test_the_document_is_made_once_for_each_language_and_form(client, monkeypatch):
    asked = [(language, form) for language in ("en", "zh-hans") for form in ("json", "yaml")]
    first = [document_of(client, *each) for each in asked]
    monkeypatch.setattr("config.api_schema.SchemaGenerator", None)

    assert [document_of(client, *each) for each in asked] == first
    assert len(set(first)) == len(asked)


def document_of(client, language, form):
    return client.get(f"/api/v1/schema/?format={form}", headers={"accept-language": language}).content
