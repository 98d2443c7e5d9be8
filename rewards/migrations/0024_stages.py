"""How a draw is played before members' eyes, in the draft of a pool and in each version."""

from django.db import migrations, models

STAGES = [("wheel", "wheel"), ("grid", "nine-grid"), ("scratch", "scratch card"), ("eggs", "golden eggs")]


def stage() -> models.CharField:
    return models.CharField(
        choices=STAGES,
        db_default="wheel",
        default="wheel",
        help_text=(
            "Wheel and nine-grid show the prizes, best three to eight with short names; a scratch card and golden eggs"
            " show what was won, whatever the number. The odds are the same with each."
        ),
        max_length=10,
        verbose_name="stage of the draw",
    )


class Migration(migrations.Migration):
    dependencies = [("rewards", "0023_catalogue")]

    operations = [
        migrations.AddField(model_name="poolversion", name="stage", field=stage()),
        migrations.AddField(model_name="prizepool", name="stage", field=stage()),
    ]
