import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0003_book_took'),
    ]

    operations = [
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('digest', models.CharField(max_length=32, primary_key=True, serialize=False, verbose_name='digest')),
                ('width', models.PositiveSmallIntegerField(verbose_name='width')),
                ('height', models.PositiveSmallIntegerField(verbose_name='height')),
                ('colour', models.CharField(max_length=6, verbose_name='colour')),
                ('stored_at', models.DateTimeField(verbose_name='stored')),
                ('wanted_at', models.DateTimeField(db_index=True, verbose_name='last wanted')),
            ],
            options={
                'verbose_name': 'picture',
                'verbose_name_plural': 'pictures',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='PictureSize',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('width', models.PositiveSmallIntegerField(verbose_name='width')),
                ('content', models.BinaryField(verbose_name='content')),
                ('picture', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sizes', to='operations.picture')),
            ],
            options={
                'verbose_name': 'size of a picture',
                'verbose_name_plural': 'sizes of pictures',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('picture', 'width'), name='picture_size_once')],
            },
        ),
        # What is compressed already is stored as it is, and not compressed in vain.
        migrations.RunSQL(
            "ALTER TABLE operations_picturesize ALTER COLUMN content SET STORAGE EXTERNAL", migrations.RunSQL.noop
        ),
    ]
