"""The present as text, which public reads compare with."""

from cms.times import format_time, now_text, parse_time, utc_now


def test_the_clock_as_text_is_the_clock():
    before, text, after = utc_now(), now_text(), utc_now()

    assert before <= parse_time(text) <= after
    assert format_time(parse_time(text)) == text
