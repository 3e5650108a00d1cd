"""The addresses of the site: the public register at the root, the staff's tools under accounts/ and admin/."""

from django.contrib import admin
from django.urls import include, path

handler500 = "tracker.views.broken"

urlpatterns = [
    path("accounts/", include("tracker.signing_in.urls")),
    path("admin/", admin.site.urls),
    path("", include("tracker.urls")),
]
