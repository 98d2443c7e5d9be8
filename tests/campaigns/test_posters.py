"""The poster of a link: whose it is, what it says, that phones read it, and that nothing anybody types breaks it."""

import io
from dataclasses import replace

import pytest
import time_machine
import zxingcpp
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from PIL import Image, ImageChops

from campaigns.posters import fonts
from campaigns.posters.drawing import CARD, MOST_BYTES, Art, Card, Poster, draw, draw_card
from campaigns.posters.fonts import FontError, typeface
from campaigns.posters.typesetting import MORE, clipped, wrapped
from campaigns.share_links import ShareLink, address, seal
from campaigns.shared_kind import shown_name
from tests.campaigns.friends import enrol, link_of
from tests.campaigns.scenes import CLOSES, NOW, publish, task
from tests.campaigns.test_bargaining import TERMS

LINK = "https://campaigns.shop.example/h5/s/" + "Ab3_" * 14 + "/"
POSTER = Poster(
    link=LINK,
    colour="c8321f",
    organiser="千面牧场",
    campaign="双十二会员狂欢",
    tagline="签到、答题、逛一逛",
    asks="王** 邀你帮忙砍价",
    initial="王",
    about="鲜牛奶 12 瓶整箱",
    price=("可砍至", "¥9.90", "¥69.90"),
    gets="你可获得",
    gifts=("2 积分", "1 次抽奖机会"),
    terms="限新会员",
    scan=("长按识别", "或扫一扫"),
    until=("有效期至", "2026年12月12日 23:59"),
)
HOSTILE = "\u202e<b>\u0000\u200b&amp;" + "🎉" * 1000
TASKS = [
    task("invite", "invite", config={"count": 2, "qualify": "buy", "amount": "50.00", "friend": {"points": 3}}),
    task("help", "assist", config={"helps": 3, "helper_reward": {"points": 1}}),
    task("cut", "bargain", config=TERMS),
    task("team", "team", config={"size": 3, "hours": 24, "goal": "all_bought"}),
    task("pass-on", "share", config={"count": 1}),
]


@pytest.fixture
def chinese():
    found = typeface()
    if found is None:
        pytest.skip("no Chinese font on this machine: Debian's is fonts-noto-cjk")
    return found


@pytest.fixture
def at_noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ann(db, at_noon, settings):
    settings.SECURE_SSL_REDIRECT = False
    publish(tasks=TASKS)
    return enrol("ann", name="安妮")


def path_of(member, key, picture="poster.en.jpg"):
    if key == "pass-on":
        return address(seal(ShareLink(member.enrolments.get().pk, key, CLOSES))) + picture
    return address(link_of(member, key)) + picture


def opened(content):
    return Image.open(io.BytesIO(content))


def read(content):
    return [each.text for each in zxingcpp.read_barcodes(opened(content))]


# Drawn


def test_a_poster_is_750_pixels_wide_small_and_its_code_is_read(chinese):
    drawn = draw(POSTER, Art(chinese))
    assert opened(drawn).format == "JPEG"
    assert opened(drawn).width == 750
    assert len(drawn) < MOST_BYTES
    assert read(drawn) == [LINK]


def test_the_code_is_read_off_a_third_of_the_size_as_a_chat_shows_it(chinese):
    image = opened(draw(POSTER, Art(chinese)))
    small = image.resize((image.width // 2, image.height // 2))
    assert [each.text for each in zxingcpp.read_barcodes(small)] == [LINK]


def test_the_same_words_are_the_same_bytes(chinese):
    assert draw(POSTER, Art(chinese)) == draw(replace(POSTER), Art(chinese))
    assert draw(POSTER, Art(chinese)) != draw(replace(POSTER, asks="李** 邀你帮忙砍价"), Art(chinese))


def test_without_a_typeface_there_is_the_code_and_not_a_word():
    drawn = draw(POSTER, Art(None))
    assert read(drawn) == [LINK]
    assert draw(replace(POSTER, campaign="Something else", asks="somebody"), Art(None)) == drawn


@pytest.mark.parametrize("colour", ["ffffff", "000000"])
def test_the_code_is_read_in_every_colour(chinese, colour):
    assert read(draw(replace(POSTER, colour=colour), Art(chinese))) == [LINK]


@pytest.mark.parametrize("text", ["字" * 5000, "W" * 5000, ""])
def test_texts_of_any_length_are_clipped(chinese, text):
    clean = chinese.cleaned(text)
    texts = dict.fromkeys(("organiser", "campaign", "tagline", "asks", "about", "terms"), clean)
    drawn = draw(replace(POSTER, **texts, gifts=(clean,) * 5), Art(chinese))
    assert read(drawn) == [LINK]
    assert opened(drawn).height < 1900
    assert len(drawn) < MOST_BYTES


def test_the_longest_link_that_has_room_is_read_and_a_longer_one_is_refused(chinese):
    long = "https://shop.example/" + "a" * 400
    assert read(draw(replace(POSTER, link=long), Art(chinese))) == [long]
    with pytest.raises(ValueError, match="no room"):
        draw(replace(POSTER, link="https://shop.example/" + "a" * 2000), Art(chinese))


def test_a_banner_stands_over_the_words(chinese):
    banner = Image.effect_noise((900, 300), 80)
    plain, with_banner = draw(POSTER, Art(chinese)), draw(replace(POSTER, banner="b1"), Art(chinese, banner))
    assert read(with_banner) == [LINK]
    assert len(with_banner) < MOST_BYTES
    top = (0, 0, 750, 200)
    assert ImageChops.difference(opened(plain).crop(top), opened(with_banner).crop(top)).getbbox()


@pytest.mark.parametrize("banner", [None, Image.new("RGBA", (30, 400), (10, 20, 30, 40))])
def test_the_card_of_a_campaign_has_the_size_that_chats_ask_for(chinese, banner):
    drawn = draw_card(Card("c8321f", "千面牧场", "双十二会员狂欢", "签到"), Art(chinese, banner))
    assert opened(drawn).size == CARD
    assert len(drawn) < MOST_BYTES


# Letters


def test_what_the_typeface_has_not_is_left_out(chinese):
    assert chinese.cleaned("安妮 🎉 Ann\u202e\u0000\n 王") == "安妮 Ann 王"
    assert chinese.cleaned("שלום") == chinese.cleaned("🎉" * 1000) == chinese.cleaned("\u200b\u0301") == ""
    assert chinese.cleaned("e\u0301té") == "été"
    assert chinese.cleaned("members’ “day”") == 'members\' "day"'
    assert chinese.cleaned("会员“日”") == "会员“日”"


def test_a_name_is_masked_after_the_first_character_that_is_seen():
    assert shown_name("\u202e\u200bzoe") == "z**"
    assert shown_name("\u202e\u200b\u0301") == shown_name("")


def test_lines_break_between_words_and_between_any_two_characters_but_not_before_a_comma(chinese):
    font = chinese.font(30)
    lines = wrapped("一二三四五六七八九，十", font, 30 * 9 + 5, 3)
    assert "".join(lines) == "一二三四五六七八九，十"
    assert not any(line.startswith("，") for line in lines)
    assert wrapped("one two three", font, round(font.getlength("one two")) + 4, 2) == ["one two", "three"]
    assert wrapped("字" * 100, font, 300, 2)[-1].endswith(MORE)
    assert all(font.getlength(line) <= 300 for line in wrapped("W" * 100, font, 300, 2))
    assert clipped("short", font, 300) == "short"


def test_a_font_may_be_named_and_one_without_chinese_is_refused(chinese, settings, tmp_path):
    regular, bold = chinese.regular, chinese.bold
    settings.POSTER_FONT = [f"{regular.path}#{regular.face}", f"{bold.path}#{bold.face}"]
    assert typeface() == chinese
    nothing = tmp_path / "nothing.ttf"
    nothing.write_bytes(b"no font")
    settings.POSTER_FONT = [str(nothing)]
    with pytest.raises(FontError):
        typeface()
    with pytest.raises(SystemCheckError, match=r"campaigns\.E001"):
        call_command("check")


def test_the_styles_of_a_file_that_has_several_stay_apart(monkeypatch):
    class Variable:
        style = ""

        def get_variation_names(self):
            return [b"Regular", b"Bold"]

        def set_variation_by_name(self, style):
            self.style = style

    monkeypatch.setattr(fonts.ImageFont, "truetype", lambda *_where, **_how: Variable())
    both = fonts.FontFile("variable.ttf")
    bold, regular = (fonts.Typeface(both, both).font(28, bold=bold) for bold in (True, False))
    fonts._opened.cache_clear()
    assert (bold.style, regular.style) == ("Bold", "Regular")


def test_the_check_warns_where_no_font_is_found_but_not_where_none_is_wanted(settings, monkeypatch, capsys):
    for source in ("_known", "_by_fontconfig"):
        monkeypatch.setattr(fonts, source, lambda: ())
    fonts._typeface.cache_clear()
    try:
        call_command("check")
        assert "campaigns.W001" in capsys.readouterr().err
        assert draw(POSTER, Art(typeface()))
        settings.POSTER_FONT = ["none"]
        call_command("check")
        assert "campaigns.W001" not in capsys.readouterr().err
    finally:
        fonts._typeface.cache_clear()


# Asked for


@pytest.mark.parametrize("key", ["invite", "help", "cut", "team", "pass-on"])
def test_every_kind_with_a_link_has_a_poster_whose_code_leads_to_it(client, ann, key):
    path = path_of(ann, key)
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert read(answer.content) == ["http://testserver" + path.removesuffix("poster.en.jpg")]


def test_a_poster_needs_no_cookie_sets_none_and_is_kept_by_its_browser_alone(client, ann):
    path = path_of(ann, "help")
    first = client.get(path)
    assert first.headers["Cache-Control"] == "private, max-age=3600"
    assert not first.cookies
    again = client.get(path, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_a_poster_is_drawn_once_for_the_same_words_and_anew_when_they_change(client, ann, monkeypatch):
    path = path_of(ann, "help")
    first = client.get(path)
    monkeypatch.setattr("campaigns.posters.drawing.draw", lambda *_: pytest.fail("drawn again"))
    assert client.get(path).content == first.content
    monkeypatch.undo()
    ann.name = "李"
    ann.save()
    changed = client.get(path, headers={"if-none-match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_a_poster_says_the_terms_on_which_the_bargain_was_begun(client, ann, monkeypatch):
    path = path_of(ann, "cut")
    drawn = []
    monkeypatch.setattr("campaigns.posters.pages._poster", lambda words, _art: drawn.append(words) or b"")
    dearer = task("cut", "bargain", config=TERMS | {"price": "500.00", "title": "Tea"})
    publish(tasks=[dearer if each["key"] == "cut" else each for each in TASKS])
    client.get(path)
    assert drawn[0].price == ("down to", f"¥{TERMS['floor']}", f"¥{TERMS['price']}")


def test_a_poster_takes_few_queries(client, ann, django_assert_max_num_queries):
    for key, most in (("help", 2), ("cut", 3)):
        path = path_of(ann, key)
        with django_assert_max_num_queries(most):
            client.get(path)


def test_names_of_any_kind_have_a_poster(client, ann):
    for name in (HOSTILE, "🎉" * 100, "\u202e\u200b", "שלום", ""):
        ann.name = name[:100].replace("\0", "")
        ann.save()
        assert client.get(path_of(ann, "help")).status_code == 200


def test_a_bad_link_has_no_poster_and_says_why_by_its_status(client, ann):
    enrolment = ann.enrolments.get().pk
    expired, gone = seal(ShareLink(enrolment, "help", NOW)), seal(ShareLink(enrolment, "gone", CLOSES))
    for token, status in (("A" * 40, 400), (expired, 410), (gone, 404)):
        for picture in ("poster.en.jpg", "card.en.jpg"):
            answer = client.get(address(token) + picture)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    for language in ("fr", "..", "EN"):
        assert client.get(path_of(ann, "help", f"poster.{language}.jpg")).status_code == 404


def test_the_card_names_the_campaign_and_nobody(client, ann, monkeypatch):
    drawn = []
    monkeypatch.setattr("campaigns.posters.pages._card", lambda words, _art: drawn.append(words) or b"")
    answer = client.get(path_of(ann, "help", "card.zh-hans.jpg"))
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert "安" not in repr(drawn)
