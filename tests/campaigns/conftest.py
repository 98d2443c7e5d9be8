"""Fixtures that the tests of campaigns share."""

import pytest

from tests.campaigns.scenes import NOW


@pytest.fixture
def alone_and_now(time_machine, settings):
    """It is NOW, pages speak English, and one person may publish."""
    time_machine.move_to(NOW, tick=False)
    settings.LANGUAGE_CODE = "en"
    settings.CAMPAIGN_REVIEW = False
