"""Addresses of the public register. Names are `noun-shape`; addresses are lower case and never reused.

Each page is there twice: in Welsh under /cy/. Files are in English alone.
"""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path, register_converter

from tracker import api, feeds, sitemaps, views
from tracker.models import REFERENCE_PATTERN


class ReferenceConverter:
    """A commitment's reference in any case; the page redirects to the way it is written."""

    regex = f"(?i:{REFERENCE_PATTERN})"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reference")

app_name = "tracker"

PAGES = [
    path("", views.home, name="home"),
    path("commitments/", views.CommitmentList.as_view(), name="commitment-list"),
    path("commitments/<reference:reference>/", views.commitment_detail, name="commitment-detail"),
    path("data/", views.data_dictionary, name="data"),
    path("api/", api.api, name="api"),
    path("commitments/<reference:reference>/badge.svg", views.commitment_badge, name="commitment-badge"),
    path("commitments/<reference:reference>/card/", views.commitment_card, name="commitment-card"),
    path("departments/", views.department_list, name="department-list"),
    path("departments/<slug:slug>/", views.department_detail, name="department-detail"),
    path("programmes/", views.programme_list, name="programme-list"),
    path("programmes/<slug:slug>/", views.programme_detail, name="programme-detail"),
    path("topics/", views.topic_list, name="topic-list"),
    path("topics/<slug:slug>/", views.topic_detail, name="topic-detail"),
    path("changes/", views.change_list, name="change-list"),
    path("compare/", views.comparison, name="comparison"),
    path("differences/", views.difference_list, name="difference-list"),
    path("evidence-gaps/", views.gap_list, name="gap-list"),
    path("documents/", views.DocumentList.as_view(), name="document-list"),
    path("documents/<slug:identifier>/", views.document_detail, name="document-detail"),
    path("petitions/", views.petition_list, name="petition-list"),
    path("petitions/<int:number>/", views.petition_detail, name="petition-detail"),
    path("log/", views.log_list, name="log-list"),
    path("log/<int:sequence>/", views.log_entry, name="log-entry"),
    path("how-we-judge/", views.how_we_judge, name="how-we-judge"),
    path("about/", views.about, name="about"),
    path("help/", views.help_and_support, name="help"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("security/", views.disclosure, name="disclosure"),
    path("corrections/", views.corrections, name="corrections"),
]

FILES = [
    path("commitments.csv", views.commitment_csv, name="commitment-csv"),
    path("commitments/updates.csv", views.update_csv, name="update-csv"),
    path("commitments/evidence.csv", views.evidence_csv, name="evidence-csv"),
    path("commitments.xlsx", views.commitment_xlsx, name="commitment-xlsx"),
    path("commitments.ods", views.commitment_ods, name="commitment-ods"),
    path("commitments.json", views.commitment_json, name="commitment-json"),
    path("commitments.jsonl", views.commitment_jsonl, name="commitment-jsonl"),
    path("commitments.atom", feeds.commitment_feed, name="commitment-feed"),
    path("commitments.ics", feeds.commitment_calendar, name="commitment-calendar"),
    path("commitments/<reference:reference>/feed/", feeds.commitment_feed, name="commitment-feed"),
    path("commitments/<reference:reference>/calendar/", feeds.commitment_calendar, name="commitment-calendar"),
    path("commitments/<reference:reference>/cite.bib", views.commitment_bibtex, name="commitment-bibtex"),
    path("commitments/<reference:reference>/cite.json", views.commitment_csl, name="commitment-csl"),
    path("departments/<slug:slug>/feed/", feeds.department_feed, name="department-feed"),
    path("programmes/<slug:slug>/feed/", feeds.programme_feed, name="programme-feed"),
    path("topics/<slug:slug>/feed/", feeds.topic_feed, name="topic-feed"),
    path("data/<str:name>", views.register_file, name="register-file"),
    path("log/entries.jsonl", views.log_jsonl, name="log-jsonl"),
    path("log/checkpoint", views.log_checkpoint, name="log-checkpoint"),
    path("log/checkpoint/<int:size>", views.log_checkpoint, name="log-checkpoint"),
    path("log/key", views.log_key, name="log-key"),
    path("log/proof/inclusion", views.log_inclusion, name="log-inclusion"),
    path("log/proof/consistency", views.log_consistency, name="log-consistency"),
    path("log/verify.py", views.log_verifier, name="log-verifier"),
    path("api/openapi.json", api.api_description, name="api-description"),
    path("api/commitments/", api.commitment_list, name="api-commitment-list"),
    path("api/commitments/<reference:reference>/", api.commitment_detail, name="api-commitment-detail"),
    path("api/departments/", api.department_list, name="api-department-list"),
    path("api/departments/<slug:slug>/", api.department_detail, name="api-department-detail"),
    path("api/programmes/", api.programme_list, name="api-programme-list"),
    path("api/programmes/<slug:slug>/", api.programme_detail, name="api-programme-detail"),
    path("api/topics/", api.topic_list, name="api-topic-list"),
    path("api/topics/<slug:slug>/", api.topic_detail, name="api-topic-detail"),
    path("api/petitions/", api.petition_list, name="api-petition-list"),
    path("api/petitions/<int:number>/", api.petition_detail, name="api-petition-detail"),
    path("api/documents/", api.document_list, name="api-document-list"),
    path("api/documents/<slug:identifier>/", api.document_detail, name="api-document-detail"),
    path("api/statuses/", api.status_list, name="api-status-list"),
    path("api/changes/", api.change_list, name="api-change-list"),
    path("api/log/", api.log_list, name="api-log-list"),
    path("api/log/<int:sequence>/", api.log_entry, name="api-log-entry"),
    path("api/log/checkpoint/", api.log_checkpoint, name="api-log-checkpoint"),
    path("api/<path:rest>", api.api_unknown, name="api-unknown"),
    path("oembed/", views.oembed, name="oembed"),
    path("robots.txt", views.robots, name="robots"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("sitemap.xml", sitemaps.sitemap_list, name="sitemap-list"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap_detail, name="sitemap-detail"),
    path(".well-known/security.txt", views.security, name="security"),
]

# Pages come first, as they are read most. A triple is what include() makes. It would refuse these itself, for fear of
# something before the prefix.
urlpatterns = [path("", (i18n_patterns(*PAGES, prefix_default_language=False), None, None)), *FILES]
