"""The backend that Django loads by the name of this package."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.backends.postgresql import base

from config.embedded_postgres import Address, EmbeddedPostgres


@cache
def server() -> EmbeddedPostgres:
    """Return the private server of this checkout, not joined yet."""
    return EmbeddedPostgres(Path(settings.DATA_DIR) / "embedded")


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the private server. Commands that never connect never start it."""

    def get_connection_params(self):
        address: Address = server().join()
        self.settings_dict |= {"HOST": address.host, "USER": address.user, "PASSWORD": address.password}
        return super().get_connection_params()
