from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        post_migrate.connect(_synchronise_groups, dispatch_uid="config.role_groups")


def _synchronise_groups(*, app_config: AppConfig, **_kwargs: object) -> None:
    # Sent once per app with models: after the last of them all have made their permissions.
    if app_config is not [each for each in apps.get_app_configs() if each.models_module is not None][-1]:
        return
    from config import role_groups

    role_groups.synchronise()
