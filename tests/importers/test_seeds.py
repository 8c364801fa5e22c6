"""How a folder of seeds is read."""

from datetime import UTC, datetime

import pytest

from cms.errors import CmsError
from cms.importers.seed_errors import SeedError
from cms.importers.seed_records import SeedComment, SeedPick, SeedSeo, SeedSet
from cms.importers.seeds import read


class TestRead:
    def test_a_post_has_its_fields_and_its_body(self, folder):
        post = read(folder).posts[0]

        assert (post.slug, post.body, post.faqs) == ("one", "The text.", ("why",))
        assert post.published_at == datetime(2026, 1, 12, 9, tzinfo=UTC)
        assert post.seo == SeedSeo(title="First")

    def test_a_draft_needs_no_date(self, folder):
        draft = read(folder).posts[1]

        assert (draft.published, draft.published_at) == (False, None)

    def test_picks_come_from_posts_and_from_the_file_of_picks(self, folder):
        picks = read(folder).picks

        assert picks == {
            "one": (SeedPick(slug="two", note="Next"),),
            "two": (SeedPick(slug="one"),),
        }

    def test_a_reply_names_the_comment_above_it(self, folder):
        assert read(folder).comments[1] == SeedComment(
            key="b",
            post="one",
            author_name="B",
            author_email="b@example.org",
            body="Hi",
            status="pending",
            created_at=datetime(2026, 2, 2, tzinfo=UTC),
            reply_to="a",
        )

    def test_an_empty_folder_is_an_empty_set(self, tmp_path):
        assert read(tmp_path) == SeedSet()


class TestRefusals:
    def test_a_folder_that_is_not_there_is_refused(self, tmp_path):
        with pytest.raises(SeedError, match="there is no such folder"):
            read(tmp_path / "nowhere")

    def test_a_file_that_is_not_utf_8_is_refused(self, folder):
        (folder / "posts/one.md").write_bytes(b"\xff\xfe\x00")

        with pytest.raises(SeedError, match=r"posts/one\.md: .*utf-8"):
            read(folder)

    def test_a_refusal_is_in_the_words_of_the_domain(self, tmp_path):
        with pytest.raises(CmsError) as refusal:
            read(tmp_path / "nowhere")

        assert refusal.value.reason == "seed_invalid"
