"""Many at once: one ticket that all need, and one stranger who comes back from WeChat twice."""

from datetime import timedelta

import pytest

from demo.fake_wechat import TICKET, TOKEN
from members.models import Identity, Member
from members.oauth import Identified
from members.wechat import tickets
from members.wechat.account import configured
from members.wechat.states import StateFault, StateRefused, begin, finish
from members.wechat.welcoming import welcome
from operations.models import AuditRecord
from tests.members.shop import NOW
from tests.races import together

pytestmark = pytest.mark.django_db(transaction=True)
DUE = NOW + timedelta(minutes=116)


def ticket_at(now):
    return tickets.ticket(configured(), now=now)


def test_the_first_ticket_is_fetched_once_for_all(fake_wechat):
    fake_wechat.switches.slow = 0.2
    given = together.at_once(20, lambda _each: ticket_at(NOW))
    assert fake_wechat.asked == {TOKEN: 1, TICKET: 1}
    assert set(given) <= {fake_wechat.ticket, None}
    assert ticket_at(NOW) == fake_wechat.ticket


def test_while_one_renews_the_others_use_the_ticket_that_is_still_good(fake_wechat):
    first = ticket_at(NOW)
    fake_wechat.asked.clear()
    fake_wechat.switches.slow = 0.2
    given = together.at_once(20, lambda _each: ticket_at(DUE))
    assert fake_wechat.asked == {TOKEN: 1, TICKET: 1}
    assert set(given) <= {first, fake_wechat.ticket}
    assert given.count(fake_wechat.ticket) >= 1


def test_a_dead_wechat_is_asked_by_one(fake_wechat):
    fake_wechat.switches.errors[TOKEN] = -1
    fake_wechat.switches.slow = 0.2
    assert together.at_once(20, lambda _each: ticket_at(NOW)) == [None] * 20
    assert fake_wechat.asked == {TOKEN: 1}


@pytest.mark.parametrize("ids", [{"wechat-openid": "o1"}, {"wechat-unionid": "u1", "wechat-openid": "o1"}])
def test_one_stranger_becomes_one_member(ids):
    came = together.at_once(12, lambda _each: welcome(Identified(ids, "Ann"), creates=True, now=NOW))
    assert came == [Member.objects.get()] * 12
    assert Identity.objects.count() == len(ids)
    assert AuditRecord.objects.filter(action="member.signed_up").count() == 1


def test_a_state_lets_one_of_twenty_in():
    state = begin("b", "/h5/me/", now=NOW)

    def come_back(_each):
        try:
            finish(state, "b", "/h5/me/", now=NOW)
        except StateRefused as refused:
            return refused.fault
        return "in"

    assert sorted(together.at_once(20, come_back)) == ["in"] + [StateFault.USED] * 19
