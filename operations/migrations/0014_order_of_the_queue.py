from django.db import migrations


class Migration(migrations.Migration):
    """django-q2's queue is read in the order of its locks (`operations.carrier.Broker`), however many rows wait."""

    dependencies = [
        ("operations", "0013_audit_search"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX queue_in_order ON django_q_ormq (lock, id)",
            "DROP INDEX queue_in_order",
        ),
    ]
