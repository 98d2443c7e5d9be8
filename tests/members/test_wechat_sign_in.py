"""Signing in by WeChat: there, back, and everything that may go wrong on the way."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import structlog
from django.test import Client
from django.utils import timezone

from config.access_log import AccessLog
from demo.fake_wechat import IDENTIFY, USERINFO
from members import erasing
from members.models import Identity, Member, UsedToken
from members.participants import COOKIE
from members.wechat import checks, states
from members.wechat.pages import COOKIE as BROWSER_COOKIE
from operations.models import AuditRecord

pytestmark = pytest.mark.django_db
WECHAT = (
    "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/116 Mobile MMWEBID/1 MicroMessenger/8.0.47 NetType/4G"
)
WECOM = f"{WECHAT} wxwork/4.1.22"
START, BACK = "/h5/wechat/start/", "/h5/wechat/back/"
WANTED = "/h5/c/spring/?from=groupmessage"


@pytest.fixture
def phone(fake_wechat):
    return Client(headers={"user-agent": WECHAT, "accept-language": "en"})


@pytest.fixture
def member(fake_wechat):
    return known_as("wechat-openid", fake_wechat.switches.person.openid, uid="u1")


def known_as(provider, subject, *, uid):
    member, _ = Member.objects.get_or_create(uid=uid)
    Identity.objects.create(member=member, provider=provider, subject=subject)
    return member


def begun(phone, onward=WANTED):
    """Begin a sign-in; return what WeChat is asked for."""
    return dict(parse_qsl(urlsplit(phone.get(START, {"next": onward})["Location"]).query))


def way_back(fake_wechat, asked, **changes):
    """The address to which WeChat sends the visitor back."""
    came = {"code": fake_wechat.new_code(asked["scope"]), "state": asked["state"]} | changes
    given = urlencode({name: value for name, value in came.items() if value is not None})
    return asked["redirect_uri"].removeprefix("http://testserver") + "&" + given


def there_and_back(phone, fake_wechat, onward=WANTED, **changes):
    return phone.get(way_back(fake_wechat, begun(phone, onward), **changes))


def reason(answer):
    return re.search(r"<h1>(.*?)</h1>", answer.content.decode())[1].replace("&#x27;", "'")


def test_whoever_is_known_by_their_openid_comes_back_to_the_page_signed_in(phone, fake_wechat, member):
    answer = there_and_back(phone, fake_wechat)
    assert (answer.status_code, answer["Location"]) == (302, WANTED)
    assert phone.get("/h5/me/").status_code == 200
    assert answer.cookies[COOKIE].value.startswith(f"{member.pk}:")


def test_wechat_is_asked_as_its_documentation_says(phone, fake_wechat, settings):
    settings.WECHAT_SCOPE = "snsapi_userinfo"
    answer = phone.get(START, {"next": "/h5/mall/"})
    address = urlsplit(answer["Location"])
    asked = dict(parse_qsl(address.query))
    assert list(asked) == ["appid", "redirect_uri", "response_type", "scope", "state"]
    assert address.fragment == "wechat_redirect"
    assert asked["redirect_uri"] == "http://testserver/h5/wechat/back/?next=%2Fh5%2Fmall%2F"
    assert (asked["response_type"], asked["scope"]) == ("code", "snsapi_userinfo")
    assert re.fullmatch(r"[a-zA-Z0-9]{1,128}", asked["state"])


def test_the_mark_of_the_browser_is_out_of_reach_of_scripts_and_short_lived(phone, settings):
    settings.LOCAL_HTTP = False
    cookie = phone.get(START).cookies[BROWSER_COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/h5/wechat/", "Lax", 600)
    assert cookie["httponly"]
    assert cookie["secure"]


def test_neither_code_nor_state_travels_on(phone, fake_wechat, member):
    asked = begun(phone)
    for answer in (phone.get(START), phone.get(way_back(fake_wechat, asked))):
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("address", [f"{BACK}?code=secret&state=x", "/h5/enter/?token=secret"])
def test_the_log_does_not_hold_what_signs_in(rf, address):
    assert AccessLog.format_request(rf.get(address)) == f"GET {address.partition('?')[0]}"
    assert AccessLog.format_request(rf.get("/h5/me/?c=spring")) == "GET /h5/me/?c=spring"


def test_the_log_of_a_failure_does_not_hold_the_secret(phone, fake_wechat, settings, caplog):
    settings.WECHAT_APP_SECRET = "not-the-one"
    with structlog.testing.capture_logs() as logged:
        answer = there_and_back(phone, fake_wechat)
    assert (answer.status_code, reason(answer)) == (503, "Signing in with WeChat is out of order.")
    assert "40125" in caplog.text
    assert "not-the-one" not in caplog.text + str(logged)


def test_the_unionid_goes_before_the_openid(phone, fake_wechat, settings, member):
    settings.WECHAT_SCOPE = "snsapi_userinfo"
    other = known_as("wechat-unionid", fake_wechat.switches.person.unionid, uid="u2")
    assert there_and_back(phone, fake_wechat).cookies[COOKIE].value.startswith(f"{other.pk}:")
    # The openid stays whose it was.
    assert list(other.identities.values_list("provider", flat=True)) == ["wechat-unionid"]


def test_what_else_wechat_says_of_who_is_known_is_noted(phone, fake_wechat, settings):
    settings.WECHAT_SCOPE = "snsapi_userinfo"
    person = fake_wechat.switches.person
    member = known_as("wechat-unionid", person.unionid, uid="u1")
    there_and_back(phone, fake_wechat)
    there_and_back(phone, fake_wechat)
    identities = dict(member.identities.values_list("provider", "subject"))
    assert identities == {"wechat-unionid": person.unionid, "wechat-openid": person.openid}


def test_an_openid_of_another_app_is_not_overwritten(phone, fake_wechat, settings):
    settings.WECHAT_SCOPE = "snsapi_userinfo"
    member = known_as("wechat-unionid", fake_wechat.switches.person.unionid, uid="u1")
    known_as("wechat-openid", "oOfAnotherApp", uid="u1")
    assert there_and_back(phone, fake_wechat).status_code == 302
    assert member.identities.get(provider="wechat-openid").subject == "oOfAnotherApp"


def test_whoever_is_unknown_is_told_how_to_be_linked(phone, fake_wechat, settings):
    settings.SHOP_SIGN_IN_URL = "https://shop.example/sign-in?to={next}"
    answer = there_and_back(phone, fake_wechat)
    assert (answer.status_code, reason(answer)) == (403, "Your WeChat is not linked to a membership yet.")
    assert f"https://shop.example/sign-in?to={'%2Fh5%2Fc%2Fspring%2F%3Ffrom%3Dgroupmessage'}" in answer.content.decode()
    assert COOKIE not in answer.cookies
    assert not Member.objects.exists()


def test_a_shop_may_make_them_members(phone, fake_wechat, settings):
    settings.WECHAT_NEW_MEMBERS, settings.WECHAT_SCOPE = "create", "snsapi_userinfo"
    assert there_and_back(phone, fake_wechat)["Location"] == WANTED
    made = Member.objects.get()
    assert re.fullmatch(r"wx-[0-9a-f]{32}", made.uid)
    assert fake_wechat.switches.person.openid not in made.uid
    assert made.name == fake_wechat.switches.person.nickname
    assert set(made.identities.values_list("provider", flat=True)) == {"wechat-openid", "wechat-unionid"}
    assert AuditRecord.objects.get(action="member.signed_up").reason == "WeChat sign-in"

    there_and_back(Client(headers={"user-agent": WECHAT}), fake_wechat)
    assert Member.objects.get() == made
    assert AuditRecord.objects.filter(action="member.signed_up").count() == 1


@pytest.mark.parametrize("renewed_keys", [False, True])
def test_who_was_erased_is_not_made_anew(phone, fake_wechat, settings, renewed_keys):
    settings.WECHAT_NEW_MEMBERS = "create"
    there_and_back(phone, fake_wechat)
    erasing.erase(Member.objects.get().pk, by=None, reason="asked for", now=timezone.now())
    if renewed_keys:
        settings.PERSONAL_DATA_KEYS = ["a new one", settings.SECRET_KEY]
    answer = there_and_back(phone, fake_wechat)
    assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
    assert Member.objects.filter(erased_at=None).count() == 0


@pytest.mark.parametrize("nickname", ["<b>Ann</b>", "a\u202eb\x00c", "😀" * 1_000, "微信用户"])
def test_a_nickname_is_a_text_and_no_more(phone, fake_wechat, settings, nickname):
    settings.WECHAT_NEW_MEMBERS, settings.WECHAT_SCOPE = "create", "snsapi_userinfo"
    fake_wechat.switches.person = type(fake_wechat.switches.person)(nickname=nickname)
    assert there_and_back(phone, fake_wechat).status_code == 302
    name = Member.objects.get().name
    assert name in ("<b>Ann</b>", "abc", "😀" * 100, "")


def test_without_the_nickname_the_openid_is_enough(phone, fake_wechat, settings, member):
    settings.WECHAT_SCOPE = "snsapi_userinfo"
    fake_wechat.switches.errors[USERINFO] = 48001
    assert there_and_back(phone, fake_wechat).status_code == 302


def test_who_does_not_consent_is_told_so_and_may_think_again(phone, fake_wechat, member):
    answer = there_and_back(phone, fake_wechat, code=None)
    assert (answer.status_code, reason(answer)) == (403, "You have not signed in.")
    assert f'href="{START}?{urlencode({"next": WANTED})}"' in answer.content.decode()


@pytest.mark.parametrize("code", [40029, 41008, 42003, 40163])
def test_a_code_that_wechat_does_not_know_any_more(phone, fake_wechat, member, code):
    fake_wechat.switches.errors[IDENTIFY] = code
    answer = there_and_back(phone, fake_wechat)
    assert (answer.status_code, reason(answer)) == (403, "WeChat does not know this sign-in any more.")


@pytest.mark.parametrize("code", ["x" * 513, "never given out"])
def test_a_made_up_code_opens_nothing(phone, fake_wechat, member, code):
    assert there_and_back(phone, fake_wechat, code=code).status_code == 403


def test_a_preview_is_nobodys(phone, fake_wechat, settings):
    settings.WECHAT_NEW_MEMBERS = "create"
    fake_wechat.switches.stand_in = True
    answer = there_and_back(phone, fake_wechat)
    assert reason(answer) == "WeChat shows you a preview of this page."
    assert not Member.objects.exists()


@pytest.mark.parametrize("said", [b"", b"<html>", b"[]", b'{"openid": 7}', b'{"openid": "a b\\u0000"}', b"{" * 70_000])
def test_an_answer_that_says_nothing_is_none(phone, fake_wechat, member, said):
    fake_wechat.switches.broken[IDENTIFY] = said
    answer = there_and_back(phone, fake_wechat)
    assert (answer.status_code, reason(answer)) == (503, "WeChat does not answer right now.")


def test_a_busy_wechat_is_asked_later(phone, fake_wechat, member):
    fake_wechat.switches.errors[IDENTIFY] = -1
    assert there_and_back(phone, fake_wechat).status_code == 503


def test_a_dead_wechat_is_said_to_be(phone, fake_wechat, settings, member):
    settings.WECHAT_API_URL = "http://127.0.0.1:9"
    assert there_and_back(phone, fake_wechat).status_code == 503


def test_the_secret_goes_over_https_only(phone, fake_wechat, settings, member):
    settings.WECHAT_API_URL = "http://wechat.example"
    assert there_and_back(phone, fake_wechat).status_code == 503
    assert [fault.id for fault in checks.faults()] == ["members.E101"]


def test_a_state_that_we_did_not_make_is_refused_before_wechat_is_asked(phone, fake_wechat, member):
    for state in ("", "0" * states.DIGITS, "g" * states.DIGITS, begun(phone)["state"].upper(), "é" * states.DIGITS):
        answer = there_and_back(phone, fake_wechat, state=state)
        assert (answer.status_code, reason(answer)) == (403, "This sign-in was not begun here.")
    assert fake_wechat.asked[IDENTIFY] == 0


def test_a_state_is_for_the_page_for_which_it_was_begun(phone, fake_wechat, member):
    asked = begun(phone)
    address = way_back(fake_wechat, asked).replace("spring", "autumn")
    assert reason(phone.get(address)) == "This sign-in was not begun here."


def test_the_link_of_somebody_else_signs_nobody_in(phone, fake_wechat, member):
    link = way_back(fake_wechat, begun(phone))
    for victim in (Client(), Client()):
        victim.get(START, headers={"user-agent": WECHAT})
        answer = victim.get(link, headers={"accept-language": "en"})
        assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
        assert reason(answer) == "This sign-in was begun in another browser."
    assert Client().get(link).status_code == 403
    assert fake_wechat.asked[IDENTIFY] == 0


def test_who_takes_longer_than_ten_minutes_begins_again(phone, fake_wechat, member, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    late, in_time = (way_back(fake_wechat, begun(phone)) for _ in range(2))
    time_machine.move_to(now + timedelta(minutes=9, seconds=58), tick=False)
    assert Client(headers={"user-agent": WECHAT}).get(in_time).status_code == 403
    assert phone.get(in_time).status_code == 302
    stranger = Client(headers={"accept-language": "en"})
    stranger.cookies = phone.cookies
    stranger.cookies.pop(COOKIE)
    time_machine.move_to(now + timedelta(minutes=10), tick=False)
    assert reason(stranger.get(late)) == "Signing in took too long."


def test_two_tabs_may_sign_in_side_by_side(phone, fake_wechat, member):
    first, second = begun(phone, "/h5/me/"), begun(phone, "/h5/mall/")
    assert phone.get(way_back(fake_wechat, first))["Location"] == "/h5/me/"
    assert phone.get(way_back(fake_wechat, second))["Location"] == "/h5/mall/"


def test_opened_again_by_who_is_signed_in_the_address_just_leads_on(phone, fake_wechat, member):
    address = way_back(fake_wechat, begun(phone))
    assert [phone.get(address)["Location"] for _ in range(3)] == [WANTED] * 3
    assert fake_wechat.asked[IDENTIFY] == 1


def test_a_state_is_good_once(phone, fake_wechat, member):
    asked = begun(phone)
    browser = phone.cookies[BROWSER_COOKIE].value
    phone.get(way_back(fake_wechat, asked))
    again = Client(headers={"accept-language": "en"})
    again.cookies[BROWSER_COOKIE] = browser
    assert reason(again.get(way_back(fake_wechat, asked))) == "This sign-in has been used already."
    assert UsedToken.objects.count() == 1


@pytest.mark.parametrize("wanted", ["https://evil.example/h5/", "//evil.example", "/admin/", "/h5/" + "x" * 1_000])
def test_the_way_on_leads_below_h5_only(phone, fake_wechat, member, wanted):
    assert there_and_back(phone, fake_wechat, wanted)["Location"] == "/h5/"


@pytest.mark.parametrize("agent", ["Mozilla/5.0 Chrome/130 Mobile Safari/537.36", WECOM])
def test_outside_of_wechat_nobody_is_sent_there(phone, agent):
    answer = phone.get(START, headers={"user-agent": agent})
    assert (answer.status_code, reason(answer)) == (403, "Signing in with WeChat works inside WeChat only.")


@pytest.mark.parametrize("address", [START, BACK, "/h5/wechat/signature/"])
@pytest.mark.parametrize("missing", ["WECHAT_APP_ID", "WECHAT_APP_SECRET"])
def test_without_an_account_the_addresses_are_not_there(phone, settings, address, missing):
    setattr(settings, missing, "")
    assert phone.get(address).status_code == 404


@pytest.mark.parametrize(
    ("setting", "value", "fault"),
    [
        ("WECHAT_API_URL", "api.weixin.qq.com", "members.E101"),
        ("WECHAT_SDK_URL", "http://res.example/sdk.js", "members.E101"),
        ("WECHAT_SCOPE", "everything", "members.E102"),
        ("WECHAT_NEW_MEMBERS", "yes", "members.E103"),
    ],
)
def test_a_setting_that_cannot_be_is_found_before_anybody_comes(fake_wechat, settings, setting, value, fault):
    assert checks.faults() == []
    setattr(settings, setting, value)
    assert [each.id for each in checks.faults()] == [fault]
    settings.WECHAT_APP_ID = ""
    assert checks.faults() == []


@pytest.mark.parametrize("method", ["head", "post"])
def test_a_preview_of_the_address_uses_nothing_up(phone, fake_wechat, member, method):
    address = way_back(fake_wechat, begun(phone))
    assert getattr(phone, method)(address).status_code == 405
    assert phone.get(address).status_code == 302


def test_the_closed_door_offers_wechat_within_wechat(phone):
    page = phone.get("/h5/mall/?page=2").content.decode()
    assert f'href="{START}?next=%2Fh5%2Fmall%2F%3Fpage%3D2"' in page
    assert "Sign in with WeChat" in page
    outside = phone.get("/h5/mall/", headers={"user-agent": "Chrome"}).content.decode()
    assert "wechat" not in outside.lower()


def test_what_a_form_sent_leads_back_to_the_page_with_the_form(phone):
    came_from = {"referer": "http://testserver/h5/me/privacy/?x=1"}
    assert "next=%2Fh5%2Fme%2Fprivacy%2F" in phone.post("/h5/me/privacy/", headers=came_from).content.decode()
    elsewhere = {"referer": "http://evil.example/h5/"}
    assert f'href="{START}"' in phone.post("/h5/me/privacy/", headers=elsewhere).content.decode()


def test_a_used_link_of_the_shop_leads_to_its_page_and_not_to_itself(phone):
    page = phone.get("/h5/enter/", {"token": "used-up", "next": "/h5/c/spring/"}).content.decode()
    assert f'href="{START}?next=%2Fh5%2Fc%2Fspring%2F"' in page
    assert "used-up" not in page.partition("<footer")[0]
