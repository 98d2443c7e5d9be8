"""Outlets, check-offs, notices of expiry; and a check-off for each award that was used before there were any."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = """
CREATE TRIGGER check_off_append_only BEFORE UPDATE OR DELETE ON rewards_checkoff
    FOR EACH ROW EXECUTE FUNCTION rewards_refuse_change();
"""

USED_BEFORE = """
INSERT INTO rewards_checkoff (award_id, by_id, client, at, request_key)
SELECT award.id, used_by.id, '', coalesce(used.occurred_at, award.granted_at), 'before:' || award.id
FROM rewards_award award
LEFT JOIN LATERAL (
    SELECT occurred_at, actor_id FROM operations_auditrecord
    WHERE target_type = 'rewards.award' AND target_id = award.id::text AND action = 'award.redeemed'
    ORDER BY id LIMIT 1
) used ON true
LEFT JOIN auth_user used_by ON used_by.id = used.actor_id
WHERE award.state = 'redeemed';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0003_book_took'),
        ("rewards", "0016_gifts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AwardNotice',
            fields=[
                ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='notice', serialize=False, to='rewards.award')),
                ('told_at', models.DateTimeField(verbose_name='told')),
            ],
            options={
                'verbose_name': "notice of an award's expiry",
                'verbose_name_plural': "notices of awards' expiry",
            },
        ),
        migrations.CreateModel(
            name='Outlet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True, verbose_name='key')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('active', models.BooleanField(default=True, help_text='Nothing is checked off at an outlet that is not.', verbose_name='active')),
                ('staff', models.ManyToManyField(blank=True, help_text='They check off awards here, if they have the permission to.', related_name='outlets', to=settings.AUTH_USER_MODEL, verbose_name='staff')),
            ],
            options={
                'verbose_name': 'outlet',
                'verbose_name_plural': 'outlets',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='CheckOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.CharField(blank=True, max_length=200, verbose_name='API client')),
                ('at', models.DateTimeField(verbose_name='checked off')),
                ('request_key', models.CharField(max_length=200, unique=True, verbose_name='request key')),
                ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='check_off', to='rewards.award', verbose_name='award')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('outlet', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='check_offs', to='rewards.outlet', verbose_name='outlet')),
            ],
            options={
                'verbose_name': 'check-off',
                'verbose_name_plural': 'check-offs',
            },
        ),
        migrations.AddField(
            model_name='gift',
            name='outlets',
            field=models.ManyToManyField(blank=True, help_text='Empty: used at every outlet.', related_name='gifts', to='rewards.outlet', verbose_name='outlets'),
        ),
        migrations.CreateModel(
            name='WrongNumbers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('tried', models.PositiveIntegerField(verbose_name='tried')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'wrong numbers',
                'verbose_name_plural': 'wrong numbers',
            },
        ),
        migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER check_off_append_only ON rewards_checkoff"),
        migrations.RunSQL(USED_BEFORE, migrations.RunSQL.noop),
    ]
