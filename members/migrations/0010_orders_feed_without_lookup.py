"""The feed no longer looks up the member of each fact: whoever writes it holds the lock of that member."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0009_imports_separator")]
    operations = [
        migrations.AlterField(
            "activity",
            "member",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="activities",
                to="members.member",
            ),
        ),
    ]
