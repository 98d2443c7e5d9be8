"""A preview beside live play: it lets nobody wait longer than its bound, and one operator has one at a time."""

from threading import Event, Thread
from time import monotonic

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import RequestFactory

from campaigns import playing, sandbox, trying_out
from campaigns.models import Completion, Enrolment
from campaigns.sandbox import Busy, World
from campaigns.trying_out import Asked
from operations import undone
from tests.campaigns.scenes import NOW, make_member, publish, task

pytestmark = pytest.mark.django_db(transaction=True)
# On a machine that is busy with other tests.
PATIENCE = 30


def asked(operator):
    request = RequestFactory().get("/")
    request.user = operator
    return Asked(request, "/preview/")


def in_a_thread(work):
    def run():
        try:
            work()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread


def no_pages(_member, _before):
    raise AssertionError("no form was sent")


def test_a_member_plays_on_while_their_own_face_is_previewed(monkeypatch):
    """The preview holds the member's enrolment; the check-in waits for the bound at most, and counts."""
    monkeypatch.setattr(undone, "SECONDS", 1)
    ann, operator = make_member(), User.objects.create_superuser("operator")
    campaign = publish(tasks=[task("check-in"), task("other")])
    playing.enrol(ann, "autumn", now=NOW)
    held, too_late = Event(), []

    def preview():
        world = World(campaign.pk, False, NOW, ann.pk)
        try:
            with sandbox.standing(world, operator, pages=no_pages) as stage:
                playing.submit(stage.member, "autumn", "other", {}, now=NOW)
                held.set()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(60)")
        except undone.TookTooLong as stopped:
            too_late.append(stopped)

    previewing = in_a_thread(preview)
    assert held.wait(PATIENCE)
    began = monotonic()
    playing.submit(ann, "autumn", "check-in", {}, now=NOW)
    waited = monotonic() - began
    previewing.join(PATIENCE)
    assert len(too_late) == 1
    assert waited < PATIENCE
    assert list(Completion.objects.values_list("task_key", flat=True)) == ["check-in"]


def test_two_previews_of_one_operator_come_one_after_the_other_and_two_operators_do_not_wait(monkeypatch):
    monkeypatch.setattr(undone, "SECONDS", PATIENCE)
    monkeypatch.setattr(trying_out, "WAITS", 0)
    ann, operator = make_member(), User.objects.create_superuser("operator")
    another = User.objects.create_superuser("another")
    world = World(publish().pk, False, NOW, ann.pk)
    begun, enough = Event(), Event()

    def preview():
        with sandbox.standing(world, operator, pages=no_pages):
            begun.set()
            enough.wait(PATIENCE)

    previewing = in_a_thread(preview)
    assert begun.wait(PATIENCE)
    with pytest.raises(Busy):
        trying_out.face(world, asked(operator))
    assert trying_out.face(world, asked(another)).member == ann
    enough.set()
    previewing.join(PATIENCE)
    assert trying_out.face(world, asked(operator)).member == ann
    assert not Enrolment.objects.exists()
