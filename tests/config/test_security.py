"""Safe by default: no variable set is a production that a check finds no fault with."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from axes.helpers import get_client_ip_address
from django.contrib.auth import get_user_model
from django.test import Client

BASE = Path(__file__).resolve().parents[2]
BARE = {"PATH": os.environ["PATH"]}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE, env=BARE | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def printed_settings(*names: str, **environment: str) -> list[str]:
    script = f"from django.conf import settings\nfor name in {names}: print(getattr(settings, name))"
    answer = manage("shell", "--no-imports", "-c", script, **environment)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


def test_the_deployment_check_finds_no_fault_with_an_empty_environment():
    answer = manage("check", "--deploy", "--fail-level", "WARNING")
    assert (answer.returncode, "no issues" in answer.stdout + answer.stderr) == (0, True), answer.stderr


def test_an_empty_environment_is_a_closed_one():
    names = ("DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")
    told = printed_settings(*names, "PASSWORD_HASHERS")
    assert told[:5] == ["False", "True", "True", "True", "31536000"]
    # Tests hash cheaply; nobody else does.
    assert "PBKDF2PasswordHasher" in told[5]


def test_local_http_relaxes_only_what_plain_http_needs():
    names = ("DEBUG", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "X_FRAME_OPTIONS")
    assert printed_settings(*names, LOCAL_HTTP="1") == ["False", "False", "False", "0", "DENY"]


def test_forwarded_headers_are_trusted_only_behind_a_proxy():
    names = ("PROXIES", "SECURE_PROXY_SSL_HEADER")
    assert printed_settings(*names) == ["0", "None"]
    assert "X_FORWARDED_PROTO" in printed_settings(*names, PROXIES="1")[1]


@pytest.mark.parametrize(("proxies", "address"), [(0, "10.0.0.9"), (1, "203.0.113.7"), (2, "198.51.100.4"), (3, None)])
def test_guesses_of_passwords_are_counted_by_the_address_that_no_visitor_can_choose(settings, rf, proxies, address):
    settings.PROXIES = proxies
    request = rf.post("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR="198.51.100.4, 203.0.113.7")
    assert get_client_ip_address(request) == address


@pytest.fixture
def policy(client: Client):
    """Return a function that gets the Content-Security-Policy of an address as a dictionary."""

    def of(address: str) -> dict[str, str]:
        header = client.get(address, secure=True).headers["Content-Security-Policy"]
        return dict(part.strip().split(" ", 1) for part in header.split(";"))

    return of


@pytest.mark.django_db
def test_pages_allow_nothing_inline_and_nothing_foreign(policy):
    directives = policy("/nothing-here/")
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert not any("unsafe" in value for value in directives.values())


@pytest.mark.django_db
def test_the_admin_is_relaxed_by_what_unfold_needs_and_no_more(policy):
    outside, admin = policy("/nothing-here/"), policy("/admin/login/")
    changed = {name: value for name, value in admin.items() if outside.get(name) != value}
    assert changed == {"script-src": "'self' 'unsafe-eval'", "style-src-attr": "'unsafe-inline'"}


@pytest.mark.django_db
def test_the_admin_has_no_inline_script_or_style_element(admin_client):
    page = admin_client.get("/admin/auth/user/", secure=True).content.decode()
    assert "<style" not in page
    assert "<script>" not in page


@pytest.mark.django_db
def test_every_answer_carries_the_headers_that_protect_it(client, settings):
    settings.SECURE_HSTS_SECONDS = 31536000
    headers = client.get("/admin/login/", secure=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
def test_the_sixth_guess_of_a_password_is_refused_with_a_page(client):
    get_user_model().objects.create_superuser("wang", "wang@example.org", "the right one 1")
    guess = {"username": "wang", "password": "wrong"}
    answers = [client.post("/admin/login/", guess, secure=True).status_code for _ in range(5)]
    right = client.post("/admin/login/", guess | {"password": "the right one 1"}, secure=True)
    assert answers == [200, 200, 200, 200, 429]
    assert right.status_code == 429
    assert "Content-Security-Policy" in right.headers


@pytest.mark.django_db
def test_the_screens_that_could_run_any_function_are_gone(admin_client):
    assert admin_client.get("/admin/django_q/schedule/", secure=True).status_code == 404


def test_the_locked_parts_have_hashes_and_no_address():
    for name in ("base.txt", "dev.txt"):
        lines = (BASE / "requirements" / name).read_text().splitlines()
        pins = [number for number, line in enumerate(lines) if "==" in line and not line.lstrip().startswith("#")]
        assert pins
        assert all("--hash=sha256:" in lines[number + 1] for number in pins)
        assert not any("://" in line or line.lstrip().startswith(("-i", "--index", "--find")) for line in lines)
