"""Whoever locks accounts holds their members first, as an erasure does: neither waits for the other in a circle."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("rewards.migrations.0006_ledger_posting").LOCKING

# What is granted after the accounts are locked names the member in rows of its own, which hold the member's key.
LOCKING = BEFORE.replace(
    """ORDER BY id FOR NO KEY UPDATE;
    END IF;
""",
    """ORDER BY id FOR NO KEY UPDATE;
    ELSE
        PERFORM FROM members_member WHERE id = ANY (p_members) ORDER BY id FOR KEY SHARE;
    END IF;
""",
)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0011_earning_rule_complete")]
    operations = [migrations.RunSQL(LOCKING, BEFORE)]
