"""Behaviour events, in a table of monthly partitions. Django cannot make a partitioned table, so its SQL is here."""

import django.db.models.deletion
from django.db import migrations, models

CREATE = """
CREATE TABLE members_event (
    event_id varchar(100) NOT NULL,
    member_id bigint NOT NULL,
    type varchar(50) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    item varchar(100) NOT NULL,
    category varchar(100) NOT NULL,
    keyword varchar(200) NOT NULL,
    properties jsonb NOT NULL,
    CONSTRAINT members_event_pkey PRIMARY KEY (event_id, occurred_at),
    CONSTRAINT members_event_member_fk FOREIGN KEY (member_id) REFERENCES members_member (id)
        DEFERRABLE INITIALLY DEFERRED
) PARTITION BY RANGE (occurred_at);
CREATE INDEX event_member_occurred ON members_event (member_id, occurred_at);
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0010_orders_feed_without_lookup")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CREATE, "DROP TABLE members_event")],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "event_id",
                                "occurred_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("event_id", models.CharField(max_length=100, verbose_name="event id")),
                        ("type", models.CharField(max_length=50, verbose_name="type")),
                        ("occurred_at", models.DateTimeField(verbose_name="time")),
                        ("item", models.CharField(blank=True, max_length=100, verbose_name="item")),
                        ("category", models.CharField(blank=True, max_length=100, verbose_name="category")),
                        ("keyword", models.CharField(blank=True, max_length=200, verbose_name="keyword")),
                        ("properties", models.JSONField(blank=True, default=dict, verbose_name="properties")),
                        (
                            "member",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="members.member",
                                verbose_name="member",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                        "indexes": [models.Index(fields=["member", "occurred_at"], name="event_member_occurred")],
                    },
                ),
            ],
        ),
    ]
