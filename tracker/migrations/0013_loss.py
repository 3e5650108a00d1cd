"""Lets the log say which of its entries were lost with a database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0012_past_days"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="logentry",
            name="log_entry_kind_is_known",
        ),
        migrations.AlterField(
            model_name="logentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("load", "Load of the register's files"),
                    ("department", "Department"),
                    ("topic", "Topic"),
                    ("document", "Document"),
                    ("programme", "Programme"),
                    ("commitment", "Commitment"),
                    ("relation", "Relation"),
                    ("status-update", "Status update"),
                    ("response", "Response"),
                    ("milestone", "Milestone"),
                    ("milestone-update", "Milestone update"),
                    ("funding", "Funding"),
                    ("check", "Check"),
                    ("revision", "New wording"),
                    ("withdrawal", "Withdrawal"),
                    ("petition", "Petition"),
                    ("support-service", "Support service"),
                    ("redaction", "Redaction"),
                    ("loss", "Loss of entries"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddConstraint(
            model_name="logentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "load",
                            "department",
                            "topic",
                            "document",
                            "programme",
                            "commitment",
                            "relation",
                            "status-update",
                            "response",
                            "milestone",
                            "milestone-update",
                            "funding",
                            "check",
                            "revision",
                            "withdrawal",
                            "petition",
                            "support-service",
                            "redaction",
                            "loss",
                        ],
                    )
                ),
                name="log_entry_kind_is_known",
            ),
        ),
    ]
