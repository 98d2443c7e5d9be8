"""Every page of the participants asks the clock that a preview can stop."""

import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from campaigns import trying_out

ROOT = Path(__file__).parents[2]
# What signs a browser in, or speaks with WeChat, is in no preview.
OWN_TIME = {"members/wechat/pages.py"}


def modules_of_pages():
    [pages] = [
        [
            page
            for resolver in get_resolver().url_patterns
            if str(resolver.pattern) == "h5/"
            for page in resolver.url_patterns
        ]
    ]
    return sorted({page.callback.__module__.replace(".", "/") + ".py" for page in pages})


@pytest.mark.parametrize("module", modules_of_pages())
def test_no_page_asks_for_the_time_by_itself(module):
    text = (ROOT / module).read_text()
    assert bool(re.search(r"timezone\.now\(\)|datetime\.now\(", text)) is (module in OWN_TIME)


def test_each_page_is_shown_or_kept_out_on_purpose():
    """A page that is new belongs to a list: what is a member's own is never shown."""
    named = {
        page.name for each in get_resolver().url_patterns if str(each.pattern) == "h5/" for page in each.url_patterns
    }
    kept_out = {
        "h5-enter", "h5-privacy", "h5-leave", "h5-inbox", "h5-inbox-read", "h5-inbox-message", "h5-wechat-start",
        "h5-wechat-back", "h5-wechat-signature", "h5-address", "h5-my-awards", "h5-award", "h5-mall-orders",
        "h5-mall-order", "h5-energy-friend", "h5-energy-help", "h5-energy-steal", "h5-drawn", "h5-proof-picture",
    }  # fmt: skip
    assert named - trying_out.SHOWN - trying_out.PUBLIC == kept_out
