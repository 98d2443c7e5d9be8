"""The OpenAPI document, and the API held to it by requests that Schemathesis makes up."""

import io
from collections import Counter
from datetime import timedelta

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from campaigns import campaign_files, publishing
from members.models import Member
from operations.api_keys import create_api_key
from operations.models import ApiKey
from rewards import ledger
from rewards.awards import grant_award
from rewards.models import Award, Gift, MallItem
from segmentation import recomputing
from segmentation.models import Segment
from tests.campaigns.offer_stories import offer
from tests.campaigns.scenes import campaign_file, make_coupon, make_gifts, make_member, task

EXAMPLES = 20
RULE = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 0}]}
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]


def test_the_document_is_made_without_a_complaint():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


@pytest.fixture
def _connection_kept():
    """The end of a request would close the connection that holds this test's transaction, as the test client knows."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def shop():
    """What the made-up requests find when they name it: a member, a segment and a campaign that runs."""
    now = timezone.now()
    ann = make_member("ann")
    make_gifts()
    grant_award(make_coupon("CODE-1"), ann.pk, key="one", source="test", now=now)
    recomputing.recompute(Segment.objects.create(slug="everyone", name="Everyone", rule=RULE), now=now)
    window = {"opens_at": (now - timedelta(days=1)).isoformat(), "closes_at": (now + timedelta(days=1)).isoformat()}
    tasks = [task("one", reward={"chances": 9}), task("quiz", "quiz"), task("buy", "purchase")]
    gift = Gift.objects.get(slug="hundred-points")
    MallItem.objects.create(slug="autumn", gift=gift, price=1, state="on_sale")
    ledger.post_entry(Member.objects.get().pk, "points", amount=10_000, key="start", reason="test", now=now)
    offers = [offer(key="one", per_member=9, stock=1_000)]
    campaign = campaign_files.load(campaign_file(tasks=tasks, offers=offers, **window), by=None, now=now)
    publishing.publish(campaign, by=None, now=now)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("_connection_kept", "shop")
def test_no_request_fails_and_every_answer_is_as_documented():
    _key, plain, _secret = create_api_key("shop", ApiKey.Scope.values)
    document = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
    operations = [found.ok() for found in document.get_all_operations()]

    answered = sum((answers_of(operation, plain) for operation in operations), Counter())

    assert len(operations) == 44
    assert answered[200] > EXAMPLES


def answers_of(operation, key):
    """Ask with made-up values, of known things and of unknown ones; return how often each status was answered."""
    award = Award.objects.get(key="one").pk
    known = {
        "uid": "ann",
        "key": "one",
        "award_id": award,
        "slug": "everyone" if "segments" in operation.path else "autumn",
    }
    answered = Counter()

    @seed(20_261_121)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), exists=st.booleans())
    def ask(case, exists):
        if exists:
            case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
        # Called without a network, nobody would unpack a compressed answer.
        headers = {"Authorization": f"Api-Key {key}", "Accept-Encoding": "identity"}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        answered[answer.status_code] += 1

    ask()
    return answered
