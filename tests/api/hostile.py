"""What a hostile client sends: tables of input, and the refusal that each one gets."""

from cms.api.strict import DEEPEST

LIMIT = 2_000_000
JSON = "application/json"

# A body that no route takes, whatever its fields are.
BODIES = {
    "nothing": (b"", 400, "malformed_json"),
    "blank": (b" \n", 400, "malformed_json"),
    "a word": (b"nonsense", 400, "malformed_json"),
    "half an object": (b'{"a": 1', 400, "malformed_json"),
    "two objects": (b"{} {}", 400, "malformed_json"),
    "a comma too many": (b'{"a": 1,}', 400, "malformed_json"),
    "a comma too many in a list": (b'{"a": [1,]}', 400, "malformed_json"),
    "single quotes": (b"{'a': 1}", 400, "malformed_json"),
    "bare key": (b"{a: 1}", 400, "malformed_json"),
    "a comment": (b"{} // yes", 400, "malformed_json"),
    "NaN": (b'{"a": NaN}', 400, "malformed_json"),
    "NaN alone": (b"NaN", 400, "malformed_json"),
    "infinity": (b'{"a": Infinity}', 400, "malformed_json"),
    "minus infinity": (b'{"a": -Infinity}', 400, "malformed_json"),
    "leading zero": (b'{"a": 01}', 400, "malformed_json"),
    "hexadecimal": (b'{"a": 0x10}', 400, "malformed_json"),
    "plus sign": (b'{"a": +1}', 400, "malformed_json"),
    "underscore": (b'{"a": 1_0}', 400, "malformed_json"),
    "half an escape": (b'{"a": "\\u12"}', 400, "malformed_json"),
    "unknown escape": (b'{"a": "\\x41"}', 400, "malformed_json"),
    "raw line break": (b'{"a": "x\ny"}', 400, "malformed_json"),
    "raw NUL in text": (b'{"a": "\x00"}', 400, "malformed_json"),
    "raw NUL": (b"\x00", 400, "malformed_json"),
    "high surrogate": (b'{"a": "\\ud800"}', 400, "malformed_json"),
    "low surrogate": (b'{"a": "\\udfff"}', 400, "malformed_json"),
    "surrogates the wrong way round": (b'{"a": "\\udc00\\ud800"}', 400, "malformed_json"),
    "surrogate in a key": (b'{"\\ud800": 1}', 400, "malformed_json"),
    "surrogate as bytes": (b'{"a": "\xed\xa0\x80"}', 400, "malformed_json"),
    "Latin-1": (b'{"a": "\xe9"}', 400, "malformed_json"),
    "overlong UTF-8": (b'{"a": "\xc0\x80"}', 400, "malformed_json"),
    "byte order mark": (b"\xef\xbb\xbf{}", 400, "malformed_json"),
    "UTF-16": ("{}".encode("utf-16"), 400, "malformed_json"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 400, "malformed_json"),
    "100,000 open lists": (b"[" * 100_000, 400, "malformed_json"),
    "100,000 lists": (b"[" * 100_000 + b"]" * 100_000, 400, "malformed_json"),
    "100,000 objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400, "malformed_json"),
    "lists a level too deep": (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), 400, "json_too_deep"),
    "objects a level too deep": (
        b'{"a":' * DEEPEST + b"{}" + b"}" * DEEPEST,
        400,
        "json_too_deep",
    ),
    "deep and mixed": (b'[{"a":' * 400 + b"1" + b"}]" * 400, 400, "json_too_deep"),
    "escaped NUL": (b'{"a": "\\u0000"}', 400, "forbidden_character"),
    "escaped NUL in a key": (b'{"a\\u0000": 1}', 400, "forbidden_character"),
    "escaped NUL, deep inside": (b'{"a": [{"b": "\\u0000"}]}', 400, "forbidden_character"),
    "vertical tab": (b'{"a": "\\u000b"}', 400, "forbidden_character"),
    "escape character": (b'{"a": "\\u001b[31m"}', 400, "forbidden_character"),
    "U+FFFE": (b'{"a": "\\ufffe"}', 400, "forbidden_character"),
    "U+FFFF": (b'{"a": "\\uffff"}', 400, "forbidden_character"),
    "doubled key": (b'{"a": 1, "a": 1}', 400, "doubled_key"),
    "doubled key, one escaped": (b'{"a": 1, "\\u0061": 2}', 400, "doubled_key"),
    "doubled key, inside": (b'{"a": [{"b": 1, "b": 2}]}', 400, "doubled_key"),
    "doubled empty key": (b'{"": 1, "": 2}', 400, "doubled_key"),
    "2**63": (b'{"a": 9223372036854775808}', 400, "number_out_of_range"),
    "below -2**63": (b'{"a": -9223372036854775809}', 400, "number_out_of_range"),
    "2**64": (b'{"a": 18446744073709551616}', 400, "number_out_of_range"),
    "5,000 digits": (b'{"a": ' + b"9" * 5000 + b"}", 400, "malformed_json"),
    "-1 and 5,000 digits": (b'{"a": -1' + b"9" * 5000 + b"}", 400, "malformed_json"),
    "a huge exponent": (b'{"a": 1e400}', 400, "malformed_json"),
    "a huge negative": (b'{"a": -1e400}', 400, "malformed_json"),
    "a list": (b"[]", 422, "validation_failed"),
    "a list of objects": (b"[{}]", 422, "validation_failed"),
    "a number": (b"1", 422, "validation_failed"),
    "true": (b"true", 422, "validation_failed"),
    "null": (b"null", 422, "validation_failed"),
    "a text": (b'"{}"', 422, "validation_failed"),
    "an unknown field": (b'{"unknown_field": 1}', 422, "validation_failed"),
    "a field that objects have": (b'{"__proto__": {"a": 1}}', 422, "validation_failed"),
    "a field that Python has": (b'{"__class__": "x"}', 422, "validation_failed"),
    "an empty field name": (b'{"": 1}', 422, "validation_failed"),
    "5,000 unknown fields": (
        b"{" + b",".join(b'"f%d": 1' % n for n in range(5000)) + b"}",
        422,
        "validation_failed",
    ),
    "one byte too many": (b"{}" + b" " * (LIMIT - 1), 413, "body_too_large"),
    "twice too many": (b'"' + b"x" * 2 * LIMIT + b'"', 413, "body_too_large"),
}

# What a body says that it is, when that is not JSON.
MEDIA_TYPES = [
    *("text/plain", "text/json", "application/xml", "application/octet-stream", "nonsense"),
    *("application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", "*/*"),
    *("multipart/form-data; boundary=x", "application/json-patch+json", "application/vnd.api+json"),
    *("", "text/plain; application/json", "application/json/x", "\xff", "application/json,text/a"),
]

# Values of the wrong type, for each type of field.
NOT_TEXT = [0, 1.5, True, [], ["x"], {}, {"a": 1}]
NOT_A_LIST = ["x", 0, True, {}, {"0": "x"}]
NOT_IDS = [*NOT_A_LIST, [None], [0], [[]], [{}], ["x"], [True], ["0" * 36], [""]]
NOT_AN_OBJECT = ["x", 0, True, [], [{}]]
NOT_AN_ID = [*NOT_TEXT, "", "x", "0" * 36, "00000000-0000-7000-8000-00000000000A", "../etc"]
NOT_A_FLAG = [0, 1, "true", "false", "", [], {}, 1.0, None]
NOT_A_COUNT = [-1, 2**31, 2**63 - 1, 1.5, "1", "", True, [], {}, None]
NOT_A_TIME = [
    *(0, 1.5, True, [], {}, "", "now", "2026-11-22", "2026-11-22T10:00:00", "20261122T100000Z"),
    *("2026-W47-7", "2026-11-22T10:00:00+24:00", "2026-11-22T10:00:00+00:60", "-2026-11-22T10:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1969-12-31T23:59:59Z"),
    *("1970-01-01T00:00:00+00:01", "3000-01-01T00:00:00Z", "2999-12-31T23:59:59-00:01"),
    *("2026-11-22T24:00:00Z", "2026-12-31T23:59:60Z", "2026-02-30T10:00:00Z", "2026-13-01T10:00Z"),
    *("2026-00-01T10:00:00Z", "2026-11-22 10:00:00Z", "2026-11-22T10:00:00Z ", "2026-11-22T10:00Z"),
    *("٢٠٢٦-11-22T10:00:00Z", "2026-11-22T10:00:00.Z", "1e9", "1700000000"),
]
A_DAY = "2026-11-22"
NOT_A_SLUG = [
    *(*NOT_TEXT, "", " ", "A", "a b", "a_b", "-a", "a-", "a--b", "..", "../a", "a/b", "a%00", "é"),
    *("\u0430", "a\u200bb", "a\u202eb", "a\n", "a" * 121, "🎉", "٣", "\uff41", "a.b", "\u0131"),
]
NOT_AN_ADDRESS = [*NOT_TEXT, "javascript:alert(1)", "//evil.example", "ftp://a.b", "x", "http://"]

# Parameters of lists, with values that none of them may have.
NOT_A_LIMIT = [
    *("-1", "0", "101", "1.5", "1e1", "1e9", "2147483648", "9223372036854775807"),
    *(
        "9223372036854775808",
        "9" * 400,
        "٣",
        "\uff11",
        "0x10",
        "",
        " 7",
        "7 ",
        "1_0",
        "+7",
        "NaN",
        "all",
    ),
    *("null", "[]", "1;DROP TABLE posts", "1%00", "1%0a", "--1"),
]
NOT_A_CURSOR = [
    *("", "x", "null", "0", "-1", "AAAA", "=" * 40, "%F0%9F%8E%89", "é", "..", "'", "W10", "e30"),
    *("eyJpZCI6MX0", "A" * 2000, "A" * 2001, "A" * 100_000, "AAAA%00", "!" * 22 + "W10"),
]
NOT_A_SORT = [
    *("", "-", "--published_at", "+published_at", "id", "password_hash", "password", "body_source"),
    *("published_at,title", "published_at desc", "1", "title;--", "(select 1)", "Title", "title "),
    *("published_at%00", "created_by", "visible_from", "random()", "author.email", "__class__"),
]
NOT_A_LOCALE = ["", "xx", "EN", "en ", "e", "en-", "en,es", "**", "../en", "en%00", "'", "e" * 999]
NOT_A_NAME = [
    *("", ",", "title,", "unknown", "password_hash", "created_by", "body.source", "title.title"),
    *("__class__", "__dict__", "tags.id", "authors.email", "version", "*", "title;", "title%00"),
    *("comments.email", "related.email", "TITLE", "a" * 10_000, "faqs.faqs.faqs", "'--"),
]
NOT_AN_INCLUDE = [*NOT_A_NAME, "drafts", "revisions", "created_by", "related.related", "faqs"]
NOT_A_NOTATION = ["", "html,", "source", "HTML", "all", "*", "pdf", "html;", "html%00", "__class__"]
NOT_A_SWITCH = ["", "1", "0", "yes", "TRUE", "True", "null", "true ", "true%00", "[]", "on"]
NOT_AN_ID_TEXT = ["", "x", "1", "'", "0" * 36, "%00", "é", "../x", "*", "null"]

PARAMETERS = {
    "limit": NOT_A_LIMIT,
    "cursor": NOT_A_CURSOR,
    "since": NOT_A_CURSOR,
    "kind": ["", "POST", "posts", "post,faq", "page", "%00", "null"],
    "part": ["", "0", "-1", "x", "1.0", "1e3", "50001", "%D9%A1", "%00", "null"],
    "sort": NOT_A_SORT,
    "locale": NOT_A_LOCALE,
    "fields": NOT_A_NAME,
    "include": NOT_AN_INCLUDE,
    "body": NOT_A_NOTATION,
    "total": NOT_A_SWITCH,
    "parent": NOT_AN_ID_TEXT,
    "created_by": NOT_AN_ID_TEXT,
    "suspended": NOT_A_SWITCH,
    "role": ["", "root", "ADMIN", "admin ", "admin,editor", "%00", "[]"],
    "status": ["", "PUBLISHED", "live", "published,draft", "%00", "'", "null"],
    "review_due_before": [
        *(one.replace("+", "%2B") for one in NOT_A_TIME if isinstance(one, str) and one != A_DAY),
        *("%00", "null", "2026-02-30", "20261122", "22.11.2026"),
    ],
    "unused": NOT_A_SWITCH,
    "days": ["", "0", "-1", "x", "1.0", "1e3", "99999", "null", "%00"],
    "has_edit": NOT_A_SWITCH,
    "broken_links": NOT_A_SWITCH,
    "has_unpublished_changes": NOT_A_SWITCH,
    "network": ["", "x", "192.0.2", "192.0.2.0/33", "192.0.2.1/x", "::1/129", "%00", "null"],
    "flag": ["", "x", "URGENT", "%00", "null", "'"],
    "mime_type": ["", "image", "image/*", "IMAGE/PNG", "image/svg+xml", "text/html", "%00", "null"],
    "user_id": ["", "x", "**", "%", "null", "%00", "'"],
    "actor_id": NOT_AN_ID_TEXT,
    "missing_translation": ["", "x", "x" * 17, "%00"],
    "scheduled_between": [
        *("", ",", "null", "%00", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z,"),
        *("2030-01-02T00:00:00Z,2030-01-01T00:00:00Z", "2030-01-01,2030-02-01"),
        "2030-01-01T00:00:00Z,2030-01-02T00:00:00Z,2030-01-03T00:00:00Z",
    ],
} | dict.fromkeys(
    ["published_after", "published_before", "updated_after", "after", "before"],
    [str(one).replace("+", "%2B") for one in NOT_A_TIME if isinstance(one, str)] + ["%00", "null"],
)
# Anything may be looked for. It finds little, and breaks nothing.
SEARCHES = [
    *("'", '"', "%25", "_", "\\", "';--", "' OR 1=1--", "1) OR (1=1", "$$", "{}", "$ne", "[]", "*"),
    *("AND", "NEAR(", "^x", "-x", "a:b", "{t}:hello", "(", "%F0%9F%8E%89", "%D9%A3", "x" * 100),
    *(
        "%E2%80%AE",
        "..%2F..",
        "%3Cscript%3E",
        "${jndi:x}",
        "sleep(9)",
        "pg_sleep(9)",
        "0e0",
        "null",
    ),
]
# In a query, wherever it stands.
BROKEN_QUERIES = [
    ("{name}=%00", "forbidden_character"),
    ("{name}=a%00b", "forbidden_character"),
    ("{name}=%0B", "forbidden_character"),
    ("{name}=%EF%BF%BF", "forbidden_character"),
    ("{name}=%FF", "bad_query"),
    ("{name}=%C0%80", "bad_query"),
    ("{name}=%ED%A0%80", "bad_query"),
    ("%FF={name}", "bad_query"),
    ("%00={name}", "forbidden_character"),
    ("&".join(f"p{n}={n}" for n in range(1000)), "bad_query"),
]
UNKNOWN_PARAMETERS = [
    *("unknown", "Limit", "limit[]", "limit[gte]", "filter[email]", "page", "offset", "order"),
    *("password_hash", "email[contains]", "__proto__", "constructor", "token", "access_token"),
    *("preview", "at", "now", "draft", "deleted", "_method", "callback", "fields[]", "", "$where"),
]

# Addresses that nothing has, however they are spelled.
PATHS = [
    *("/api/", "/api/v1/", "/api/v2/posts", "/api/v1/nothing", "/API/V1/posts"),
    *("/api/v1/posts/", "/api/v1//posts", "//api/v1/posts", "/api/v1/posts//", "/api/v1/./posts"),
    *("/api/v1/posts/../posts", "/api/v1/posts/%2e%2e", "/api/v1/posts/..%2fusers", "/.git/config"),
    *(
        "/api/v1/posts/%00",
        "/api/v1/posts/a%00",
        "/api/v1/%00",
        "/%00",
        "/%ff",
        "/api/v1/posts/%ff",
    ),
    *("/api/v1/posts/%C0%80", "/api/v1/posts/%ED%A0%80", "/api/v1/posts/%F0%9F%8E%89", "/%0a"),
    *("/api/v1/posts/heat%0a", "/api/v1/posts/heat%20", "/api/v1/posts/heat%0d%0aX:%20y"),
    *(
        "/api/v1/posts/HEAT",
        "/api/v1/posts/h%C3%A9at",
        "/api/v1/posts/he%D0%B0t",
        "/api/v1/posts/'",
    ),
    *("/api/v1/posts/heat'--", "/api/v1/posts/heat;x", "/api/v1/posts/heat.css", "/api/v1/posts/-"),
    *("/api/v1/posts/heat/x.css", "/api/v1/posts/heat/comments/"),
    *("/api/v1/posts/" + "a" * 1000, "/api/v1/posts/" + "a-" * 50_000 + "a", "/" + "a/" * 5000),
    *("/api/v1/posts/heat/nothing", "/api/v1/faqs/%00", "/api/v1/tags/%ff", "/api/v1/authors/%00"),
    *("/api/v1/categories/%ff", "/api/v1/posts/%00/comments", "/api/v1/posts/%ff/comments"),
    *("/api/v1/manage", "/api/v1/manage/", "/api/v1/manage/nothing", "/api/v1/manage/posts/"),
    *("/api/v1/manage/posts/1", "/api/v1/manage/posts/%00", "/api/v1/manage/posts/%ff"),
    *("/api/v1/manage/posts/00000000-0000-7000-8000-00000000000A", "/api/v1/manage/posts/9" * 400),
    *(
        "/api/v1/manage/posts/00000000-0000-7000-8000-000000000000%0a",
        "/api/v1/auth",
        "/api/v1/auth/",
    ),
    *(
        "/api/v1/manage/users/-1",
        "/api/v1/manage/comments/9223372036854775808",
        "/metrics",
        "/admin",
    ),
    *(
        "/api/docs/../v1/posts",
        "/api/docs/%2e%2e/%2e%2e/etc/passwd",
        "/api/docs/%00",
        "/api/docs/%ff",
    ),
    *("/api/docs/nothing.js", "/api/docs/..%2f..%2fetc%2fpasswd", "/robots.txt", "/favicon.ico"),
]
# (method, path): what a route does not do.
METHODS = [
    *(("PUT", "/api/v1/posts"), ("POST", "/api/v1/posts"), ("DELETE", "/api/v1/site")),
    *(
        ("PATCH", "/api/v1/posts/heat"),
        ("DELETE", "/api/v1/posts/heat/comments"),
        ("PUT", "/healthz"),
    ),
    *(
        ("GET", "/api/v1/auth/login"),
        ("HEAD", "/api/v1/auth/login"),
        ("POST", "/api/v1/openapi.json"),
    ),
    *(("PUT", "/api/v1/manage/posts"), ("TRACE", "/api/v1/posts"), ("CONNECT", "/api/v1/posts")),
    *(("PROPFIND", "/api/v1/posts"), ("NONSENSE", "/api/v1/faqs")),
]
# (header, value, status, reason): on a change to a post.
HEADERS = [
    ("If-Match", "", 428, "version_required"),
    ("If-Match", " ", 428, "version_required"),
    ("If-Match", "1", 400, "bad_if_match"),
    ("If-Match", '"x"', 400, "bad_if_match"),
    ("If-Match", '"-1"', 400, "bad_if_match"),
    ("If-Match", '"1", "2"', 400, "bad_if_match"),
    ("If-Match", '"1"x', 400, "bad_if_match"),
    ("If-Match", '"9223372036854775808"', 400, "bad_if_match"),
    ("If-Match", '"' + "9" * 5000 + '"', 400, "bad_if_match"),
    ("If-Match", '"\xb2"', 400, "bad_if_match"),
    ("If-Match", "\xff", 400, "bad_if_match"),
    ("If-Match", "W/*", 400, "bad_if_match"),
    ("If-Match", '"999999999"', 412, "stale_version"),
    ("If-Match", '"0"', 412, "stale_version"),
    ("If-Match", 'W/"0"', 412, "stale_version"),
    ("Authorization", "Bearer \xff", 401, "bad_token"),
    ("Authorization", "Bearer " + "x" * 100_000, 401, "bad_token"),
    ("Authorization", "", 401, "bad_token"),
]
# Keys of comments that can not be.
NOT_A_KEY = ["", " ", "a b", "\xff", "x" * 256, "x" * 100_000, "a\tb", "\x7f", "\xa0"]
