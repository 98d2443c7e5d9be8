from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # The last app of all: every other one has made its permissions by then.
        post_migrate.connect(_synchronise_groups, sender=self, dispatch_uid="config.role_groups")


def _synchronise_groups(**_kwargs: object) -> None:
    from config import role_groups

    role_groups.synchronise()
