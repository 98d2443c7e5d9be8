"""The WSGI application, served by granian."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# A thread that comes back from the database waits for the one that computes: 5 ms by default, at every statement.
sys.setswitchinterval(0.0005)

application = get_wsgi_application()
