"""The service worker and the page it keeps: the same for everyone, and gone where they are not wanted."""

import json
import re

import pytest
from django.test import Client

# No test here may use the database.


def said(client: Client, address: str, **headers: str):
    return client.get(address, secure=True, headers=headers)


def parts_of(worker: str) -> dict:
    return json.loads(re.search(r"= (\{.*\});", worker)[1])


def test_the_worker_is_asked_for_anew_each_time_and_reaches_no_further_than_the_participants_pages(client):
    answer = said(client, "/h5/sw.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Service-Worker-Allowed" not in answer.headers


def test_what_it_keeps_beforehand_is_the_page_and_what_that_is_made_of(client):
    parts = parts_of(said(client, "/h5/sw.js").text)
    assert parts["kept"][0] == parts["offline"] == "/h5/offline/"
    assert all(address.startswith("/static/h5/") for address in parts["kept"][1:])
    page = said(client, "/h5/offline/").text
    assert all(address in page for address in parts["kept"][1:])


def test_new_words_are_a_new_version(client, monkeypatch):
    before = parts_of(said(client, "/h5/sw.js").text)["version"]
    monkeypatch.setattr("config.offline_pages._page", lambda: "other words")
    assert parts_of(said(client, "/h5/sw.js").text)["version"] != before


def test_the_page_is_the_same_for_everyone_and_speaks_both_languages(client):
    client.cookies["participant"] = "somebody"
    mine = said(client, "/h5/offline/", **{"accept-language": "en"})
    theirs = said(Client(), "/h5/offline/", **{"accept-language": "zh-hans"})
    assert mine.content == theirs.content
    assert not mine.cookies
    assert {'lang="zh-hans"', 'lang="en"'} <= set(re.findall(r'lang="[-a-z]+"', mine.text))


@pytest.mark.parametrize("wanted", [True, False])
def test_pages_ask_for_the_worker_only_where_it_is_wanted(client, settings, wanted):
    settings.OFFLINE_PAGES = wanted
    page = said(client, "/h5/nothing/").text
    worker = said(client, "/h5/sw.js").text
    assert ('data-worker="/h5/sw.js"' in page) is wanted
    assert ("unregister" in worker) is not wanted
