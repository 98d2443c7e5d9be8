"""Coupon codes are sealed at rest; codes come in by batches."""

import django.db.models.deletion
from django.conf import settings
from django.db import connection, migrations, models

from rewards import sealed_codes

SLICE = 5_000

READ = "SELECT id, code FROM rewards_couponcode WHERE id > %s ORDER BY id LIMIT %s"
# A column that is dropped stays in the rows on disk: it is emptied first.
SEAL = """
    UPDATE rewards_couponcode AS code SET sealed = given.sealed, found_by = given.found_by, code = ''
    FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS given (id, sealed, found_by) WHERE code.id = given.id
"""
READ_SEALED = "SELECT id, sealed FROM rewards_couponcode WHERE id > %s ORDER BY id LIMIT %s"
UNSEAL = """
    UPDATE rewards_couponcode AS code SET code = given.code
    FROM unnest(%s::bigint[], %s::text[]) AS given (id, code) WHERE code.id = given.id
"""
# Before there were batches, every code that an award has may have been seen by its owner.
SHOWN = "UPDATE rewards_couponcode SET shown_at = now() WHERE award_id IS NOT NULL"


def seal_codes(apps, schema_editor):
    for rows in slices(READ):
        write(SEAL, [(pk, *sealed_codes.sealed(code)) for pk, code in rows])
    with connection.cursor() as cursor:
        cursor.execute(SHOWN)
        # PostgreSQL alters no table whose rows still have checks to come at the end of the transaction.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def unseal_codes(apps, schema_editor):
    for rows in slices(READ_SEALED):
        write(UNSEAL, [(pk, sealed_codes.opened(stored) or f"lost-{pk}") for pk, stored in rows])


def slices(statement):
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [last, SLICE])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def write(statement, rows):
    with connection.cursor() as cursor:
        cursor.execute(statement, list(map(list, zip(*rows, strict=True))))


class Migration(migrations.Migration):

    dependencies = [
        ("rewards", "0015_drawing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('import', 'import of codes'), ('generate', 'generation of codes')], max_length=10, verbose_name='how they come in')),
                ('state', models.CharField(choices=[('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='running', max_length=10, verbose_name='state')),
                ('file', models.FileField(blank=True, max_length=300, upload_to='codes/%Y/%m', verbose_name='file')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='file name')),
                ('encoding', models.CharField(default='utf-8', max_length=20, verbose_name='encoding')),
                ('separator', models.CharField(default=',', max_length=1, verbose_name='separator')),
                ('column', models.PositiveSmallIntegerField(default=0, verbose_name='column')),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='size')),
                ('position', models.PositiveBigIntegerField(default=0, verbose_name='position')),
                ('line', models.PositiveBigIntegerField(default=1, verbose_name='line')),
                ('added', models.PositiveBigIntegerField(default=0, verbose_name='added')),
                ('known', models.PositiveBigIntegerField(default=0, verbose_name='known already')),
                ('refused', models.PositiveBigIntegerField(default=0, verbose_name='refused')),
                ('refusals', models.JSONField(blank=True, default=list, verbose_name='refused lines')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('resumed', models.PositiveSmallIntegerField(default=0, verbose_name='resumed')),
                ('created_at', models.DateTimeField(verbose_name='begun')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'batch of codes',
                'verbose_name_plural': 'batches of codes',
                'ordering': ['-id'],
            },
        ),
        migrations.AlterModelOptions(
            name='couponcode',
            options={'permissions': [('import_couponcode', 'Can import coupon codes'), ('generate_couponcode', 'Can generate coupon codes'), ('reveal_couponcode', 'Can see coupon codes whole')], 'verbose_name': 'coupon code', 'verbose_name_plural': 'coupon codes'},
        ),
        migrations.RemoveConstraint(
            model_name='couponcode',
            name='coupon_code_once',
        ),
        # So that the way back can add the column.
        migrations.AlterField(
            model_name='couponcode',
            name='code',
            field=models.CharField(default='', max_length=50, verbose_name='code'),
        ),
        migrations.AddField(
            model_name='couponcode',
            name='found_by',
            field=models.BinaryField(null=True, verbose_name='hash of the code'),
        ),
        migrations.AddField(
            model_name='couponcode',
            name='sealed',
            field=models.BinaryField(null=True, verbose_name='code'),
        ),
        migrations.AddField(
            model_name='couponcode',
            name='shown_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='first shown to its owner'),
        ),
        migrations.RunPython(seal_codes, unseal_codes),
        migrations.AlterField(
            model_name='couponcode',
            name='found_by',
            field=models.BinaryField(verbose_name='hash of the code'),
        ),
        migrations.AlterField(
            model_name='couponcode',
            name='sealed',
            field=models.BinaryField(verbose_name='code'),
        ),
        migrations.RemoveField(
            model_name='couponcode',
            name='code',
        ),
        migrations.AddConstraint(
            model_name='gift',
            constraint=models.CheckConstraint(condition=models.Q(('link', ''), ('link__startswith', 'https://'), _connector='OR'), name='gift_link_is_https', violation_error_message='The address of a link begins with https://.'),
        ),
        migrations.AddField(
            model_name='codebatch',
            name='gift',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='code_batches', to='rewards.gift', verbose_name='gift'),
        ),
        migrations.AddField(
            model_name='codebatch',
            name='made_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='begun by'),
        ),
        migrations.AddField(
            model_name='couponcode',
            name='batch',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='rewards.codebatch', verbose_name='batch of codes'),
        ),
        migrations.AddIndex(
            model_name='couponcode',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch', 'id'], name='coupon_code_batch'),
        ),
        migrations.AddConstraint(
            model_name='couponcode',
            constraint=models.UniqueConstraint(fields=('found_by', 'gift'), name='coupon_code_once'),
        ),
        migrations.AddConstraint(
            model_name='couponcode',
            constraint=models.CheckConstraint(condition=models.Q(('shown_at', None), ('award__isnull', False), _connector='OR'), name='coupon_code_shown_to_its_owner'),
        ),
        migrations.AddConstraint(
            model_name='codebatch',
            constraint=models.CheckConstraint(condition=models.Q(('position__lte', models.F('size'))), name='code_batch_within_its_size'),
        ),
    ]
