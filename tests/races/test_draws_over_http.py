"""Draws by many clients at once over HTTP: the last of a stock, a pause in the middle, web processes that are killed.

The server is one of its own process, so that it can be killed while it draws.
"""

import json
import os
import random
import signal
import socket
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from subprocess import DEVNULL, PIPE
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from django.utils import timezone

from campaigns import pausing
from campaigns.models import Campaign
from operations.api_keys import create_api_key
from rewards import chances
from rewards.models import Award, Chances, Draw, PrizeStock
from tests.campaigns.scenes import pool, publish
from tests.rewards.build import books_are_right, gift, members
from tests.workers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SLUG = "autumn"
SCOPE = f"campaign:{SLUG}"
ROUNDS = 50
KILLS = 100


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Web:
    """A web server whose serving process can be killed and replaced within milliseconds."""

    def __init__(self, environment, key):
        self.port, self.key, self.pid = free_port(), key, 0
        command = [sys.executable, "-m", "tests.web_server", str(self.port)]
        self.process = psutil.Popen(command, env=environment, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True)

    def start(self, uid):
        """Serve, from a process that has answered a question about the campaign before."""
        path = f"/api/v1/members/{uid}/eligibility/?campaign={SLUG}"
        self.process.stdin.write(f"warm {path} {self.key}\n")
        self.serve()

    def serve(self):
        self.process.stdin.write("serve\n")
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline())

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def draw(self, uid, key, body=None, timeout=30):
        headers = {
            "Authorization": f"Api-Key {self.key}", "Idempotency-Key": key, "Content-Type": "application/json",
            "X-Forwarded-Proto": "https", "Host": "localhost",
        }  # fmt: skip
        url = f"http://127.0.0.1:{self.port}/api/v1/campaigns/{SLUG}/members/{uid}/draws/"
        request = Request(url, json.dumps(body or {}).encode(), headers)
        try:
            with urlopen(request, timeout=timeout) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            return error.code, json.load(error)

    def stop(self):
        if self.pid:
            with suppress(ProcessLookupError):
                self.kill()
        self.process.kill()
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def web(process_environment):
    # Who is killed keeps the portions of the bounds that it took: a hundred killed in a minute have them all.
    unbound = {"API_MEMBER_MOVES_PER_MINUTE": "0", "API_REQUESTS_PER_MINUTE": "0"}
    environment = process_environment | {"LOCAL_HTTP": "1", "LOG_LEVEL": "ERROR", "SECRET_KEY": "web"} | unbound
    from django.test import override_settings

    with override_settings(SECRET_KEY="web"):
        key = create_api_key("shop", ["play", "eligibility"])[1]
    server = Web(environment, key)
    yield server
    server.stop()


def play(*, players, each, stock, odds=999_999):
    """Publish a campaign with gold (nearly always) and thanks, and give every player chances."""
    gift("gold", cost=1)
    prizes = [
        {"key": "gold", "gift": "gold", "odds": odds, "stock": stock, "consolation": False},
        {"key": "thanks", "gift": "thanks", "odds": 1_000_000 - odds, "stock": None, "consolation": True},
    ]
    people = members(players)
    for member in people:
        chances.grant_chances(member.pk, SCOPE, count=each, key=f"start:{member.pk}", now=timezone.now())
    window = {"opens_at": "2020-01-01T00:00:00Z", "closes_at": "2099-01-01T00:00:00Z"}
    publish(slug=SLUG, pools=[pool("everyone", prizes=prizes)], **window)
    return people


def test_a_stock_of_ten_gives_ten_to_forty_clients_in_each_of_fifty_rounds(web):
    people = play(players=40, each=ROUNDS, stock=10)
    web.start(people[0].uid)
    starts = threading.Barrier(40)

    def once(member, number):
        starts.wait(timeout=30)
        return web.draw(member.uid, f"round-{number}-{member.uid}")

    with ThreadPoolExecutor(40) as clients:
        for number in range(ROUNDS):
            PrizeStock.objects.update(stock=10 * (number + 1))
            answers = list(clients.map(once, people, [number] * 40))
            assert Counter(status for status, _ in answers) == {201: 40}
            assert Counter(answer["prize"]["key"] for _, answer in answers)["gold"] <= 10
    given = Counter(Draw.objects.values_list("rolled", "prize"))
    # One roll in a million is of the consolation prize; then one is left for the next round.
    assert given["gold", "gold"] >= 10 * ROUNDS - given["thanks", "thanks"]
    assert PrizeStock.objects.get().issued == given["gold", "gold"] <= 10 * ROUNDS
    assert Chances.objects.filter(used=ROUNDS).count() == 40
    assert books_are_right()


def test_a_draw_is_wholly_before_a_pause_or_refused(web):
    people = play(players=16, each=100_000, stock=None)
    web.start(people[0].uid)
    campaign = Campaign.objects.get()
    ends, refusals = threading.Event(), Counter()

    def keep_drawing(member):
        number = 0
        while not ends.is_set():
            number += 1
            status, answer = web.draw(member.uid, f"{member.uid}-{number}")
            refusals[status, answer.get("code")] += 1

    drawing = [threading.Thread(target=keep_drawing, args=(member,)) for member in people]
    for each in drawing:
        each.start()
    try:
        for _ in range(20):
            time.sleep(0.15)
            pausing.pause(campaign, by=None, now=timezone.now())
            drawn = Draw.objects.count()
            time.sleep(0.1)
            assert Draw.objects.count() == drawn
            pausing.resume(campaign, by=None, now=timezone.now())
    finally:
        ends.set()
        for each in drawing:
            each.join()
    assert set(refusals) == {(201, None), (409, "paused")}
    assert refusals[201, None] == Draw.objects.count()
    assert books_are_right()


def test_every_chance_is_unspent_or_has_one_draw_though_the_web_process_is_killed_a_hundred_times(web):
    people = play(players=8, each=10_000, stock=100_000, odds=500_000)
    web.start(people[0].uid)
    dice, ends = random.Random(20261122), threading.Event()
    answered: dict[str, dict] = {}
    interrupted = Counter()

    def keep_drawing(member):
        number = 0
        while not ends.is_set():
            number += 1
            key = f"{member.uid}-{number}"
            while key not in answered:
                try:
                    status, answer = web.draw(member.uid, key, timeout=5)
                except (OSError, ValueError, HTTPException):
                    interrupted[key] += 1
                else:
                    assert status == 201, answer
                    answered[key] = answer

    drawing = [threading.Thread(target=keep_drawing, args=(member,)) for member in people]
    for each in drawing:
        each.start()
    try:
        for _ in range(KILLS):
            wanted = len(answered) + dice.randrange(8)
            wait_until(lambda: len(answered) >= wanted, seconds=60)  # noqa: B023 asked before the next round
            time.sleep(dice.uniform(0, 0.03))
            web.kill()
            web.serve()
    finally:
        ends.set()
        for each in drawing:
            each.join(60)
    assert len(interrupted) >= KILLS
    assert Draw.objects.count() == len(answered) == Award.objects.count()
    assert sum(Chances.objects.values_list("used", flat=True)) == len(answered)
    for key in interrupted:
        uid = key.partition("-")[0]
        assert web.draw(uid, key) == (201, answered[key])
    assert books_are_right()
