"""Stored pictures: hostile files are refused or encoded anew, what is served is kept for ever, what is unused goes."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from operations import pictures
from operations.decoding import LARGEST_BYTES, NotAPicture, decoded
from operations.models import Picture, PictureSize
from operations.picture_reference import TALLEST, WIDTHS, Reference, read
from tests.images import bomb, halves, image, moving, photo_from_home

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SCRIPT = b"<script>alert(document.cookie)</script>"
JPEG_WITH_A_COMMENT = image(kind="JPEG", comment=SCRIPT)
# As in real polyglots: a file that is a page to who does not ask what it is.
HTML_INSIDE = image()[:33] + b"\x00\x00\x00\x27tEXt" + SCRIPT + b"\x00\x00\x00\x00"


def shown(reference, width=None):
    return Image.open(io.BytesIO(pictures.content_of(reference.digest, width or reference.width)))


def address(reference, width=360):
    return f"/h5/pictures/{reference.digest}/{width}.webp"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_kept_as_webp_in_widths_not_larger_than_it(kind):
    kept = pictures.keep(image((800, 400), kind), now=NOW)
    assert (kept.width, kept.height, kept.widths) == (800, 400, (120, 360, 720, 800))
    for width in kept.widths:
        drawn = shown(kept, width)
        assert (drawn.format, drawn.width, drawn.height) == ("WEBP", width, width // 2)


@pytest.mark.parametrize(
    ("size", "kept", "widths"),
    [
        ((3000, 1500), (1080, 540), WIDTHS),
        ((1000, 4000), (405, 1620), (120, 360, 405)),
        ((360, 90), (360, 90), (120, 360)),
        ((1, 1), (1, 1), (1,)),
    ],
)
def test_it_is_made_as_large_as_screens_need_and_no_larger(size, kept, widths):
    reference = pictures.keep(image(size), now=NOW)
    assert ((reference.width, reference.height), reference.widths) == (kept, widths)


def test_the_reference_says_all_that_a_page_needs():
    kept = pictures.keep(image(colour="#c8321f"), now=NOW)
    assert read(str(kept)) == kept
    assert str(kept).startswith(f"{kept.digest}-800x400-c8")


def test_the_same_picture_is_kept_once():
    assert pictures.keep(image(), now=NOW) == pictures.keep(image(), now=NOW + DAY)
    assert Picture.objects.get().wanted_at == NOW + DAY
    assert PictureSize.objects.count() == 4


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK", "I;16"])
def test_whatever_its_colours_are_stored_as_it_is_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert pictures.keep(image(mode=mode, kind=kind, colour=1), now=NOW).width == 800


def test_what_is_see_through_lies_on_white():
    kept = pictures.keep(image(mode="RGBA", colour=(0, 0, 0, 0)), now=NOW)
    assert kept.colour == "ffffff"
    assert shown(kept).mode == "RGB"


def test_of_a_moving_picture_the_first_is_kept():
    assert pictures.keep(moving("WEBP"), now=NOW).colour.startswith("f")
    assert pictures.keep(moving("PNG"), now=NOW).colour == "ff0000"
    with pytest.raises(NotAPicture):
        pictures.keep(moving("GIF"), now=NOW)


def test_it_stands_upright_and_tells_nothing_of_where_it_was_taken():
    kept = pictures.keep(photo_from_home(), now=NOW)
    assert (kept.width, kept.height) == (400, 800)
    drawn = shown(kept).convert("RGB")
    # Turned by a quarter to the right: what was on the left is above.
    assert drawn.getpixel((200, 20))[0] > 200 > drawn.getpixel((200, 780))[0]
    content = pictures.content_of(kept.digest, 400)
    assert b"EXIF" not in content
    assert b"at home" not in content
    assert not drawn.getexif()


@pytest.mark.parametrize(
    "content", [image() + SCRIPT, JPEG_WITH_A_COMMENT, image(pnginfo=None) + b"PK\x03\x04" + SCRIPT]
)
def test_nothing_of_what_is_hidden_in_a_picture_stays(content):
    assert SCRIPT in content
    kept = pictures.keep(content, now=NOW)
    assert all(SCRIPT not in bytes(each.content) for each in PictureSize.objects.all())
    assert bytes(PictureSize.objects.first().content)[8:12] == b"WEBP"
    assert kept.width == 800


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", SCRIPT, b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"%PDF-1.7", HTML_INSIDE,
        image()[:60], image(kind="JPEG")[:300], image(kind="GIF"), image(kind="BMP"), image(kind="TIFF"),
        b"GIF89a" + SCRIPT, b"\x89PNG\r\n\x1a\n" + SCRIPT, b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"%!PS-Adobe-3.0 EPSF-3.0",
    ],
)  # fmt: skip
def test_what_is_no_picture_by_its_content_is_refused(content):
    with translation.override("en"), pytest.raises(NotAPicture, match="JPEG, PNG or WebP"):
        pictures.keep(content, now=NOW)
    assert not Picture.objects.exists()


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (10_001, 10_000), (50_001, 1_000)])
def test_a_bomb_is_refused_before_it_is_decoded(width, height):
    with translation.override("en"), pytest.raises(NotAPicture, match="50 million"):
        pictures.keep(bomb(width, height), now=NOW)


def test_one_byte_more_than_ten_megabytes_is_refused_unread():
    with translation.override("en"), pytest.raises(NotAPicture, match="10 MB"):
        pictures.keep(image().ljust(LARGEST_BYTES + 1, b"\x00"), now=NOW)
    assert pictures.keep(image().ljust(LARGEST_BYTES, b"\x00"), now=NOW).width == 800


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_that_was_tampered_with_is_a_picture_or_is_refused(data):
    content = bytearray(image((60, 40), data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        drawn = decoded(bytes(content[: data.draw(st.integers(0, len(content)))]), within=(50, 50))
    except NotAPicture:
        return
    assert drawn.mode == "RGB"
    assert max(drawn.size) <= 50


@given(st.integers(1, WIDTHS[-1]), st.integers(1, TALLEST), st.from_regex(r"[0-9a-f]{6}", fullmatch=True))
def test_a_reference_is_read_as_it_was_written(width, height, colour):
    named = Reference("0" * 32, width, height, colour)
    assert read(str(named)) == named
    assert named.widths == tuple(sorted(set(named.widths)))
    assert named.widths[-1] == width


@pytest.mark.parametrize(
    "tail", ["", "-10x10", "-0x10-ffffff", "-1x1-ffffff\n", '-10x10-ffffff"><script>', "-1x1-FFFFFF"]
)
def test_what_names_no_picture_shows_nothing(tail):
    text = "0" * 32 + tail
    assert read(text) is None
    template = Template("{% load pictures %}{% picture text %}{% framed_picture text 'art' '10px' %}")
    assert template.render(Context({"text": text})) == ""


def test_a_page_shows_it_sized_lazy_and_without_a_query(django_assert_num_queries):
    kept = pictures.keep(halves(), now=NOW)
    template = Template('{% load pictures %}{% picture kept alt=words sizes="50vw" %}')
    with django_assert_num_queries(0):
        html = template.render(Context({"kept": str(kept), "words": '"><script>'}))
    assert f'src="{address(kept)}"' in html
    assert f"{address(kept, 120)} 120w, {address(kept, 360)} 360w, {address(kept, 720)} 720w" in html
    assert 'width="800" height="400" sizes="50vw"' in html
    assert 'loading="lazy" decoding="async"' in html
    assert "<script>" not in html
    assert "style=" not in html


def test_what_is_on_the_first_screen_comes_first():
    kept = pictures.keep(image((90, 90)), now=NOW)
    html = Template("{% load pictures %}{% picture kept lazy=False %}").render(Context({"kept": str(kept)}))
    assert f'src="{address(kept, 90)}"' in html
    assert 'fetchpriority="high"' in html
    assert "lazy" not in html


def test_anybody_gets_it_and_may_keep_it_for_ever(client, django_assert_num_queries):
    kept = pictures.keep(image(), now=NOW)
    with django_assert_num_queries(1):
        answer = client.get(address(kept))
    assert answer.content == pictures.content_of(kept.digest, 360)
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=31536000", "immutable"}
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    head = client.head(address(kept))
    assert (head.status_code, head.content) == (200, b"")


def test_it_is_only_fetched(client):
    kept = pictures.keep(image(), now=NOW)
    for method in (client.post, client.put, client.delete, client.patch):
        assert method(address(kept)).status_code == 405


def test_what_is_not_there_is_answered_in_a_word_and_not_kept(client, django_assert_num_queries):
    kept = pictures.keep(image(), now=NOW)
    with django_assert_num_queries(2):
        answers = [client.get(address(kept, 361)), client.get(f"/h5/pictures/{'0' * 32}/360.webp")]
    for answer in answers:
        assert (answer.status_code, len(answer.content) < 100) == (404, True)
        assert "Cache-Control" not in answer
    digest = kept.digest
    for odd in (f"{digest[:-1]}/360.webp", f"{digest}/0360.webp", f"{digest}/360.png", f"{digest}/"):
        assert client.get(f"/h5/pictures/{odd}").status_code == 404


@pytest.fixture
def used(monkeypatch):
    """The references that the house says are in use."""
    named: list[str] = []
    monkeypatch.setattr(pictures, "_finders", [lambda: named])
    return named


def test_what_nothing_names_for_a_week_is_forgotten_with_its_sizes(used):
    pictures.keep(image(), now=NOW)
    assert pictures.forget_unused(now=NOW + 7 * DAY) == 0
    assert pictures.forget_unused(now=NOW + 7 * DAY + timedelta(seconds=1)) == 1
    assert not PictureSize.objects.exists()


def test_what_is_in_use_stays_and_a_week_longer(used):
    used.append(str(pictures.keep(image(), now=NOW)))
    assert pictures.forget_unused(now=NOW + 100 * DAY) == 0
    used[:] = ["no reference", ""]
    assert pictures.forget_unused(now=NOW + 107 * DAY) == 0
    assert pictures.forget_unused(now=NOW + 108 * DAY) == 1


def test_whoever_is_about_to_name_it_holds_it(used):
    kept = pictures.keep(image(), now=NOW)
    assert pictures.hold(str(kept), now=NOW + 6 * DAY)
    assert pictures.forget_unused(now=NOW + 8 * DAY) == 0
    assert not pictures.hold(str(kept).replace("800x400", "800x800"), now=NOW)
    assert not pictures.hold("x", now=NOW)
