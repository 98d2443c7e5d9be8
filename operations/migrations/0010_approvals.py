"""Approvals by a second person: what was asked for and what was decided cannot be rewritten."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


GUARD = """
CREATE FUNCTION operations_keep_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'waiting'
        OR (NEW.kind, NEW.target_type, NEW.target_id, NEW.payload, NEW.reason, NEW.asked_by_id, NEW.asked_at)
        IS DISTINCT FROM
        (OLD.kind, OLD.target_type, OLD.target_id, OLD.payload, OLD.reason, OLD.asked_by_id, OLD.asked_at)
    THEN
        RAISE EXCEPTION 'what was asked for, and what was decided, stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_kept BEFORE UPDATE OR DELETE ON operations_approvalrequest
    FOR EACH ROW EXECUTE FUNCTION operations_keep_approval();
CREATE TRIGGER approval_comment_append_only BEFORE UPDATE OR DELETE ON operations_approvalcomment
    FOR EACH ROW EXECUTE FUNCTION operations_refuse_rewriting();
"""

UNGUARD = """
DROP TRIGGER approval_comment_append_only ON operations_approvalcomment;
DROP TRIGGER approval_kept ON operations_approvalrequest;
DROP FUNCTION operations_keep_approval();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0009_deleted_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApprovalRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=50, verbose_name='kind')),
                ('target_type', models.CharField(max_length=100, verbose_name='kind of object')),
                ('target_id', models.CharField(max_length=100, verbose_name='object id')),
                ('target_name', models.CharField(max_length=200, verbose_name='object')),
                ('payload', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='change')),
                ('reason', models.TextField(blank=True, verbose_name='why')),
                ('state', models.CharField(choices=[('waiting', 'waiting for approval'), ('approved', 'approved'), ('refused', 'refused'), ('withdrawn', 'withdrawn'), ('overtaken', 'overtaken')], default='waiting', max_length=10, verbose_name='state')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('note', models.TextField(blank=True, verbose_name='reason of the decision')),
                ('told', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='what was shown')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
            ],
            options={
                'verbose_name': 'approval',
                'verbose_name_plural': 'approvals',
                'ordering': ['-id'],
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='ApprovalComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='time')),
                ('text', models.TextField(max_length=2000, verbose_name='comment')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                ('request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='operations.approvalrequest', verbose_name='approval')),
            ],
            options={
                'verbose_name': 'comment on an approval',
                'verbose_name_plural': 'comments on approvals',
                'ordering': ['id'],
                'default_permissions': (),
            },
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['-id'], name='approval_waiting'),
        ),
        migrations.AddIndex(
            model_name='approvalrequest',
            index=models.Index(fields=['asked_by', '-id'], name='approval_asked'),
        ),
        migrations.AddConstraint(
            model_name='approvalrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('kind', 'target_type', 'target_id'), name='approval_waits_once'),
        ),
        migrations.AddConstraint(
            model_name='approvalrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'waiting')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['approved', 'refused']), models.Q(('decided_by', models.F('asked_by')), _negated=True)), models.Q(('decided_at__isnull', False), ('decided_by', models.F('asked_by')), ('decided_by__isnull', False), ('state', 'withdrawn')), models.Q(('decided_at__isnull', False), ('state', 'overtaken')), _connector='OR'), name='approval_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='approvalrequest',
            constraint=models.CheckConstraint(condition=models.Q(('note', ''), ('state', 'refused'), _negated=True), name='approval_refused_with_a_reason'),
        ),
        migrations.AddIndex(
            model_name='approvalcomment',
            index=models.Index(fields=['request', 'id'], name='approval_comments'),
        ),
        migrations.AddConstraint(
            model_name='approvalcomment',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='approval_comment_says_something'),
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
