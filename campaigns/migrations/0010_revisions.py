"""States and their transitions, proposals for review, roll-backs: and what of them the database itself refuses."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The transitions are those of `campaigns.states.transitions()`; a test holds both against each other.
STATES_FOLLOW = """
CREATE FUNCTION campaigns_refuse_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a campaign begins as a draft, not as %', NEW.state USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (OLD.state, NEW.state) NOT IN (
        ('draft', 'in_review'), ('in_review', 'draft'),
        ('draft', 'scheduled'), ('draft', 'live'), ('in_review', 'scheduled'), ('in_review', 'live'),
        ('scheduled', 'live'),
        ('scheduled', 'paused'), ('live', 'paused'), ('paused', 'scheduled'), ('paused', 'live'),
        ('scheduled', 'ended'), ('live', 'ended'), ('paused', 'ended'),
        ('draft', 'archived'), ('ended', 'archived'), ('archived', 'draft'), ('archived', 'ended')
    ) THEN
        RAISE EXCEPTION 'a campaign does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaigns_state_begins BEFORE INSERT ON campaigns_campaign
    FOR EACH ROW EXECUTE FUNCTION campaigns_refuse_transition();
CREATE TRIGGER campaigns_state_follows BEFORE UPDATE OF state ON campaigns_campaign
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION campaigns_refuse_transition();
"""
STATES_ARE_FREE = """
DROP TRIGGER campaigns_state_begins ON campaigns_campaign;
DROP TRIGGER campaigns_state_follows ON campaigns_campaign;
DROP FUNCTION campaigns_refuse_transition();
"""
PROPOSALS_STAY = """
CREATE FUNCTION campaigns_refuse_proposal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'in_review' THEN
        RAISE EXCEPTION 'this proposal was decided: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.campaign_id, OLD.file, OLD.gifts, OLD.definition, OLD.note, OLD.submitted_at, OLD.submitted_by_id)
       IS DISTINCT FROM
       (NEW.campaign_id, NEW.file, NEW.gifts, NEW.definition, NEW.note, NEW.submitted_at, NEW.submitted_by_id) THEN
        RAISE EXCEPTION 'what was submitted stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaigns_proposal_stays BEFORE UPDATE ON campaigns_proposal
    FOR EACH ROW EXECUTE FUNCTION campaigns_refuse_proposal_change();
"""
PROPOSALS_CHANGE = """
DROP TRIGGER campaigns_proposal_stays ON campaigns_proposal;
DROP FUNCTION campaigns_refuse_proposal_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0009_sharing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("in_review", "in review"),
                            ("approved", "approved"),
                            ("sent_back", "sent back"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="in_review",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("file", models.TextField(verbose_name="draft")),
                ("gifts", models.JSONField(default=dict, verbose_name="gifts")),
                ("definition", models.JSONField(verbose_name="definition")),
                ("note", models.TextField(blank=True, verbose_name="what changes, and why")),
                ("submitted_at", models.DateTimeField(verbose_name="submitted")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
            ],
            options={
                "verbose_name": "proposal of a campaign",
                "verbose_name_plural": "proposals of campaigns",
                "ordering": ["-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.AlterModelOptions(
            name="campaign",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("publish_campaign", "Can publish a campaign"),
                    ("pause_campaign", "Can pause and resume a campaign"),
                    ("end_campaign", "Can end a campaign"),
                    ("submit_campaign", "Can submit a campaign for review"),
                    ("approve_campaign", "Can approve a campaign that somebody else submitted"),
                    ("roll_back_campaign", "Can make an earlier revision of a campaign current again"),
                    ("worsen_campaign", "Can change a running campaign against its participants"),
                    ("archive_campaign", "Can archive a campaign"),
                ],
                "verbose_name": "campaign",
                "verbose_name_plural": "campaigns",
            },
        ),
        migrations.AddField(
            model_name="revision",
            name="reason",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="revision",
            name="restores",
            field=models.PositiveIntegerField(null=True, verbose_name="rolled back to"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("current", None), ("state__in", ["draft", "in_review"])),
                    models.Q(("current__isnull", False), ("state__in", ["scheduled", "live", "paused", "ended"])),
                    ("state", "archived"),
                    _connector="OR",
                ),
                name="campaign_runs_by_a_revision",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="proposals",
                to="campaigns.campaign",
                verbose_name="campaign",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="revision",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="campaigns.revision",
                verbose_name="revision",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="submitted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="submitted by",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_review")), fields=("campaign",), name="one_proposal_in_review"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "in_review")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["approved", "sent_back"]),
                        models.Q(("decided_by", models.F("submitted_by")), _negated=True),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by", models.F("submitted_by")),
                        ("decided_by__isnull", False),
                        ("state", "withdrawn"),
                    ),
                    _connector="OR",
                ),
                name="proposal_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revision__isnull", False), ("state", "approved")),
                    models.Q(models.Q(("state", "approved"), _negated=True), ("revision", None)),
                    _connector="OR",
                ),
                name="proposal_approved_has_revision",
            ),
        ),
        migrations.RunSQL(STATES_FOLLOW, STATES_ARE_FREE),
        migrations.RunSQL(PROPOSALS_STAY, PROPOSALS_CHANGE),
    ]
