"""The hashes by which members are found are indexed where there are any."""

from django.db import migrations, models

COLUMNS = ("phone_hash", "email_hash")


class Migration(migrations.Migration):
    dependencies = [("members", "0007_levels")]
    operations = [
        *(
            migrations.AlterField(
                model_name="member", name=column, field=models.BinaryField(max_length=32, null=True)
            )
            for column in COLUMNS
        ),
        *(
            migrations.AddIndex(
                model_name="member",
                index=models.Index(
                    fields=[column], name=f"member_{column}", condition=models.Q(**{f"{column}__isnull": False})
                ),
            )
            for column in COLUMNS
        ),
    ]
