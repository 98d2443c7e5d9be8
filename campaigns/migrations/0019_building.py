"""What operators have typed in the builder and could not save yet."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('campaigns', '0018_rehearsal'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Typed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(max_length=60, verbose_name="form")),
                ("sent", models.JSONField(verbose_name="as typed")),
                ("token", models.CharField(max_length=64, verbose_name="state of the draft")),
                ("typed_at", models.DateTimeField(verbose_name="typed")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.campaign",
                        verbose_name="campaign",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "text typed in the builder",
                "verbose_name_plural": "texts typed in the builder",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "user", "place"), name="typed_once"),
                ],
            },
        ),
    ]
