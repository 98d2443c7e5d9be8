import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from operations import audit
from operations.api_keys import create_api_key
from operations.models import AuditRecord
from tests.operations.conftest import NOON

pytestmark = pytest.mark.django_db


def record(**given):
    return audit.record("group.renamed", Group(pk=7, name="Editors"), now=NOON, **({"by": None} | given))


def test_a_record_says_who_did_what_to_which_row_when_and_why(olga):
    record(by=olga, changes={"name": ["Writers", "Editors"]}, reason="they edit")
    kept = AuditRecord.objects.get()
    assert (kept.actor, kept.actor_name, kept.action) == (olga, "olga", "group.renamed")
    assert (kept.target_type, kept.target_id, kept.target_name) == ("auth.group", "7", "Editors")
    assert (kept.occurred_at, kept.changes, kept.reason) == (NOON, {"name": ["Writers", "Editors"]}, "they edit")


def test_an_api_client_is_named_with_its_prefix():
    key, _plain, _secret = create_api_key("shop", ["facts"])
    assert record(by=key).actor_name == f"shop ({key.prefix})"


def test_what_the_system_does_has_no_actor():
    assert (record().actor, record().actor_name) == (None, "")


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda: AuditRecord.objects.update(reason="another"),
        lambda: AuditRecord.objects.all().delete(),
        lambda: AuditRecord.objects.all()._raw_delete("default"),
    ],
    ids=["update", "delete", "raw delete"],
)
def test_postgresql_refuses_to_rewrite_the_trail(rewrite):
    record(reason="the truth")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rewrite()
    assert AuditRecord.objects.get().reason == "the truth"


def test_a_record_outlives_the_user_it_names(olga):
    record(by=olga)
    olga.delete()
    assert not User.objects.exists()
    assert AuditRecord.objects.get().actor_name == "olga"
