"""Parcels and payments of awards."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVES = import_module("rewards.migrations.0015_drawing").MOVES.split("CREATE TRIGGER")[0]

# A parcel may come back, or have been noted as sent by mistake.
MOVES_BACK = MOVES.replace("('delivered', 'reversed'),", "('delivered', 'claimed'), ('delivered', 'reversed'),")

PAYING = """
-- A red packet and its payment come in one transaction, whoever grants it. The key is what a provider of payments takes
-- for one: 32 letters and digits that were never used before.
CREATE FUNCTION rewards_delivery_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rewards_delivery (award_id, provider, key, cents, due_at)
        SELECT NEW.id, gift.provider, replace(gen_random_uuid()::text, '-', ''), gift.face_value * 100,
            greatest(NEW.granted_at, NEW.usable_from)
        FROM rewards_gift gift WHERE gift.id = NEW.gift_id AND gift.kind = 'red_packet';
    RETURN NULL;
END $$;
CREATE TRIGGER delivery_begins AFTER INSERT ON rewards_award
    FOR EACH ROW EXECUTE FUNCTION rewards_delivery_begins();

-- An award that is taken back or expires is not paid out any more. While a payment is on its way, or nobody knows what
-- became of it, its award stays as it is: the update finds no row.
CREATE FUNCTION rewards_delivery_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rewards_delivery SET state = 'given_up', settled_at = NEW.changed_at
        WHERE award_id = NEW.id AND state IN ('waiting', 'failed');
    IF EXISTS (SELECT FROM rewards_delivery WHERE award_id = NEW.id AND state IN ('sending', 'unknown')) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER award_stops_delivery BEFORE UPDATE OF state ON rewards_award
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND NEW.state IN ('reversed', 'expired'))
    EXECUTE FUNCTION rewards_delivery_ends();

INSERT INTO rewards_delivery (award_id, provider, key, cents, due_at)
    SELECT award.id, gift.provider, replace(gen_random_uuid()::text, '-', ''), gift.face_value * 100, award.granted_at
    FROM rewards_award award JOIN rewards_gift gift ON gift.id = award.gift_id
    WHERE gift.kind = 'red_packet' AND award.state IN ('granted', 'claimed');
"""
STOPPED = """
DROP TRIGGER award_stops_delivery ON rewards_award;
DROP TRIGGER delivery_begins ON rewards_award;
DROP FUNCTION rewards_delivery_ends;
DROP FUNCTION rewards_delivery_begins;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("rewards", "0019_mall"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ShippingBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(verbose_name='exported')),
                ('parcels', models.PositiveIntegerField(verbose_name='parcels')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='exported by')),
            ],
            options={
                'verbose_name': 'shipping file',
                'verbose_name_plural': 'shipping files',
                'permissions': [('export_shipments', 'Can export addresses for shipping')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.SlugField(verbose_name='paid out by')),
                ('key', models.CharField(max_length=32, unique=True, verbose_name='key for the provider')),
                ('cents', models.PositiveBigIntegerField(verbose_name='amount in cents')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sending', 'being paid'), ('delivered', 'paid'), ('failed', 'failed'), ('unknown', 'outcome unknown'), ('given_up', 'given up')], db_default='waiting', default='waiting', max_length=10, verbose_name='state')),
                ('attempts', models.PositiveIntegerField(db_default=0, default=0, verbose_name='attempts')),
                ('due_at', models.DateTimeField(verbose_name='next attempt')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='last attempt')),
                ('settled_at', models.DateTimeField(null=True, verbose_name='settled')),
                ('reference', models.CharField(blank=True, db_default='', max_length=100, verbose_name='reference of the payment')),
                ('error', models.CharField(blank=True, db_default='', max_length=500, verbose_name='error')),
                ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='delivery', to='rewards.award', verbose_name='award')),
                ('taken_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='paid by')),
            ],
            options={
                'verbose_name': 'payment of a red packet',
                'verbose_name_plural': 'payments of red packets',
                'permissions': [('settle_delivery', 'Can pay red packets by hand and settle failed ones')],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'sending', 'unknown'])), fields=['due_at'], name='delivery_open'), models.Index(condition=models.Q(('state', 'failed')), fields=['-id'], name='delivery_failed')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'delivered'), _negated=True), ('settled_at__isnull', False), _connector='OR'), name='delivery_paid_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sealed', models.BinaryField(null=True, verbose_name='address, sealed')),
                ('region', models.CharField(blank=True, max_length=6, verbose_name='region')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('exported', 'being sent'), ('shipped', 'shipped'), ('returned', 'came back')], default='waiting', max_length=10, verbose_name='state')),
                ('carrier', models.CharField(blank=True, max_length=50, verbose_name='carrier')),
                ('tracking_number', models.CharField(blank=True, max_length=50, verbose_name='tracking number')),
                ('given_at', models.DateTimeField(verbose_name='address given')),
                ('shipped_at', models.DateTimeField(null=True, verbose_name='shipped')),
                ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='shipment', to='rewards.award', verbose_name='award')),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shipments', to='rewards.shippingbatch', verbose_name='shipping file')),
            ],
            options={
                'verbose_name': 'shipment',
                'verbose_name_plural': 'shipments',
                'permissions': [('reveal_shipment', 'Can see whole addresses'), ('track_shipment', 'Can enter tracking numbers')],
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['id'], name='shipment_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('batch', None), ('state', 'waiting')), models.Q(models.Q(('state', 'waiting'), _negated=True), ('batch__isnull', False)), _connector='OR'), name='shipment_waits_or_is_in_a_batch')],
            },
        ),
        migrations.RunSQL(
            MOVES_BACK.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
            MOVES.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        ),
        migrations.RunSQL(PAYING, STOPPED),
    ]
