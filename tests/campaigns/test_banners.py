"""The banner of a campaign: in its draft, its file, its revisions, and over its page."""

import json

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import translation

from campaigns import campaign_files, cloning, definition_files, publishing
from campaigns.definition import DefinitionError, as_json, parse
from campaigns.models import Campaign
from campaigns.revision_diff import differences, introduced
from campaigns.revision_words import Words
from operations import pictures
from operations.models import Picture
from tests.campaigns import scenes
from tests.campaigns.scenes import CLOSES, DAY, NOW, OPENS, campaign_file, draft, publish
from tests.campaigns.test_pages import HOME, signed_in
from tests.filled_forms import sent_by
from tests.images import image

pytestmark = pytest.mark.django_db


@pytest.fixture
def banner():
    return str(pictures.keep(image((1080, 500)), now=NOW))


@pytest.fixture(autouse=True)
def _at_noon():
    with time_machine.travel(NOW, tick=False), translation.override("en"):
        yield


def test_a_file_with_a_banner_comes_back_byte_for_byte(banner):
    text = campaign_files.dump(draft(banner=banner))
    assert json.loads(text) == campaign_file(banner=banner)
    assert campaign_files.dump(campaign_files.load(json.loads(text), by=None, now=NOW)) == text
    assert "banner" not in campaign_files.dump(draft())
    assert Campaign.objects.get().banner == ""


@pytest.mark.parametrize("wrong", ["gone", "x", 7, None, {"digest": "x"}])
def test_a_file_that_names_a_picture_that_is_not_here_is_refused_whole(banner, wrong, tmp_path):
    if wrong == "gone":
        wrong = banner
        Picture.objects.all().delete()
    scenes.make_gifts()
    with pytest.raises(DefinitionError, match="banner: "):
        campaign_files.load(campaign_file(banner=wrong), by=None, now=NOW)
    path = tmp_path / "campaign.json"
    path.write_text(json.dumps(campaign_file(banner=wrong)), encoding="utf-8")
    with pytest.raises(CommandError, match="banner"):
        call_command("load_campaign", str(path))
    assert not Campaign.objects.exists()


def test_a_revision_has_it_and_goes_back_into_the_draft_with_it(banner):
    campaign = publish(banner=banner)
    definition = parse(campaign.current.definition)
    assert definition.banner == banner
    assert as_json(definition)["banner"] == banner
    campaign_files.load(campaign_file(), by=None, now=NOW)
    assert definition_files.load(definition, now=NOW).banner == banner


def test_a_clone_has_it_too(banner):
    window = {"opens_at": OPENS + 60 * DAY, "closes_at": CLOSES + 60 * DAY}
    cloned = cloning.clone(draft(banner=banner), slug="winter", name="Winter", by=None, now=NOW, **window)
    assert cloned.banner == banner


def test_its_change_is_told_in_words(banner):
    with_it, without = (parse(publish(slug=slug, **more).current.definition) for slug, more in
                        (("one", {"banner": banner}), ("two", {})))  # fmt: skip
    (change,) = [each for each in differences(without, with_it, Words()) if "Banner" in each.words]
    assert change.words == f"Banner: nothing → picture 1080 × 500 ({banner[:8]})"
    assert any("Banner: picture 1080 × 500" in line for line in introduced(with_it, Words())[0].lines)
    assert not any("Banner" in line for line in introduced(without, Words())[0].lines)


def test_what_a_draft_or_an_earlier_revision_shows_is_never_forgotten(banner):
    campaign = publish(banner=banner)
    other = str(pictures.keep(image((1080, 400)), now=NOW))
    campaign_files.load(campaign_file(banner=other), by=None, now=NOW)
    assert pictures.forget_unused(now=NOW + 100 * DAY) == 0
    campaign_files.load(campaign_file(), by=None, now=NOW)
    assert pictures.forget_unused(now=NOW + 200 * DAY) == 1
    publishing.publish(campaign, by=None, now=NOW)
    assert pictures.forget_unused(now=NOW + 300 * DAY) == 0
    assert Picture.objects.get().digest == banner[:32]


def test_the_page_shows_it_first_and_sized(banner, client, settings):
    settings.SECURE_SSL_REDIRECT = False
    publish()
    visitor = signed_in(client, scenes.make_member("ann"))
    visitor.get(HOME)
    assert "hero-pictured" not in visitor.get(HOME).text
    campaign_files.load(campaign_file(banner=banner), by=None, now=NOW)
    publishing.publish(Campaign.objects.get(), by=None, now=NOW)
    page = visitor.get(HOME).text
    assert "hero-pictured" in page
    assert page.count("<img ") == 1
    assert f"{banner[:32]}/360.webp 360w" in page
    assert 'width="1080" height="500"' in page
    assert 'fetchpriority="high"' in page


def test_an_operator_uploads_it_on_the_campaigns_page(admin_client):
    campaign = draft()
    page = f"/admin/campaigns/campaign/{campaign.pk}/change/"
    form = sent_by(admin_client.get(page).text)
    upload = SimpleUploadedFile("banner.png", image((1080, 500)), "image/png")
    assert admin_client.post(page, form | {"banner-file": upload}).status_code == 302
    kept = Campaign.objects.get().banner
    assert pictures.hold(kept, now=NOW)
    assert kept in admin_client.get(page).text

    narrow = SimpleUploadedFile("banner.png", image((700, 300)), "image/png")
    answer = admin_client.post(page, form | {"banner": kept, "banner-file": narrow})
    assert "700" in str(answer.context["adminform"].form.errors["banner"])
    assert Campaign.objects.get().banner == kept
