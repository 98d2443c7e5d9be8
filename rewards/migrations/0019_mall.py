"""The points mall: items, orders, and the one function that turns points into a gift."""

import django.core.validators
import django.db.models.deletion
import rewards.models.mall
from django.conf import settings
from django.db import migrations, models

ORDERS = """
-- What was ordered stays as it was. An order may be cancelled, once; the reason may be taken away later.
CREATE FUNCTION rewards_mall_order_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
        OR (OLD.id, OLD.member_id, OLD.item_id, OLD.price, OLD.award_id, OLD.entry_id, OLD.request_key, OLD.asked,
            OLD.ordered_at)
           IS DISTINCT FROM
           (NEW.id, NEW.member_id, NEW.item_id, NEW.price, NEW.award_id, NEW.entry_id, NEW.request_key, NEW.asked,
            NEW.ordered_at)
        OR (OLD.state = 'cancelled'
            AND (OLD.state, OLD.cancelled_at, OLD.cancelled_by_id)
                IS DISTINCT FROM (NEW.state, NEW.cancelled_at, NEW.cancelled_by_id))
    THEN
        RAISE EXCEPTION 'order % of the mall stays as it was', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER mall_order_moves BEFORE UPDATE OR DELETE ON rewards_mallorder
    FOR EACH ROW EXECUTE FUNCTION rewards_mall_order_moves();
"""

REDEEM = """
-- Turn points into an item's gift: (1) lock the accounts that move, (2) answer a request that was answered before,
-- (3) ask whether the item can be had, (4) charge the budgets and take a place of the member's and of the stock's,
-- (5) pay, (6) grant, (7) record. What is refused says why, and nothing of it has happened.
-- `p_day` is the site's day; `p_price` what the member was shown; `p_barred` why the audience does not admit them.
CREATE FUNCTION rewards_redeem_item(
    p_member bigint, p_item bigint, p_request text, p_now timestamptz, p_day text, p_asked text,
    p_price bigint DEFAULT NULL, p_barred text DEFAULT ''
) RETURNS TABLE (
    order_id bigint, award_id bigint, price integer, points_left bigint, refusal text, repeated boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_item rewards_mallitem;
    v_gift rewards_gift;
    v_first rewards_mallorder;
    v_order bigint;
    v_award bigint;
    v_refusal text;
BEGIN
    SELECT gift.* INTO v_gift FROM rewards_mallitem item JOIN rewards_gift gift ON gift.id = item.gift_id
        WHERE item.id = p_item;
    IF v_gift.id IS NULL THEN
        RETURN QUERY SELECT NULL::bigint, NULL::bigint, 0, 0::bigint, 'unknown_item', false;
        RETURN;
    END IF;
    PERFORM rewards_lock_accounts(
        ARRAY[p_member], CASE WHEN v_gift.kind = 'growth' THEN ARRAY['points', 'growth'] ELSE ARRAY['points'] END
    );
    SELECT * INTO v_first FROM rewards_mallorder WHERE member_id = p_member AND request_key = p_request;
    IF v_first.id IS NOT NULL THEN
        RETURN QUERY SELECT v_first.id, v_first.award_id, v_first.price, entry.balance_after,
            CASE WHEN v_first.asked <> p_asked THEN 'key_reused' ELSE '' END, true
            FROM rewards_entry entry WHERE entry.id = v_first.entry_id;
        RETURN;
    END IF;

    -- Whoever changes the item waits for this order; an order that begins later meets the item as it was changed.
    SELECT * INTO STRICT v_item FROM rewards_mallitem WHERE id = p_item FOR SHARE;
    v_refusal := CASE
        WHEN NOT EXISTS (SELECT FROM members_member WHERE id = p_member AND erased_at IS NULL) THEN 'unknown_item'
        WHEN v_item.state <> 'on_sale' THEN 'off_sale'
        WHEN p_now < v_item.opens_at THEN 'not_open'
        WHEN p_now >= v_item.closes_at THEN 'closed'
        WHEN p_barred <> '' THEN p_barred
        WHEN p_price <> v_item.price THEN 'price_changed'
        ELSE ''
    END;
    IF v_refusal = '' AND v_gift.kind = 'chances' AND v_gift.draws_in <> '' THEN
        PERFORM rewards_lock_chances(p_member, v_gift.draws_in);
    END IF;
    IF v_refusal = '' THEN
        BEGIN
            v_order := nextval('rewards_mallorder_id_seq');
            v_award := rewards_take_item(p_member, v_item, v_gift, v_order, p_now, p_day);
            INSERT INTO rewards_mallorder (
                id, member_id, item_id, price, award_id, entry_id, request_key, asked, ordered_at, state, cancel_reason
            ) SELECT v_order, p_member, p_item, v_item.price, v_award, entry.id, p_request, p_asked, p_now, 'placed', ''
                FROM rewards_entry entry WHERE entry.key = 'mall:' || v_order;
        EXCEPTION WHEN SQLSTATE 'QM001' THEN
            -- The points, places and budgets taken for it are given back with this block.
            -- Draws that are for no campaign are nothing to sell.
            v_refusal := CASE SQLERRM WHEN 'nowhere_to_draw' THEN 'off_sale' ELSE SQLERRM END;
        END;
    END IF;
    IF v_refusal <> '' THEN
        RETURN QUERY SELECT NULL::bigint, NULL::bigint, v_item.price, 0::bigint, v_refusal, false;
        RETURN;
    END IF;
    RETURN QUERY SELECT v_order, v_award, v_item.price, entry.balance_after, '', false
        FROM rewards_entry entry WHERE entry.key = 'mall:' || v_order;
END $$;

-- Take all that an order takes, under the account's lock, and return its award. Raise QM001 with the reason.
-- Every order is counted, also of what has no limit yet: a limit that is set later counts those that stand.
CREATE FUNCTION rewards_take_item(
    p_member bigint, p_item rewards_mallitem, p_gift rewards_gift, p_order bigint, p_now timestamptz, p_day text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_endless CONSTANT bigint := 2147483647;
    v_key text := 'item:' || p_item.slug;
    v_cents bigint := p_gift.cost * 100;
    v_promised jsonb;
    v_own bigint;
    v_place bigint;
BEGIN
    v_promised := rewards_charge(ARRAY['mall'], p_member, p_day::date, v_cents, true);
    v_own := rewards_take(
        p_member,
        v_key || CASE p_item.per_member_period WHEN 'day' THEN ':' || p_day WHEN 'month' THEN ':' || left(p_day, 7)
                 ELSE '' END,
        coalesce(p_item.per_member, v_endless)
    );
    IF v_own IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'member_limit';
    END IF;
    v_place := rewards_take(NULL, v_key, coalesce(p_item.stock, v_endless));
    IF v_place IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'sold_out';
    END IF;
    IF (rewards_post(
        p_member, 'points', -p_item.price, 'mall:' || p_order, 'mall:' || p_item.slug, p_now, 'mall:' || p_order
    )).id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'points_short';
    END IF;
    RETURN rewards_grant(
        p_member, p_item.gift_id, 'mall:' || p_order, 'mall:' || p_item.slug, p_now, p_day::date, 'mall',
        jsonb_build_object('promised', v_promised, 'quotas', jsonb_build_array(v_own, v_place)), v_cents
    );
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0014_touches'),
        ("rewards", "0018_budgets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MallItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True, validators=[rewards.models.mall.check_not_reserved], verbose_name='key')),
                ('name', models.CharField(blank=True, help_text="Empty: the gift's name.", max_length=100, verbose_name='name')),
                ('name_en', models.CharField(blank=True, max_length=100, verbose_name='English name')),
                ('description', models.TextField(blank=True, help_text="Members read it. Empty: the gift's description.", max_length=2000, verbose_name='description')),
                ('price', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='price in points')),
                ('stock', models.PositiveIntegerField(blank=True, help_text='In all. Empty: no limit.', null=True, verbose_name='stock')),
                ('per_member', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='at most for one member')),
                ('per_member_period', models.CharField(choices=[('all', 'in all'), ('month', 'a month'), ('day', 'a day')], default='all', max_length=5, verbose_name='counted')),
                ('audience', models.JSONField(blank=True, default=dict, validators=[rewards.models.mall.check_audience], verbose_name='for whom')),
                ('hidden_from_others', models.BooleanField(default=False, help_text='Else they see it locked, with the reason.', verbose_name='hidden from others')),
                ('opens_at', models.DateTimeField(blank=True, null=True, verbose_name='opens')),
                ('closes_at', models.DateTimeField(blank=True, null=True, verbose_name='closes')),
                ('shelf', models.CharField(blank=True, max_length=50, verbose_name='shelf')),
                ('shelf_en', models.CharField(blank=True, max_length=50, verbose_name='English name of the shelf')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('on_sale', 'on sale'), ('off', 'taken off')], default='draft', max_length=10, verbose_name='state')),
                ('gift', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mall_items', to='rewards.gift', verbose_name='gift')),
            ],
            options={
                'verbose_name': 'mall item',
                'verbose_name_plural': 'mall items',
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='MallOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('price', models.PositiveIntegerField(verbose_name='points paid')),
                ('request_key', models.CharField(max_length=200, verbose_name='request key')),
                ('asked', models.CharField(editable=False, max_length=150)),
                ('ordered_at', models.DateTimeField(verbose_name='ordered')),
                ('state', models.CharField(choices=[('placed', 'placed'), ('cancelled', 'cancelled')], default='placed', max_length=10, verbose_name='state')),
                ('cancelled_at', models.DateTimeField(blank=True, null=True, verbose_name='cancelled')),
                ('cancel_reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('award', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mall_order', to='rewards.award', verbose_name='award')),
                ('cancelled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='cancelled by')),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mall_order', to='rewards.entry', verbose_name='entry')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='rewards.mallitem', verbose_name='mall item')),
                ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='mall_orders', to='members.member', verbose_name='member')),
            ],
            options={
                'verbose_name': 'order of the mall',
                'verbose_name_plural': 'orders of the mall',
                'permissions': [('cancel_mallorder', 'Can cancel an order of the mall and give its points back')],
            },
        ),
        migrations.AddConstraint(
            model_name='mallitem',
            constraint=models.CheckConstraint(condition=models.Q(('price__gte', 1)), name='mall_item_has_a_price'),
        ),
        migrations.AddConstraint(
            model_name='mallitem',
            constraint=models.CheckConstraint(condition=models.Q(('opens_at', None), ('closes_at', None), ('closes_at__gt', models.F('opens_at')), _connector='OR'), name='mall_item_closes_after_it_opens', violation_error_message='It closes before it opens.'),
        ),
        migrations.AddIndex(
            model_name='mallorder',
            index=models.Index(fields=['member', '-id'], name='mall_order_member'),
        ),
        migrations.AddConstraint(
            model_name='mallorder',
            constraint=models.UniqueConstraint(fields=('member', 'request_key'), name='mall_order_once'),
        ),
        migrations.AddConstraint(
            model_name='mallorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at', None), ('state', 'placed')), models.Q(('cancelled_at__isnull', False), ('state', 'cancelled')), _connector='OR'), name='mall_order_cancelled_at_a_time'),
        ),
        migrations.RunSQL(
            ORDERS, "DROP TRIGGER mall_order_moves ON rewards_mallorder; DROP FUNCTION rewards_mall_order_moves;"
        ),
        migrations.RunSQL(REDEEM, "DROP FUNCTION rewards_redeem_item; DROP FUNCTION rewards_take_item;"),
    ]
