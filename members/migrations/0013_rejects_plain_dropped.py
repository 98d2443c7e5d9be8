"""The plain columns go in a transaction of their own: PostgreSQL alters no table with writes still to be checked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0012_rejects_sealed")]
    operations = [
        migrations.RemoveField(model_name="importreject", name="parameters"),
        migrations.RemoveField(model_name="importreject", name="fields"),
        migrations.AlterField(
            model_name="importreject",
            name="sealed",
            field=models.BinaryField(),
        ),
    ]
