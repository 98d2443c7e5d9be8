"""What the OpenAPI document must say of each operation, and that it knows every error code of the source."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator

from campaigns.refusals import Refusal
from config import api_reference
from members.paid_levels import LevelRefusal
from operations.described import Tag
from operations.error_codes import ELSEWHERE
from operations.standard_webhooks import Fault
from operations.webhook_refusals import WebhookRefusal
from rewards.checking_off import Refusal as CheckOffRefusal
from rewards.mall_refusals import MallRefusal
from rewards.receipts import ReceiptRefusal
from rewards.vouchers import Refusal as VoucherRefusal

ROOMS = ("operations", "members", "segmentation", "rewards", "campaigns", "config")
# Where a code is no text in the source: what can stand there.
NAMED = {
    "rewards/redeem_api.py": (*VoucherRefusal, *CheckOffRefusal),
    "rewards/mall_api.py": MallRefusal,
    "members/level_api.py": LevelRefusal,
    "rewards/receipt_api.py": ReceiptRefusal,
    "campaigns/api_moves.py": Refusal,
    "campaigns/callback_api.py": Refusal,
    "operations/signed_calls.py": Fault,
    "operations/webhook_api.py": WebhookRefusal,
    # REST framework's own, which test_api_errors names, and those of KNOWN.
    "operations/api_errors.py": (),
}
# Reasons of pages that no call gives.
OF_PAGES = {"campaigns/kinds/browse.py"}


@pytest.fixture(scope="module")
def document():
    with override("en"):
        return SchemaGenerator().get_schema(request=None, public=True)


def operations(document):
    return [operation for path in document["paths"].values() for operation in path.values()]


def lacking(operation):
    """What the document does not say of the operation."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    done = [answer for status, answer in operation["responses"].items() if status < "300"]
    shown = [answer["content"]["application/json"] for answer in done if "content" in answer]
    refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
    says = {
        "a chapter (@described(Tag.…))": set(operation.get("tags", ())) <= set(Tag.values) and operation.get("tags"),
        "a summary": operation.get("summary"),
        "an example of its body": body is None or "example" in body,
        "an example of its answer (record it: test_api_examples)": not shown
        or any("example" in each for each in shown),
        "its scope": "x-scope" in operation or operation["tags"] == [Tag.CALLBACKS.value],
        "what comes with no fault of the client": "503" in refusals,
        "values for the parameters of its address": all(
            "example" in each for each in operation.get("parameters", []) if each["in"] == "path"
        ),
        "words for the parameters of its address (config.api_operations.PLACES)": all(
            "description" in each for each in operation.get("parameters", []) if each["in"] == "path"
        ),
        "codes for each refusal": all("examples" in each["content"]["application/json"] for each in refusals.values()),
    }
    return [what for what, said in says.items() if not said]


def test_every_operation_says_what_an_integrator_needs(document):
    silent = {operation["operationId"]: lacking(operation) for operation in operations(document)}
    assert {name: what for name, what in silent.items() if what} == {}


def test_every_error_code_in_the_source_is_in_the_document(document):
    known = {code.name for code in api_reference.error_codes(document)} | {code.name for code in ELSEWHERE}
    assert {(file, code) for file, code in codes_raised() if code not in known} == set()


def codes_raised():
    """Every (file, code) that an ApiError or a Because of the source is made with."""
    for room in ROOMS:
        for file in sorted((settings.BASE_DIR / room).rglob("*.py")):
            path = file.relative_to(settings.BASE_DIR).as_posix()
            for call in made(file):
                first = call.args[0]
                if isinstance(first, ast.Constant):
                    yield path, first.value
                elif path not in OF_PAGES:
                    assert path in NAMED, f"{path}:{first.lineno}: which codes can stand here? Name them in NAMED."
                    yield from ((path, each.value) for each in NAMED[path])


def made(file: Path):
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    names = {"ApiError", "Because", "api_errors.answer"}
    return [call for call in calls if call.args and ast.unparse(call.func) in names]


def test_a_code_has_one_name_in_both_languages_and_words_in_each(document):
    with override("zh-hans"):
        chinese = api_reference.error_codes(SchemaGenerator().get_schema(request=None, public=True))
    english = api_reference.error_codes(document)
    assert {code.name for code in chinese} == {code.name for code in english}
    assert all(re.fullmatch(r"[a-z_]+", code.name) and code.words and code.remedy for code in english)


@pytest.mark.django_db
def test_the_words_of_an_error_follow_the_reader_and_its_code_does_not():
    answers = {
        asked: Client().get("/api/v1/members/ann/", headers={"Accept-Language": asked}).json()
        for asked in ("en", "zh-hans")
    }
    assert answers["en"]["code"] == answers["zh-hans"]["code"] == "not_authenticated"
    assert answers["en"]["message"] != answers["zh-hans"]["message"]
