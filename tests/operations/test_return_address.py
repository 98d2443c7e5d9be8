"""Where a page of the admin goes back to: a page of this site, or nowhere else."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from operations.return_address import back_of, with_back
from rewards.models import Gift
from tests.filled_forms import sent_by


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", "", "admin/", "/" * 3_000],
)
def test_only_a_path_of_this_site_is_a_way_back(address):
    assert back_of(RequestFactory().get("/", {"_back": address})) is None


def test_a_path_of_this_site_is_a_way_back():
    address = with_back("/admin/a/?kind=x&_back=/old/", "/admin/b/?q=1")

    assert back_of(RequestFactory().get(address)) == "/admin/b/?q=1"
    assert address.count("_back") == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("button", "stays"), [("_save", False), ("_continue", True)])
def test_a_saved_gift_leads_back_to_where_one_was(admin_client, button, stays):
    gift = Gift.objects.create(slug="cup", name="Cup", kind="thanks")
    url = with_back(reverse("admin:rewards_gift_change", args=[gift.pk]), "/admin/campaigns/campaign/")
    sent = sent_by(admin_client.get(url).content.decode())

    answer = admin_client.post(url, sent | {button: "1"})

    assert answer.status_code == 302
    assert answer.url == (url if stays else "/admin/campaigns/campaign/")


@pytest.mark.django_db
def test_the_page_offers_the_way_back_without_saving(admin_client):
    gift = Gift.objects.create(slug="cup", name="Cup", kind="thanks")
    url = with_back(reverse("admin:rewards_gift_change", args=[gift.pk]), "/admin/campaigns/campaign/?q=<b>")

    assert 'href="/admin/campaigns/campaign/?q=&lt;b&gt;"' in admin_client.get(url).content.decode()
