import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from operations import audit, jobs
from operations.api_keys import create_api_key, valid_key
from operations.models import ApiKey, AuditRecord, Book, Heartbeat, Job
from tests.operations.conftest import NOON

MARK = "tests.operations.errands.jobs.leave_mark"
SCREENS = ["job", "heartbeat", "book", "auditrecord", "apikey"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client, olga):
    client.force_login(olga)
    return client


@pytest.fixture
def dead_job():
    job = jobs.enqueue(MARK, key="order 7 <b>", arguments={"name": "a"})
    Job.objects.update(state=Job.State.DEAD, attempts=5, error="Traceback\nValueError: <script>")
    return job


@pytest.fixture
def everything(dead_job, olga):
    Heartbeat.objects.create(name="workers", beat_at=timezone.now())
    Book.objects.create(name="stock", violations=3, checked_at=NOON)
    create_api_key("shop", ["facts"])
    audit.record("job.replayed", dead_job, by=olga, now=NOON, changes={"state": ["dead", "queued"]}, reason="fixed")


@pytest.mark.parametrize("screen", SCREENS)
def test_each_list_and_each_row_can_be_looked_at(operator, everything, screen):
    assert operator.get(reverse(f"admin:operations_{screen}_changelist"), {"q": "o"}).status_code == 200
    model = {"job": Job, "heartbeat": Heartbeat, "book": Book, "auditrecord": AuditRecord, "apikey": ApiKey}[screen]
    row = model.objects.first()
    assert operator.get(reverse(f"admin:operations_{screen}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("screen", ["job", "heartbeat", "book", "auditrecord"])
def test_state_can_be_seen_and_not_edited(operator, everything, screen):
    row = {"job": Job, "heartbeat": Heartbeat, "book": Book, "auditrecord": AuditRecord}[screen].objects.first()
    assert operator.get(reverse(f"admin:operations_{screen}_add")).status_code == 403
    assert operator.post(reverse(f"admin:operations_{screen}_change", args=[row.pk]), {}).status_code == 403
    assert operator.post(reverse(f"admin:operations_{screen}_delete", args=[row.pk])).status_code == 403


def test_a_list_costs_no_query_per_row(operator, everything, django_assert_max_num_queries):
    for number in range(30):
        jobs.enqueue(MARK, key=f"{number}")
    with django_assert_max_num_queries(8):
        operator.get(reverse("admin:operations_job_changelist"))


def test_the_error_of_a_dead_job_is_shown_as_text(operator, dead_job):
    page = operator.get(reverse("admin:operations_job_change", args=[dead_job.pk])).text
    assert "ValueError: &lt;script&gt;" in page


def test_dead_jobs_can_be_filtered_and_replayed(operator, dead_job, errands):
    url = reverse("admin:operations_job_changelist")
    assert "order 7 &lt;b&gt;" in operator.get(url, {"state": "dead"}).text
    assert "order 7" not in operator.get(url, {"state": "done"}).text
    operator.post(url, {"action": "replay", "_selected_action": [dead_job.pk]})
    jobs.run(dead_job.pk)
    assert errands() == {"a": 1}
    assert AuditRecord.objects.filter(action="job.replayed", actor_name="olga").exists()


def test_who_may_only_look_cannot_replay(client, dead_job):
    viewer = User.objects.create_user("vera", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(viewer)
    client.post(reverse("admin:operations_job_changelist"), {"action": "replay", "_selected_action": [dead_job.pk]})
    dead_job.refresh_from_db()
    assert dead_job.state == Job.State.DEAD


def test_the_trail_can_be_filtered_by_kind_of_object(operator, everything):
    url = reverse("admin:operations_auditrecord_changelist")
    assert operator.get(url, {"kind": "operations.job"}).context["cl"].result_count == 1
    assert operator.get(url, {"kind": "operations.apikey"}).context["cl"].result_count == 0


def test_a_new_key_is_shown_once_and_recorded(operator):
    answer = operator.post(reverse("admin:operations_apikey_add"), {"name": "shop", "scopes": ["facts", "play"]})
    assert "no-store" in answer["Cache-Control"]
    plain = answer.context["plain"]
    assert plain in answer.text
    assert answer.context["signing_secret"] in answer.text
    key = valid_key(plain, clock=0.0)
    assert key.scopes == ["facts", "play"]
    record = AuditRecord.objects.get(action="api_key.added")
    assert record.changes == {"name": [None, "shop"], "scopes": [None, ["facts", "play"]]}
    assert (record.target_id, record.actor_name) == (key.prefix, "olga")
    assert plain not in operator.get(reverse("admin:operations_apikey_change", args=[key.pk])).text


@pytest.mark.parametrize("given", [{}, {"name": "shop"}, {"name": "shop", "scopes": ["everything"]}])
def test_a_key_without_a_name_or_known_scopes_is_refused(operator, given):
    assert operator.post(reverse("admin:operations_apikey_add"), given).status_code == 200
    assert not ApiKey.objects.exists()


def test_changing_a_key_records_old_and_new(operator):
    key, _plain, _secret = create_api_key("shop", ["facts"])
    operator.post(reverse("admin:operations_apikey_change", args=[key.pk]), {"name": "store", "scopes": ["facts"]})
    record = AuditRecord.objects.get(action="api_key.changed")
    assert record.changes == {"name": ["shop", "store"]}


def test_saving_without_a_change_records_nothing(operator):
    key, _plain, _secret = create_api_key("shop", ["facts"])
    operator.post(reverse("admin:operations_apikey_change", args=[key.pk]), {"name": "shop", "scopes": ["facts"]})
    assert not AuditRecord.objects.exists()


def test_a_revoked_key_is_refused_recorded_once_and_kept(operator):
    key, plain, _secret = create_api_key("shop", ["facts"])
    for _again in range(2):
        operator.post(reverse("admin:operations_apikey_changelist"), {"action": "revoke", "_selected_action": [key.pk]})
    assert valid_key(plain, clock=0.0) is None
    assert AuditRecord.objects.filter(action="api_key.revoked").count() == 1
    assert operator.post(reverse("admin:operations_apikey_delete", args=[key.pk])).status_code == 403


def test_what_the_carrier_brings_along_is_not_in_the_admin(operator):
    page = operator.get(reverse("admin:index")).text
    assert "/django_q/" not in page
    assert "/rest_framework_api_key/" not in page
    assert "idempotency" not in page
