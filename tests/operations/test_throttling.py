import pytest

from operations.api_keys import create_api_key
from operations.throttling import ClientThrottle
from tests.operations.test_api_keys import FactsView, call


@pytest.fixture(autouse=True)
def _a_new_minute(monkeypatch):
    monkeypatch.setattr(ClientThrottle, "_minute", -1)
    monkeypatch.setattr("operations.throttling.time.monotonic", lambda: 6_000_010.0)


@pytest.mark.django_db
def test_a_client_beyond_its_limit_is_told_when_to_come_back_and_others_are_served(settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    (_, loud, _), (_, quiet, _) = create_api_key("loud", ["facts"]), create_api_key("quiet", ["facts"])
    assert [call(FactsView, f"Api-Key {loud}").status_code for _call in range(3)] == [200, 200, 429]
    assert call(FactsView, f"Api-Key {quiet}").status_code == 200
    refused = call(FactsView, f"Api-Key {loud}")
    assert (refused.data["code"], refused["Retry-After"]) == ("throttled", "50")


def test_each_minute_starts_anew():
    assert [ClientThrottle.count("shop", clock=clock) for clock in (0.0, 59.9, 60.0, 61.0, 120.0)] == [1, 2, 1, 2, 1]
