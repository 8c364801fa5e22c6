"""What is there twice or points nowhere, and how the fault is named."""

import pytest

from cms.importers.seed_errors import SeedError
from cms.importers.seed_records import SeedPick
from cms.importers.seeds import read
from tests.importers.folders import edit, refusal

# File, what stands there, what to write in its place, and the fault that is named.
FAULTS = [
    ("posts/one.md", "[sleep]", "[slep]", "posts/one.md: tags: there is no 'slep'"),
    ("posts/one.md", "[team]", "[crew]", "posts/one.md: authors: there is no 'crew'"),
    ("posts/one.md", "[why]", "[how]", "posts/one.md: faqs: there is no 'how'"),
    ("posts/one.md", ": home", ": hoem", "posts/one.md: category: there is no 'hoem'"),
    ("posts/one.md", "slug: two", "slug: six", "posts/one.md: related: slug: there is no 'six'"),
    ("posts/one.md", "slug: two", "slug: one", "posts/one.md: related: slug: a post can not"),
    ("faqs/why.md", "[sleep]", "[slep]", "faqs/why.md: tags: there is no 'slep'"),
    ("taxonomy.yaml", "slug: home", "slug: care", "taxonomy.yaml: categories: slug: 'care' is"),
    ("taxonomy.yaml", "parent: care", "parent: home", "taxonomy.yaml: categories: home: parent"),
    ("related.yaml", "two:", "six:", "related.yaml: six: slug: there is no 'six'"),
    ("related.yaml", "two:", "one:", "related.yaml: one: the post names its"),
    ("comments.yaml", "key: b", "key: a", "comments.yaml: key: 'a' is there twice"),
    ("comments.yaml", "post: one", "post: six", "comments.yaml: a: post: there is no 'six'"),
    ("comments.yaml", "reply_to: a", "reply_to: c", "comments.yaml: b: reply_to: must be"),
    ("comments.yaml", "reply_to: a", "reply_to: b", "comments.yaml: b: reply_to: must be"),
]


@pytest.mark.parametrize(("name", "old", "new", "fault"), FAULTS)
def test_a_fault_is_named_with_its_file_and_field(folder, name, old, new, fault):
    edit(folder, name, old, new)

    assert refusal(folder).startswith(fault)


def test_a_set_may_name_what_the_known_set_holds(folder, tmp_path_factory):
    more = tmp_path_factory.mktemp("more")
    (more / "related.yaml").write_text("two: [{slug: one}]")

    assert read(more, known=read(folder)).picks["two"] == (SeedPick(slug="one"),)


def test_a_set_may_not_repeat_what_the_known_set_holds(folder):
    with pytest.raises(SeedError, match=r"taxonomy\.yaml: categories: slug: 'care' .*twice"):
        read(folder, known=read(folder))
