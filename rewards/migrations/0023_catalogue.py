"""The edition of gifts and lists, so that workers may keep what they read of them."""

from django.db import migrations, models

MOVE_ON = """
CREATE SEQUENCE rewards_catalogueedition_numbers OWNED BY rewards_catalogueedition.edition;
INSERT INTO rewards_catalogueedition (id, edition) VALUES (1, nextval('rewards_catalogueedition_numbers'));

-- Whoever reads sees the old edition with the old rows or the new one with the new: the number changes in the very
-- transaction that changes them. It comes from a sequence, for a number that was rolled back must not come again.
CREATE FUNCTION rewards_catalogue_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rewards_catalogueedition (id, edition) VALUES (1, nextval('rewards_catalogueedition_numbers'))
        ON CONFLICT (id) DO UPDATE SET edition = excluded.edition;
    RETURN NULL;
END $$;

CREATE TRIGGER gift_moves_catalogue_on AFTER INSERT OR UPDATE OR DELETE ON rewards_gift
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_catalogue_moves_on();
CREATE TRIGGER listing_moves_catalogue_on AFTER INSERT OR UPDATE OR DELETE ON rewards_poollisting
    FOR EACH STATEMENT EXECUTE FUNCTION rewards_catalogue_moves_on();
"""

STAND_STILL = """
DROP TRIGGER gift_moves_catalogue_on ON rewards_gift;
DROP TRIGGER listing_moves_catalogue_on ON rewards_poollisting;
DROP FUNCTION rewards_catalogue_moves_on();
DROP SEQUENCE rewards_catalogueedition_numbers;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0022_giving")]

    operations = [
        migrations.CreateModel(
            name="CatalogueEdition",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("edition", models.BigIntegerField(verbose_name="edition")),
            ],
            options={
                "verbose_name": "edition of the catalogue",
                "verbose_name_plural": "editions of the catalogue",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="catalogue_has_one_edition")
                ],
            },
        ),
        migrations.RunSQL(MOVE_ON, STAND_STILL),
    ]
