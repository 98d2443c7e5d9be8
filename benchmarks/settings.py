"""The production settings on a database of their own, with the floor's views added."""

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DATABASES["default"]["NAME"] = "qianmian_bench"
ROOT_URLCONF = "benchmarks.urls"
SECURE_SSL_REDIRECT = False
