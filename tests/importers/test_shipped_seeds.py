"""What is shipped in `seeds/`: the article word for word, and a demo that shows every state."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from cms.importers.seed_records import STATUSES
from cms.importers.seeds import read

HERE = Path(__file__).parent
SEEDS = HERE.parent.parent / "seeds"
ORIGINAL = (HERE / "medical-massage-ms.txt").read_text("utf-8")

BASE = read(SEEDS)
DEMO = read(SEEDS / "demo", known=BASE)
ARTICLE = BASE.posts[0]


def original_words() -> list[str]:
    start, end = ORIGINAL.index("\nIntroduction\n"), ORIGINAL.index("\nSimilar Posts")
    return ORIGINAL[start:end].replace("  • ", "").split()


def plain(markdown: str) -> str:
    return re.sub(r"^(## |- )", "", markdown, flags=re.MULTILINE).replace("**", "")


def shipped_words() -> list[str]:
    faqs = {faq.slug: faq for faq in BASE.faqs}
    parts = [plain(ARTICLE.body), "FAQs"]
    for number, slug in enumerate(ARTICLE.faqs, start=1):
        parts += [f"{number}. {faqs[slug].question}", plain(faqs[slug].answer)]
    return " ".join(parts).split()


class TestTheArticle:
    def test_every_word_is_shipped_in_order(self):
        assert shipped_words() == original_words()

    def test_every_line_is_shipped_as_one_line(self):
        shipped = {line for line in plain(ARTICLE.body).splitlines() if line}
        lines = ORIGINAL[ORIGINAL.index("Introduction") : ORIGINAL.index("\nFAQs")].splitlines()

        assert shipped == {line.removeprefix("  • ") for line in lines if line}

    def test_the_title_is_the_original_one(self):
        assert ARTICLE.title == ORIGINAL.splitlines()[2]

    def test_headings_keep_their_numbers(self):
        headings = re.findall(r"^## (.+)$", ARTICLE.body, re.MULTILINE)

        assert headings == [
            "Introduction",
            "1. Relief from Muscle Spasms and Tension",
            "2. Pain Management",
            "3. Fatigue Reduction",
            "Conclusion",
        ]

    def test_bullets_keep_their_bold_lead_ins(self):
        bullets = re.findall(r"^  • (.+?:) ", ORIGINAL, re.MULTILINE)

        assert len(bullets) == 9
        assert re.findall(r"^- \*\*(.+?:)\*\* ", ARTICLE.body, re.MULTILINE) == bullets

    @pytest.mark.parametrize(
        "quoted", [ARTICLE.excerpt, ARTICLE.seo.title, ARTICLE.seo.description]
    )
    def test_what_introduces_it_is_quoted_from_it(self, quoted):
        assert quoted in ORIGINAL

    def test_it_is_public_and_open_to_comments(self):
        assert ARTICLE.published
        assert ARTICLE.comments_open
        assert ARTICLE.published_at == datetime(2026, 1, 12, 9, tzinfo=UTC)

    def test_faqs_have_the_order_of_the_article(self):
        by_position = sorted(BASE.faqs, key=lambda faq: faq.position)

        assert [faq.slug for faq in by_position] == list(ARTICLE.faqs)

    def test_nobody_is_given_credentials(self):
        authors = (*BASE.authors, *DEMO.authors)

        assert {author.credentials for author in authors} == {None}


class TestTheDemo:
    def test_companions_follow_the_article_week_by_week(self):
        times = sorted(post.published_at for post in DEMO.posts if post.published)
        gaps = {(later - earlier).days for earlier, later in pairwise(times)}

        assert len(times) >= 6
        assert times[0] > ARTICLE.published_at
        assert times[-1] < datetime(2026, 11, 1, tzinfo=UTC)
        assert gaps == {7}

    def test_one_post_is_still_a_draft(self):
        assert len([post for post in DEMO.posts if not post.published]) == 1

    @pytest.mark.parametrize("post", DEMO.posts, ids=lambda post: post.slug)
    def test_companions_are_short(self, post):
        assert 150 <= len(plain(post.body).split()) <= 350

    @pytest.mark.parametrize("post", DEMO.posts, ids=lambda post: post.slug)
    def test_companions_have_related_posts_that_are_public(self, post):
        drafts = {draft.slug for draft in DEMO.posts if not draft.published}

        assert DEMO.picks[post.slug]
        assert not drafts & {pick.slug for pick in DEMO.picks[post.slug]}

    def test_the_article_has_picks(self):
        assert len(DEMO.picks[ARTICLE.slug]) >= 3

    def test_comments_are_in_every_state_of_moderation(self):
        assert {comment.status for comment in DEMO.comments} == set(STATUSES)

    def test_approved_replies_answer_approved_comments(self):
        approved = {comment.key for comment in DEMO.comments if comment.status == "approved"}
        replies = [comment for comment in DEMO.comments if comment.reply_to]

        assert len(replies) >= 2
        assert {reply.reply_to for reply in replies if reply.key in approved} <= approved

    def test_comments_come_after_what_they_answer(self):
        times = {post.slug: post.published_at for post in (*BASE.posts, *DEMO.posts)}
        times |= {comment.key: comment.created_at for comment in DEMO.comments}

        for comment in DEMO.comments:
            assert comment.created_at > times[comment.reply_to or comment.post]

    def test_readers_live_at_reserved_addresses(self):
        links = re.findall(r"https?://([^/\s]+)", (SEEDS / "demo/comments.yaml").read_text())

        assert all(comment.author_email.endswith("@example.org") for comment in DEMO.comments)
        assert all(re.search(r"(^|\.)example\.(org|com)$", host) for host in links)

    def test_comments_name_posts_that_readers_can_see(self):
        public = {post.slug for post in (*BASE.posts, *DEMO.posts) if post.published}

        assert {comment.post for comment in DEMO.comments} <= public
