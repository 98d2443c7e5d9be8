"""Where somebody who has to sign in again is led back to."""

import pytest
from django.test import RequestFactory

from members.participants import asked_for

FORM = "/h5/c/autumn/t/quiz/"


def test_a_page_is_asked_for_by_its_own_address():
    assert asked_for(RequestFactory().get(FORM, {"step": "2"})) == f"{FORM}?step=2"


def test_what_a_form_sent_leads_back_to_the_page_with_the_form():
    assert asked_for(RequestFactory().post(FORM, headers={"referer": f"http://testserver{FORM}?step=2"})) == (
        f"{FORM}?step=2"
    )


@pytest.mark.parametrize(
    "came_from", ["", "http://[", "http://[::1", "https://evil.example/h5/", "http://testserver/admin/", "//h5/"]
)
def test_a_page_that_is_not_ours_or_no_page_at_all_leads_nowhere(came_from):
    assert asked_for(RequestFactory().post(FORM, headers={"referer": came_from})) == ""
