"""What is personal stays masked: every page, list, search and file of the admin, as each kind of role.

A member is planted whose name, birthday, phone, address and openid are unmistakable. A role that may not see personal
data finds them nowhere; support finds them only where looking is on record.
"""

import io

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from config.role_table import ROLES
from config.roles import permissions_of
from members.models import Member
from members.seen_by import TO_SEE
from operations.models import AuditRecord
from tests.config.lives import live
from tests.config.role_walk import addresses, answered, user_of, visitor

pytestmark = pytest.mark.django_db
# How they stand in the database, and how a page writes the birthday in either language.
PLANTED = ("Marker Wang", "13899990000", "marker@example.com", "marker-street 7", "oMarkerOpenid")
BIRTHDAYS = ("1977-07-07", "1977年7月7日", "07/07/1977", "July 7, 1977")
WITHOUT_RIGHT = [role for role in ROLES if TO_SEE not in permissions_of(role)]


@pytest.fixture
def member():
    return live()


def cells_of(workbook):
    """All that stands in a workbook."""
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).active
    return "\n".join(str(cell.value) for line in sheet.iter_rows() for cell in line)


def told(client, path, method="get", data=None):
    """Return what an answer says, and whether it left a record; what the request did is undone."""
    with transaction.atomic():
        before = AuditRecord.objects.count()
        response = getattr(client, method)(path, data)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        recorded = AuditRecord.objects.count() > before
        transaction.set_rollback(True)
    return marked(body), recorded


def marked(body):
    """What was planted that an answer says."""
    text = cells_of(body) if body.startswith(b"PK") else body.decode("utf-8", "replace")
    return [each for each in (*PLANTED, *BIRTHDAYS) if each in text]


@pytest.mark.parametrize("role", WITHOUT_RIGHT)
def test_a_role_without_the_right_finds_nobodys_data(member, role):
    user, seen, leaks = user_of(role), 0, {}
    for address in addresses(member.pk):
        status, body = answered(user, "get", address.path, whole=True)
        seen += status == "200"
        if leak := marked(body):
            leaks[address.path] = leak
    assert seen > 100
    assert leaks == {}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_neither_is_it_in_a_file_of_any_list(member, kind):
    client = visitor("operator")
    client.raise_request_exception = False
    files = [each.path for each in addresses(member.pk) if each.route.endswith("list-export/")]
    assert len(files) > 60
    leaks = {path: leak for path in files if (leak := told(client, path, "post", {"format": kind})[0])}
    assert leaks == {}


def test_a_file_of_members_is_read_by_the_walk(member):
    """Whoever may see names finds them in both: what is looked for would be found."""
    client = visitor("administrator")
    for kind in ("csv", "xlsx"):
        assert "Marker Wang" in told(client, "/admin/members/member/list-export/", "post", {"format": kind})[0]


def test_neither_does_the_search_for_a_name(member):
    client = visitor("operator")
    page = client.get("/admin/members/member/?q=Marker")
    assert page.context["cl"].result_count == 0
    assert client.get("/admin/members/member/?q=marker-uid").context["cl"].result_count == 1


def test_support_sees_contact_codes_and_addresses_only_on_record(member):
    client = visitor("support")
    pages = [each.path for each in addresses(member.pk) if "reveal" in each.route or each.route.endswith("export/")]
    assert len(pages) >= 4
    seen = 0
    for path in pages:
        leak, recorded = told(client, path, "post")
        seen += bool(leak)
        assert recorded or not leak, path
    assert seen >= 1


def test_whoever_may_see_names_sees_them_whole(member):
    assert "Marker Wang" in visitor("support").get("/admin/members/member/").content.decode()
    masked = visitor("analyst").get("/admin/members/member/").content.decode()
    assert "M**" in masked


def test_nothing_that_is_shown_to_nobody_signed_in(member):
    assert told(Client(), f"/admin/members/member/{member.pk}/change/")[0] == []
    assert User.objects.filter(is_superuser=True).count() == 0
    assert Member.objects.filter(pk=member.pk).exists()
