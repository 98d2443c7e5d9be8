"""Measure the hot paths on generated facts and print each figure beside its floor."""

import argparse
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.report import Figure

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
os.environ["LOCAL_HTTP"] = "1"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()

    import django

    django.setup()
    from benchmarks import database, report

    database.create_empty()
    figures = measure(options)
    sys.stdout.write(report.table(figures) + "\n")
    if options.json:
        report.write_json(figures, options.json)
    return 0


def measure(options: argparse.Namespace) -> "list[Figure]":
    from django.core.management import call_command
    from django.utils import timezone

    from benchmarks import (
        api_keys,
        audience_peers,
        audiences,
        bulk_ingest,
        campaign_page,
        database,
        draws,
        eligibility,
        events,
        leaderboard,
        ledger,
        live_count,
        recompute,
        rfm,
        server,
        shop,
        simulation,
    )

    call_command("migrate", verbosity=0)
    figures = simulation.measure()
    figures += audiences.measure()
    figures += bulk_ingest.measure_apart(options.members, options.orders)
    shop.generate_facts(options.members, options.orders)
    now = timezone.localtime()
    database.settle()
    figures += recompute.measure_apart()
    figures += rfm.measure_apart()
    figures += live_count.measure_apart()
    figures += ledger.measure(clients=options.clients, seconds=options.seconds)
    client = shop.make_client()
    figures += api_keys.measure(now=now)
    figures += events.measure(client.headers, now=now)
    shop.make_campaigns(now=now, chance=random.Random(1))
    shop.enrol_some(now=now)
    pool = shop.make_hot_pool(now=now)
    campaign_page.make_campaign(now=now)
    uids = shop.some_uids()
    database.settle()
    with server.running() as (port, pid):
        figures += eligibility.measure(port, client.headers, uids, clients=options.clients, seconds=options.seconds)
        figures += audience_peers.measure(port, client.headers, uids, clients=options.clients, seconds=options.seconds)
        figures += campaign_page.measure(port, clients=options.clients, seconds=options.seconds)
        figures += draws.measure(port, client, pool, clients=options.clients, seconds=options.seconds)
        figures += server.memory_figures(pid)
    figures += leaderboard.measure()
    return figures


if __name__ == "__main__":
    sys.exit(main())
