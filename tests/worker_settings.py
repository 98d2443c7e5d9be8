"""Settings of the worker processes that tests start and kill: short leases and an app with countable jobs."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, Q_CLUSTER

INSTALLED_APPS = [*INSTALLED_APPS, "tests.operations.errands"]
Q_CLUSTER = Q_CLUSTER | {"workers": 2, "queue_limit": 2, "timeout": 4, "retry": 12, "poll": 0.05, "guard_cycle": 0.2}
