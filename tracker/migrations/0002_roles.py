"""Creates the three groups of staff with their permissions."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

from tracker.roles import PERMISSIONS


def create_roles(apps, schema_editor):
    # Permissions are usually made after all migrations; the groups need them now.
    config = apps.get_app_config("tracker")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for name, codes in PERMISSIONS.items():
        group, _ = group_model.objects.get_or_create(name=name)
        granted = permission_model.objects.filter(content_type__app_label="tracker", codename__in=codes)
        group.permissions.set(granted)


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=PERMISSIONS).delete()


class Migration(migrations.Migration):
    dependencies = [("tracker", "0001_the_register"), ("auth", "0012_alter_user_first_name_max_length")]

    operations = [migrations.RunPython(create_roles, remove_roles)]
