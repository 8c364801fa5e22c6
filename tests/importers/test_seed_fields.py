"""What a field may not hold, and how the fault is named."""

import pytest

from tests.importers.folders import edit, refusal

# File, what stands there, what to write in its place, and the fault that is named.
FAULTS = [
    ("posts/one.md", "title: One\n", "", "posts/one.md: title: is missing"),
    ("posts/one.md", "title: One", "title: 1", "posts/one.md: title: must be text"),
    ("posts/one.md", "title: One", "title: ' '", "posts/one.md: title: must be text"),
    ("posts/one.md", "title: One", "titel: One", "posts/one.md: titel: unknown field"),
    ("posts/one.md", "title: One", "body: One", "posts/one.md: body: unknown field"),
    ("posts/one.md", "title: One", "title: [", "posts/one.md: while parsing"),
    ("posts/one.md", "The text.", "", "posts/one.md: body: must be text"),
    ("posts/one.md", "slug: one", "slug: One!", "posts/one.md: slug: must be a slug"),
    ("posts/one.md", "slug: one", "slug: two", "posts/one.md: slug: must be the name"),
    ("posts/one.md", "locale: en", "locale: English", "posts/one.md: locale: must be a locale"),
    ("posts/one.md", "+01:00", "", "posts/one.md: published_at: must be a time with"),
    ("posts/one.md", "T10:00:00+01:00", "", "posts/one.md: published_at: must be a time with"),
    ("posts/one.md", "2026-01-12T", "2026-13-12T", "posts/one.md: month must be"),
    ("posts/two.md", "published: false", "", "posts/two.md: published_at: is missing"),
    ("posts/two.md", ": false", ": maybe", "posts/two.md: published: must be true or false"),
    ("posts/one.md", "[sleep]", "sleep", "posts/one.md: tags: must be a list"),
    ("posts/one.md", "[sleep]", "[sleep, sleep]", "posts/one.md: tags: 'sleep' is there twice"),
    ("posts/one.md", "note:", "why:", "posts/one.md: related: entry 1: why: unknown field"),
    ("posts/one.md", "{title: First}", "First", "posts/one.md: seo: must be fields"),
    ("faqs/why.md", "Because.", "", "faqs/why.md: answer: must be text"),
    ("faqs/why.md", ": 1", ": first", "faqs/why.md: position: must be a whole number"),
    ("faqs/why.md", ": 1", ": true", "faqs/why.md: position: must be a whole number"),
    ("taxonomy.yaml", "tags:", "tag:", "taxonomy.yaml: tag: unknown field"),
    ("taxonomy.yaml", ", name: Sleep", "", "taxonomy.yaml: tags: entry 1: name: is missing"),
    ("related.yaml", "{slug: one}", "one", "related.yaml: two: entry 1: must be fields"),
    ("comments.yaml", ": pending", ": new", "comments.yaml: entry 2: status: must be one of"),
    ("comments.yaml", "a@example.org", "a", "comments.yaml: entry 1: author_email: must be an"),
    ("comments.yaml", "body: Hi,", "", "comments.yaml: entry 2: body: is missing"),
    ("comments.yaml", "00Z}", "00}", "comments.yaml: entry 1: created_at: must be a time"),
]


@pytest.mark.parametrize(("name", "old", "new", "fault"), FAULTS)
def test_a_fault_is_named_with_its_file_and_field(folder, name, old, new, fault):
    edit(folder, name, old, new)

    assert refusal(folder).startswith(fault)
