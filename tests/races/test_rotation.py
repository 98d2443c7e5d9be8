"""One key, replaced by many people at once."""

import pytest
from django.utils import timezone

from operations.api_keys import create_api_key
from operations.models import ApiKey, AuditRecord
from operations.rotation import NotRotated, rotate
from tests.races.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_key_is_replaced_once():
    key, _plain, _secret = create_api_key("shop", ["facts"])
    done = at_once(8, lambda _each: rotate(key, by=None, now=timezone.now()))
    assert sorted(type(each).__name__ for each in done) == ["NotRotated"] * 7 + ["tuple"]
    assert [isinstance(each, NotRotated) or each[0].client == key.prefix for each in done] == [True] * 8
    assert ApiKey.objects.count() == 2
    assert AuditRecord.objects.filter(action="api_key.rotated").count() == 1
