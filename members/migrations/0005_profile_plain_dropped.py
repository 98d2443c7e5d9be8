"""Nothing personal is left in the clear: the columns that were sealed and moved go."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("members", "0004_profile_sealed_and_typed")]
    operations = [
        migrations.RemoveIndex(model_name="member", name="member_attributes"),
        migrations.RemoveField(model_name="member", name="attributes"),
        migrations.RemoveField(model_name="member", name="phone"),
        migrations.RemoveField(model_name="member", name="email"),
    ]
