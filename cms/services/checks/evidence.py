"""What the checks may look at: what somebody wrote, what readers get of it, and how it came."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from urllib.parse import unquote

from cms.content import comment_links
from cms.services.checks import personal
from cms.services.checks.rules import URGENT, Rules, ready
from cms.services.checks.wording import Run, words_of

# No word is empty: no phrase begins in one reading of a comment and ends in another.
APART = ("",)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Of one comment. Markup can part a word, or hide an address: both readings are looked at."""

    post_id: str
    now: datetime
    form_token: str | None
    honeypot: str | None
    # The approved comment whose receipt came along, of the same email: what makes a writer known.
    known_by: str | None = None
    # The comment that is judged again because its writer edits it; no form comes with an edit.
    edit_of: str | None = None
    # As it was written, and as `content.render_comment` shows it.
    body: str = ""
    html: str = ""
    text: str = ""
    name: str = ""
    email: str = ""
    url: str | None = None
    network: str | None = None
    published_at: datetime | None = None
    # How many others have said the same, here or elsewhere.
    said_before: int = 0
    # From 0 to 1; None while too little is known.
    spam_score: float | None = None
    rules: Rules = field(default_factory=lambda: ready({}))

    @cached_property
    def hrefs(self) -> list[str]:
        """Where its links lead, as whoever follows them reads it."""
        return [unquote(one) for one in comment_links(self.html)]

    @cached_property
    def phrases(self) -> dict[str, str]:
        """Of all that somebody wrote, the name and the website too: what is in which set."""
        return self.rules.phrases.found_in(self._words())

    @cached_property
    def urgent(self) -> tuple[str, str] | None:
        """The flag that its wording raises, and the words that raise it."""
        return next(((flag, self.phrases[flag]) for flag in URGENT if flag in self.phrases), None)

    @cached_property
    def personal_data(self) -> list[str]:
        """The kinds that were noticed."""
        return personal.kinds_in(self.body, self.text, *self.hrefs)

    def _words(self) -> Run:
        words: Run = ()
        for reading in dict.fromkeys(map(words_of, ("\n".join(self.hrefs), self.body, self.text))):
            words += reading + APART
        # One phrase may begin in a body and end in a name.
        return words[:-1] + words_of(f"{self.name}\n{self.url or ''}")
