"""Each example of the OpenAPI document, sent as it stands there to the demo shop, is answered as the document says.

RECORD_API_ANSWERS=1 keeps the answers, in both languages, as the ones that the document shows: config/api_answers/.
"""

import json
import os

import pytest
from django.test import Client, override_settings
from django.utils.translation import override
from jsonschema_rs import validator_for

from config import api_operations
from tests.config import example_shop

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
LISTED = 2
LONGEST = 10_000


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_example_is_answered_as_documented(language, tmp_path, settings):
    settings.FRAUD_LIMITS = False
    with override_settings(DATA_DIR=tmp_path):
        key = example_shop.open_shop(language)
    with override(language):
        document = example_shop.document()
    answers, faults = {}, []

    for name, (path, method, operation) in example_shop.operations(document).items():
        answer, _sent = example_shop.send(Client(), key, path, method, operation, language)
        content = operation["responses"].get(str(answer.status_code), {}).get("content", {}).get("application/json")
        said = json.loads(answer.content) if answer.content else None
        if answer.status_code >= 300 or (content is None) != (said is None):
            faults.append(f"{name}: {answer.status_code} {answer.content.decode()[:300]}")
            continue
        if content is None:
            continue
        answers[name] = abridged(said)
        validator = validator_for(content["schema"] | {"components": document["components"]})
        for what, value in (("answer", said), ("answer as shown", content.get("example"))):
            faults += [f"{name}: its {what}: {error}"[:300] for error in validator.iter_errors(value)]

    if os.environ.get("RECORD_API_ANSWERS"):
        file = api_operations.ANSWERS / f"{language}.json"
        answers = {name: answer for name, answer in answers.items() if len(json.dumps(answer)) < LONGEST}
        file.write_text(json.dumps(dict(sorted(answers.items())), ensure_ascii=False, indent=1) + "\n")
    assert not faults, "\n".join(faults)


def abridged(said):
    """The answer with LISTED elements of each list and no secrets, as a page shows it."""
    if isinstance(said, dict):
        return {name: "whsec_…" if name == "secret" else abridged(value) for name, value in said.items()}
    return [abridged(value) for value in said[:LISTED]] if isinstance(said, list) else said
