"""An import whose workers are killed in the middle ends with every row once and every count right."""

import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from django.core.files.base import File
from django.utils import timezone
from django_q.models import OrmQ

from members import importing
from members.models import ImportRun, Member, MemberMetrics, Order
from operations import jobs
from operations.models import Job
from tests.workers import family_of

ROWS = 6_000
KILLS = 5
HEADER = "订单号,会员号,支付时间,金额,备注"
READING = importing.Reading(
    "gb18030", ",", {"order_id": "订单号", "uid": "会员号", "paid_at": "支付时间", "amount": "金额"}
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def media(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))


def file_of_orders(path: Path) -> Path:
    """Write orders whose remarks run over several lines; every tenth cannot be read."""
    times = ["soon", *["2026-01-01"] * 9]
    rows = [
        f'o{number},u{number % 500},{times[number % 10]},{number % 90}.50,"第{number}行\r\n备注"'
        for number in range(ROWS)
    ]
    path.write_bytes("\r\n".join([HEADER, *rows, ""]).encode("gb18030"))
    return path


def test_every_row_comes_in_once_though_workers_are_killed(worker_processes, tmp_path):
    with file_of_orders(tmp_path / "orders.csv").open("rb") as content:
        run = importing.upload("orders", File(content, "orders.csv"), by=None, now=timezone.now())
    importing.start(run, READING, by=None, now=timezone.now(), rows=250)
    supervisor = worker_processes()
    kills, struck_at, deadline = 0, -1, time.monotonic() + 150
    while ImportRun.objects.get(pk=run.pk).state == "running":
        assert time.monotonic() < deadline, f"{ImportRun.objects.get(pk=run.pk).rows_read} rows after {kills} kills"
        # A kill strikes the whole cluster while a slice is under way, and the queue is emptied as well.
        working = Job.objects.filter(function=importing.SLICE_JOB, state=Job.State.RUNNING).first()
        family = family_of(supervisor)
        if kills < KILLS and working and working.arguments["position"] != struck_at and family:
            struck_at = working.arguments["position"]
            with suppress(psutil.NoSuchProcess):
                family[0].kill()
            OrmQ.objects.all().delete()
            kills += 1
        jobs.sweep(now=timezone.now())
        time.sleep(0.02)
    run.refresh_from_db()
    assert kills == KILLS
    assert Job.objects.filter(function=importing.SLICE_JOB, attempts__gt=1).exists()
    assert (run.state, run.rows_read, run.created, run.updated, run.unchanged) == ("done", ROWS, ROWS * 9 // 10, 0, 0)
    assert (run.rejected, run.rejects.count(), run.percent) == (ROWS // 10, ROWS // 10, 100)
    assert (Order.objects.count(), Member.objects.count()) == (ROWS * 9 // 10, 450)
    assert sum(MemberMetrics.objects.values_list("orders", flat=True)) == ROWS * 9 // 10
    assert list(run.rejects.order_by("line").values_list("line", flat=True)) == list(range(2, 2 * ROWS + 2, 20))
