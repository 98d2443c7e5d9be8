"""Share links: what they say, and that nobody can change it or read it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from campaigns import share_links
from campaigns.refusals import BadSubmission, Refused
from campaigns.share_links import ALTERED, EXPIRED, UNKNOWN, ShareLink
from members.erasing import erase
from tests.campaigns.friends import enrol, link_of
from tests.campaigns.scenes import CLOSES, DAY, NOW, make_member, publish, task

HELP = task("help", "assist", config={"helps": 3})


def refusal_of(token, now=NOW):
    with pytest.raises(Refused) as refused:
        share_links.follow(token, now=now)
    return refused.value.refusal


def test_a_token_says_what_was_sealed_until_it_ends():
    link = ShareLink(7, "bargain", NOW + DAY)
    token = share_links.seal(link)
    assert share_links.read(token, now=NOW) == link
    assert share_links.read(token, now=NOW + DAY - timedelta(microseconds=1)) == link
    with pytest.raises(Refused) as refused:
        share_links.read(token, now=NOW + DAY)
    assert refused.value.refusal is EXPIRED
    assert share_links.seal(link) == token


def test_a_token_tells_nothing_of_what_it_says():
    token = share_links.seal(ShareLink(7, "bargain", NOW + DAY))
    other = share_links.seal(ShareLink(8, "bargain", NOW + DAY))
    assert b"bargain" not in base64.urlsafe_b64decode(token + "==")
    assert len(set(zip(token, other, strict=True))) > 30


def test_every_altered_character_and_every_other_length_is_noticed():
    token = share_links.seal(ShareLink(7, "bargain", NOW + DAY))
    altered = {token[:place] + each + token[place + 1 :] for place in range(len(token)) for each in "Aq7_"} - {token}
    altered |= {token[:-1], token + "A", token + "=", token[1:], "", "é", "\0", "A" * 300, "=", "not a token"}
    for each in altered:
        with pytest.raises(Refused) as refused:
            share_links.read(each, now=NOW)
        assert refused.value.refusal is ALTERED


def test_a_key_that_was_changed_still_opens_and_a_foreign_one_does_not(settings):
    token = share_links.seal(ShareLink(7, "bargain", NOW + DAY))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new"
    assert share_links.read(token, now=NOW).enrolment_id == 7
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Refused) as refused:
        share_links.read(token, now=NOW)
    assert refused.value.refusal is ALTERED


@pytest.mark.django_db
def test_a_link_leads_to_the_sharer_and_the_task():
    publish(tasks=[HELP])
    ann = enrol("ann")
    shared = share_links.follow(link_of(ann, "help"), now=NOW)
    assert (shared.sharer, shared.definition.slug, shared.task.key) == (ann, "autumn", "help")


@pytest.mark.django_db
def test_a_link_lasts_as_long_as_the_campaign_and_that_of_a_daily_task_as_long_as_the_day():
    publish(tasks=[HELP, HELP | {"key": "day", "period": "daily"}])
    ann = enrol("ann")
    assert share_links.read(link_of(ann, "help"), now=NOW).expires_at == CLOSES
    assert share_links.read(link_of(ann, "day"), now=NOW).expires_at == datetime(2026, 11, 11, 16, tzinfo=UTC)


@pytest.mark.django_db
def test_a_link_to_what_is_not_there_leads_nowhere():
    publish(tasks=[HELP])
    ann = enrol("ann")
    nobody = share_links.seal(ShareLink(10**12, "help", NOW + DAY))
    gone = share_links.seal(ShareLink(ann.enrolments.get().pk, "gone", NOW + DAY))
    assert refusal_of(nobody) is refusal_of(gone) is UNKNOWN


@pytest.mark.django_db
def test_the_link_of_who_was_erased_leads_nowhere():
    publish(tasks=[HELP])
    ann = enrol("ann")
    token = link_of(ann, "help")
    erase(ann.pk, by=None, reason="asked for", now=NOW)
    assert refusal_of(token) is UNKNOWN


def test_what_is_no_text_is_no_link():
    with pytest.raises(BadSubmission):
        share_links.follow(7, now=NOW)


@pytest.mark.django_db
def test_a_link_whose_campaign_was_never_published_is_unknown():
    ann = make_member()
    assert ann.enrolments.count() == 0
    assert refusal_of(share_links.seal(ShareLink(1, "help", NOW + DAY))) is UNKNOWN
