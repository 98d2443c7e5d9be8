"""Error pages speak the visitor's language, and none needs the database: no test here may use it."""

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.test import Client
from django.urls import path, reverse

from config import urls
from config.largest_upload import LARGEST


def fail(_request):
    raise RuntimeError("a secret detail")


def forbid(_request):
    raise PermissionDenied


WITHIN_THE_ADMIN = [path("admin/fail/", fail), path("admin/forbid/", forbid)]


class Urls:
    urlpatterns = [
        path("fail/", fail),
        path("forbid/", forbid),
        path("api/v1/fail/", fail),
        *WITHIN_THE_ADMIN,
        *urls.urlpatterns,
    ]
    handler400, handler403 = urls.handler400, urls.handler403
    handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def visitor(settings) -> Client:
    settings.ROOT_URLCONF = Urls
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("address", "status"), [("/nothing/", 404), ("/forbid/", 403), ("/fail/", 500)])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_page_says_what_happened_in_the_visitors_language(visitor, address, status, language):
    answer = visitor.get(address, secure=True, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'<html lang="{language}">' in page
    assert str(status) in page
    assert "width=device-width" in page
    assert "secret detail" not in page


@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("/admin/forbid/", True),
        ("/nothing/", False),
        ("/admin/fail/", False),
    ],
)
def test_a_page_that_is_not_there_or_not_allowed_leads_back_to_where_the_work_is(visitor, address, back):
    page = visitor.get(address, secure=True, headers={"accept-language": "en"}).content.decode()
    assert ('<a class="back" href="/admin/">' in page) == back


def test_an_unknown_host_gets_a_page_without_hints(visitor):
    answer = visitor.get("/", secure=True, headers={"host": "evil.example", "accept-language": "en"})
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()
    assert "ALLOWED_HOSTS" not in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


def test_the_chosen_language_wins_over_the_browsers(visitor):
    visitor.cookies["django_language"] = "en"
    page = visitor.get("/nothing/", secure=True, headers={"accept-language": "zh-hans"}).content.decode()
    assert '<html lang="en">' in page


def test_a_form_without_its_protection_is_told_to_reload():
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("set_language"), {"language": "en"}, secure=True, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "reload the page" in answer.content.decode()


def test_a_program_gets_json(visitor):
    answer = visitor.get("/api/v1/fail/", secure=True, headers={"accept-language": "en"})
    assert answer.status_code == 500
    body = {"code": "server_error", "message": "Something went wrong. It has been noted.", "fields": {}}
    assert answer.json() == body


def test_the_language_is_switched_and_kept_in_a_cookie(client):
    answer = client.post(reverse("set_language"), {"language": "en", "next": "/admin/"}, secure=True)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert answer.cookies["django_language"].value == "en"


def test_the_bare_address_leads_to_the_admin(client):
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/admin/")


def too_big(_request):
    raise RequestDataTooBig


def database_gone(_request):
    raise OperationalError("a secret address")


class H5Urls(Urls):
    urlpatterns = [
        path("h5/c/autumn/fail/", fail),
        path("h5/c/autumn/forbid/", forbid),
        path("h5/c/autumn/big/", too_big),
        path("h5/me/gone/", database_gone),
        *urls.urlpatterns,
    ]


@pytest.fixture
def participant(visitor, settings) -> Client:
    settings.ROOT_URLCONF = H5Urls
    return visitor


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("address", "status", "way_on"),
    [
        ("/h5/nothing/", 404, 'href="/h5/'),
        ("/h5/c/autumn/nothing/", 404, 'href="/h5/c/autumn/"'),
        ("/h5/c/autumn/forbid/", 403, 'href="/h5/c/autumn/"'),
        ("/h5/c/autumn/big/", 413, 'href="/h5/c/autumn/"'),
        ("/h5/c/autumn/fail/", 500, 'href="/h5/c/autumn/fail/"'),
        ("/h5/me/gone/", 503, 'href="/h5/me/gone/"'),
    ],
)
def test_a_participant_reads_it_in_the_look_of_their_pages_with_a_way_on(
    participant, address, status, way_on, language
):
    answer = participant.get(address, secure=True, headers={"accept-language": language})
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'<html lang="{language}"' in page
    assert "h5/h5" in page
    assert way_on in page
    assert "secret" not in page
    assert answer.headers.get("Retry-After") == ("60" if status == 503 else None)


def test_a_form_that_was_open_too_long_leads_back_to_its_page():
    client, page = Client(enforce_csrf_checks=True), "/h5/c/autumn/t/quiz/?a=1"
    headers = {"accept-language": "en", "referer": f"https://testserver{page}", "host": "testserver"}
    answer = client.post("/h5/c/autumn/t/quiz/accept/", {}, secure=True, headers=headers)
    assert answer.status_code == 403
    assert "Nothing was counted." in answer.content.decode()
    assert f'href="{page}" data-back' in answer.content.decode()


@pytest.mark.parametrize(
    "referer", ["https://evil.example/h5/", "https://testserver/admin/", "javascript:alert(1)", ""]
)
def test_it_leads_back_to_our_own_pages_only(participant, referer):
    headers = {"accept-language": "en", "referer": referer}
    page = participant.post("/h5/c/autumn/fail/", secure=True, headers=headers).content.decode()
    assert "evil" not in page
    assert "data-back" not in page
    assert 'href="/h5/c/autumn/"' in page


def test_an_upload_beyond_all_measure_is_refused_before_it_is_kept(participant):
    body, kind = b"x" * (LARGEST + 1), "multipart/form-data; boundary=b"
    answer = participant.post("/h5/c/autumn/t/proof/", body, kind, secure=True, headers={"accept-language": "en"})
    assert answer.status_code == 413
    assert "A picture may have 10 MB" in answer.content.decode()
