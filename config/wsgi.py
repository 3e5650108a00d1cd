"""The site as a WSGI application: what granian serves."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

from config.patience import serve_from

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

for database in settings.DATABASES.values():
    serve_from(database)
django_application = get_wsgi_application()
application = import_string(settings.OBSERVED_BY)(import_string(settings.PAGES_KEPT_BY)(django_application))
