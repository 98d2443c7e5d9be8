"""The OpenAPI document, and the API held to it by requests that Schemathesis makes up.

Each operation is asked EXAMPLES times, with what fits its description and with what does not. It may be answered only
with a status that the document has for it, in the form that the document gives, and never with a failure of ours. The
form of an error lists its codes, so a code that an operation does not document is a fault as well.
"""

import io
import sys
from collections import Counter

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client, override_settings
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.config import example_shop

EXAMPLES = 200
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
OPERATIONS = sorted(
    operation["operationId"]
    for path in SchemaGenerator().get_schema(public=True)["paths"].values()
    for operation in path.values()
)


def test_the_document_is_made_without_a_complaint():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


@pytest.fixture(scope="module")
def shop(django_db_setup, django_db_blocker, tmp_path_factory):
    """The key of the demo shop, and each example of the document as it was sent there: what it names is there."""
    folder = override_settings(DATA_DIR=tmp_path_factory.mktemp("data"), FRAUD_LIMITS=False)
    with folder, django_db_blocker.unblock(), transaction.atomic():
        key = example_shop.open_shop()
        examples = {
            name: example_shop.send(Client(), key, *asked, "en")[1]
            for name, asked in example_shop.operations(example_shop.document()).items()
            if name != "delete_webhook"
        }
        yield key, examples | {"delete_webhook": examples["webhook"]}
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _connection_kept(shop):
    """The end of a request would close the connection that holds the transaction, as the test client knows.

    That one lets it be closed again behind each of its own, so this comes after the shop's examples.
    """
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def document(_connection_kept):
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.xdist_group("api schema")
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_fails_and_every_answer_is_as_documented(name, document, shop):
    key, examples = shop
    assert answers_of(document.find_operation_by_id(name), key, examples[name]).total() >= EXAMPLES


def answers_of(operation, key, example):
    """Ask with made-up values, of what the example names and of others; return how often each status was answered."""
    answered = Counter()
    fits = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    misfits = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @seed(20_261_121)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(fits, misfits), by_example=st.sampled_from(["nothing", "address", "address and body"]))
    def ask(case, by_example):
        if by_example != "nothing":
            case.path_parameters = dict(example.path)
        if by_example == "address and body" and example.body is not None:
            case.body = example.body
        # Called without a network, nobody would unpack a compressed answer.
        headers = {"Authorization": f"Api-Key {key}", "Accept-Encoding": "identity"}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        answered[answer.status_code] += 1

    ask()
    sys.stderr.write(f"{operation.label} {dict(answered)}\n")
    return answered
