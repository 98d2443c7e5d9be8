"""The production settings on a database of their own, with the floor's views added."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES

# Two that measure on one server at a time need a database each.
DATABASES["default"]["NAME"] = os.environ.get("BENCH_DATABASE", "qianmian_bench")
ROOT_URLCONF = "benchmarks.urls"
SECURE_SSL_REDIRECT = False
# What others take for the same rules is asked in the same server (`benchmarks.audience_peers`).
API_REQUESTS_PER_MINUTE = 10_000_000
