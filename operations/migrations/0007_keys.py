import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0006_webhook_events'),
    ]

    operations = [
        migrations.CreateModel(
            name='CallCount',
            fields=[
                ('counter', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('minute', models.BigIntegerField()),
                ('taken', models.BigIntegerField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        # Rows are overwritten all the time, and no index but that of the key looks at them: they stay on their pages.
        migrations.RunSQL(
            'ALTER TABLE operations_callcount SET UNLOGGED, SET (fillfactor = 50)',
            'ALTER TABLE operations_callcount SET LOGGED',
        ),
        migrations.AddField(
            model_name='apikey',
            name='address_ranges',
            field=models.JSONField(blank=True, default=list, verbose_name='address ranges'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='calls_per_minute',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='calls a minute'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='last_used_from',
            field=models.GenericIPAddressField(blank=True, null=True, verbose_name='last used from'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='replaced_by',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='operations.apikey', verbose_name='replaced by'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='client',
            field=models.CharField(default='', editable=False, max_length=8, verbose_name='client'),
            preserve_default=False,
        ),
        # What was remembered of a key so far was remembered under its prefix.
        migrations.RunSQL('UPDATE operations_apikey SET client = prefix', migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='apikey',
            name='client',
            field=models.CharField(db_index=True, editable=False, max_length=8, verbose_name='client'),
        ),
    ]
