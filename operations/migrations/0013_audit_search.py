"""The audit trail is searched by who, what, about whom and when: an index for each question."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0012_list_exports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='auditrecord',
            options={'permissions': [('export_auditrecord', 'Can export the audit trail')], 'verbose_name': 'audit record', 'verbose_name_plural': 'audit trail'},
        ),
        migrations.AddField(
            model_name='auditrecord',
            name='member_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='member'),
        ),
        migrations.AlterField(
            model_name='auditrecord',
            name='occurred_at',
            field=models.DateTimeField(verbose_name='time'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['-occurred_at', '-id'], name='audit_latest'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['actor', '-occurred_at', '-id'], name='audit_by_actor'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['action', '-occurred_at', '-id'], name='audit_by_action'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['target_type', '-occurred_at', '-id'], name='audit_by_kind'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(condition=models.Q(('member_id__isnull', False)), fields=['member_id', '-occurred_at', '-id'], name='audit_by_member'),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['actor_name'], name='audit_actor_name', opclasses=['varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='auditrecord',
            index=models.Index(fields=['target_name'], name='audit_target_name', opclasses=['varchar_pattern_ops']),
        ),
    ]
