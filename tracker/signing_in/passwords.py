"""What a password may not be made of, besides what Django refuses: the words that everybody thinks of first here."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from tracker.models import User

# Parts of words too. Whoever guesses a password of this site's staff begins with these.
OWN_WORDS = (
    *("commitment", "register", "tracker", "recommendation", "petition"),
    *("iicsa", "inquiry", "casey", "grooming", "parliament", "government"),
)


class OwnWordsValidator:
    """Refuses a password in which one of the words of this site stands."""

    def validate(self, password: str, user: User | None = None) -> None:
        if found := [word for word in OWN_WORDS if word in password.lower()]:
            raise ValidationError(f"Leave out “{found[0]}”: it is what somebody who guesses would try first.")

    def get_help_text(self) -> str:
        return "Your password cannot hold a word that this site is about, such as “register” or “inquiry”."
