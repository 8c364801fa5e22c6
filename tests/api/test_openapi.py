"""The API's description is valid, complete, and enough for a typed client."""

import base64
import hashlib
import json
import re
import warnings
from collections.abc import Iterator

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from cms.api.problems import PROBLEM_JSON
from cms.models.event_types import KINDS
from tests.api.openapi_snapshot import SNAPSHOT, as_text, present
from tests.recorded_events import recorded

# Pages for people.
UNDESCRIBED = "/api/docs"
PUBLIC_WRITES = {("/api/v1/auth/login", "post"), ("/api/v1/posts/{slug}/comments", "post")}
PUBLIC_WRITES |= {("/api/v1/auth/password-reset", "post")}
PUBLIC_WRITES |= {("/api/v1/auth/password-reset/{token}", "post")}
# What a link in a mail does, which its address says whole.
BY_LINK = "/api/v1/auth/comment-links/{token}/{verb}"
# What takes a file.
UPLOADS = {("/api/v1/manage/media", "post"), ("/api/v1/manage/comments/import", "post")}
# What succeeds in one of two ways: the same file is there already, or is new; a comment waits, or
# is public at once.
EITHER = {("/api/v1/manage/media", "post"), ("/api/v1/posts/{slug}/comments", "post")}
JSON = "application/json"
# Kinds of events that leave.
WANTED = {*KINDS, "webhook"}
WRITES = {"post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document() -> dict:
    with warnings.catch_warnings():
        # flask-smorest warns of two schemas that would share a name.
        warnings.simplefilter("error")
        return present()


def operations(document) -> Iterator[tuple[str, str, dict]]:
    for path, item in document["paths"].items():
        for method in item.keys() - {"parameters"}:
            operation = item[method]
            parameters = item.get("parameters", []) + operation.get("parameters", [])
            responses = operation["responses"].items()
            told = {code: resolved(document, one) for code, one in responses}
            yield path, method, operation | {"parameters": parameters, "responses": told}


def resolved(document, part: dict) -> dict:
    for name in str(part.get("$ref", "")).split("/")[1:]:
        document = document[name]
    return document if "$ref" in part else part


def names(operation, place: str) -> set[str]:
    return {one["name"] for one in operation["parameters"] if one["in"] == place}


def schemas(value) -> Iterator[dict]:
    """Every object in the document, schemas among them."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from schemas(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from schemas(inner)


def test_the_description_is_the_reviewed_one(document):
    # `python -m tests.api.openapi_snapshot` writes it anew; read what it changed.
    assert as_text(document) == SNAPSHOT.read_text()


def test_the_description_is_valid(document):
    assert document["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_the_served_description_is_the_same(client, document):
    response = client.get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert response.json["paths"] == document["paths"]
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": response.headers["ETag"]})


def test_every_route_and_method_is_described(app, document):
    rules = [rule for rule in app.url_map.iter_rules() if UNDESCRIBED not in rule.rule]
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, method, _ in operations(document)} == served


def test_every_operation_has_its_own_name_and_says_what_it_does(document):
    found = [operation for _, _, operation in operations(document)]

    assert len({one["operationId"] for one in found}) == len(found)
    assert all(one["summary"] and one["tags"] for one in found)


def test_every_event_that_is_sent_is_described(document):
    told = {name: item["post"] for name, item in document["webhooks"].items()}
    bodies = {
        name: resolved(document, one["requestBody"]["content"][JSON]["schema"])
        for name, one in told.items()
    }
    data = {name: one["properties"]["data"]["properties"] for name, one in bodies.items()}

    assert {name: set(names) for name, names in data.items()} == {
        one: names for one, names in recorded().items() if one.partition(".")[0] in WANTED
    }
    every = document["components"]["schemas"]["Event"]
    assert {one["properties"]["type"]["const"] for one in bodies.values()} == set(told)
    assert every["discriminator"]["mapping"].keys() == told.keys()
    assert len(every["oneOf"]) == len(told)


def test_every_path_parameter_is_described(document):
    for path, _, operation in operations(document):
        assert names(operation, "path") == set(re.findall(r"{(\w+)}", path)), path


def test_every_query_parameter_is_described(app, document):
    for path, method, operation in operations(document):
        adapter = app.url_map.bind("localhost")
        endpoint, _ = adapter.match(filled(path), method=method.upper())
        if method.upper() in getattr(app.view_functions[endpoint], "querying", ()):
            assert names(operation, "query"), path
        else:
            assert not names(operation, "query"), path


def filled(path: str) -> str:
    some_id = "00000000-0000-7000-8000-000000000000"
    known = path.replace("{token}", "t" * 43).replace("{number}", "1").replace("{verb}", "spam")
    known = known.replace("{folder}/{name}", f"{'0' * 32}/x.pdf")
    return re.sub(r"{\w+}", some_id, known)


def test_changes_say_that_they_need_the_version(document):
    for path, method, operation in operations(document):
        matched = path.endswith("/review") or ("/revisions/" in path and method == "post")
        needs = matched or method in {"put", "patch", "delete"}
        needs = needs and path.startswith("/api/v1/manage/") and "/preview-links/" not in path
        may = path.endswith(("/merge", "/undo"))
        late = may or (path, method) == (BY_LINK, "post")
        assert ("If-Match" in names(operation, "header")) == (needs or may), (method, path)
        assert ("412" in operation["responses"]) == (needs or late), (method, path)
        assert ("428" in operation["responses"]) == needs, (method, path)


def test_leaving_a_comment_can_be_made_safe_to_repeat(document):
    keyed = [
        (path, method)
        for path, method, operation in operations(document)
        if "Idempotency-Key" in names(operation, "header")
    ]
    assert keyed == [("/api/v1/posts/{slug}/comments", "post")]


def test_every_body_is_json_of_a_named_schema(document):
    for path, method, operation in operations(document):
        body = operation.get("requestBody")
        said_by_address = path.endswith(("/logout", "_id}/restore", "/ping", "/redeliver", "/undo"))
        said_by_address |= path == BY_LINK
        assert (body is not None) == (method in {"post", "put", "patch"} and not said_by_address)
        if body:
            kind = "multipart/form-data" if (path, method) in UPLOADS else "application/json"
            assert list(body["content"]) == [kind]
            assert "$ref" in body["content"][kind]["schema"]
            assert {"413", "415", "422"} <= set(operation["responses"])


def test_every_success_is_described(document):
    for path, method, operation in operations(document):
        codes = [code for code in operation["responses"] if code.startswith("2")]
        assert len(codes) == (2 if (path, method) in EITHER else 1)
        for code in codes:
            content = operation["responses"][code].get("content")
            assert (code == "204") == (content is None), path


def test_every_refusal_is_a_problem(document):
    for path, _, operation in operations(document):
        for code, response in operation["responses"].items():
            if code >= "400" and (path, code) != ("/readyz", "503"):
                schema = response["content"][PROBLEM_JSON]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (path, code)
            assert "X-Request-Id" in response["headers"]


def test_what_has_no_body_says_where_to_go(document):
    for _, _, operation in operations(document):
        for code, response in operation["responses"].items():
            if code.startswith("3"):
                assert "content" not in response
                assert {"301": "Location", "308": "Location", "304": "ETag"}[code] in response[
                    "headers"
                ]


def test_every_operation_says_who_may_call_it(document):
    for path, method, operation in operations(document):
        inside = path.startswith(("/api/v1/manage/", "/api/v1/auth/"))
        if not inside or path == BY_LINK or (path, method) in PUBLIC_WRITES:
            by_receipt = path.endswith("/receipt")
            assert operation["security"] == ([{"receipt": []}] if by_receipt else [])
        else:
            csrf = {"csrf": []} if method in WRITES else {}
            assert operation["security"] == [{"bearer": []}, {"session": []} | csrf]
            assert {"401", "403"} <= set(operation["responses"])


def test_every_security_scheme_is_described(document):
    schemes = document["components"]["securitySchemes"]

    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")
    assert (schemes["session"]["in"], schemes["session"]["name"]) == ("cookie", "cms_session")
    assert (schemes["csrf"]["in"], schemes["csrf"]["name"]) == ("header", "X-CSRF-Token")


def test_every_field_has_a_type(document):
    for name, schema in document["components"]["schemas"].items():
        if name == "Event":
            # One of those that are described.
            continue
        for field, described in schema["properties"].items():
            assert described.keys() & {"type", "$ref", "anyOf", "allOf"}, (name, field)


def test_no_parameter_can_be_null(document):
    for path, _, operation in operations(document):
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            assert isinstance(schema.get("type"), str), (path, parameter["name"])
            assert schema.get("default", "") is not None


def test_nothing_is_only_null(document):
    for schema in schemas(document["components"]["schemas"]):
        assert schema.get("type") not in ("null", ["null"]) or schema == {"type": "null"}


def test_every_choice_is_an_enumeration_of_texts(document):
    found = document["components"]["schemas"]
    for name, field in [
        ("Post", "status"),
        ("Publication", "status"),
        ("User", "role"),
        ("NewUser", "role"),
        ("Comment", "status"),
        ("Moderation", "status"),
        ("SourceText", "format"),
        ("RenderedText", "format"),
        ("Relation", "kind"),
        ("Verdict", "outcome"),
    ]:
        assert found[name]["properties"][field]["enum"], (name, field)
        assert found[name]["properties"][field]["type"] == "string", (name, field)


# What is there only when it was asked for, or only for those who may see it.
OPTIONAL = {
    # Of a comment whose wording is urgent; of one that was approved at once.
    "Receipt": {"help", "comment"},
    "Operation": {"document"},
    "Body": {"html", "markdown", "text", "blocks"},
    "CommentState": {"items"},
    "HistoryChanges": {"title", "excerpt", "body", "sources"},
    "HistoryEntry": {"correction_note", "changes", "reason"},
    "ListedPost": {"body", "related"},
    "PublicPost": {"related", "body", "jsonld"},
    "Meta": {"total"},
    "FoundMeta": {"total"},
    "Stats": {"comments"},
    "Problem": {"version", "changed_fields", "changes", "used_in"},
    "Difference": {"diff", "coarse", "added", "removed", "moved", "noted", "before", "after"},
    "Writer": {"email", "network"},
    "SeoInput": {"title", "description", "canonical_url", "noindex"},
    "RelatedPick": {"note"},
}


def test_a_typed_client_finds_every_field_that_is_always_there(document):
    sent = set()
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            for media in response.get("content", {}).values():
                sent |= references(document, media["schema"])
    for name in sent:
        schema = document["components"]["schemas"][name]
        optional = set(schema["properties"]) - set(schema.get("required", []))
        assert optional == OPTIONAL.get(name, set()), name


def references(document, schema, found=frozenset()) -> set[str]:
    """The names of all schemas that one is made of."""
    found = set(found)
    for part in schemas(schema):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name and name not in found:
            found |= references(document, document["components"]["schemas"][name], found | {name})
    return found


@pytest.mark.parametrize("address", ["/api/docs", "/api/docs/"])
def test_the_reference_is_served_from_here(client, address):
    page = client.get(address)
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)

    assert page.status_code == 200
    assert len(links) > 4
    assert all(link.startswith("/api/docs/") for link in links)
    assert all(text_of(client, link) for link in links if not link.endswith(".png"))


def text_of(client, url: str) -> str:
    with client.get(url) as response:
        assert response.status_code == 200
        return response.text


def test_the_reference_asks_nobody_else(client):
    page = client.get("/api/docs/").text
    settings = json.loads(re.search(r"user_config = (\{.*?\});", page)[1])

    assert not re.search(r"""["'](https?:)?//""", page)
    assert settings["url"] == "/api/v1/openapi.json"
    # Without this the page sends our address to a validator of somebody else's.
    assert settings["validatorUrl"] is None


def test_the_styles_of_the_reference_load_nothing_from_elsewhere(client):
    for name in ("index.css", "swagger-ui.css"):
        sheet = text_of(client, f"/api/docs/{name}")
        assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import", sheet), name


def test_the_reference_is_found_without_its_slash(client):
    assert client.get("/api/docs", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api", "/api/v1"])
def test_a_bare_address_says_where_things_are(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.json["links"]["reference"] == "http://api.example.org/api/docs"
    for url in answer.json["links"].values():
        there = client.get(url.removeprefix("http://api.example.org"), follow_redirects=True)
        assert there.status_code == 200, url


def test_summaries_are_english(document):
    wrong = re.compile(r"\ba [aeio]|\ban [bcdfgjklmnpqrstvwxyz]")

    assert [
        one["summary"] for _, _, one in operations(document) if wrong.search(one["summary"])
    ] == []


def test_the_reference_runs_its_own_scripts_alone_and_is_in_no_frame(client):
    page = client.get("/api/docs/")
    policy = dict(one.split(" ", 1) for one in policy_of(page).split("; "))
    (script,) = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert policy["connect-src"] == "'self' http://api.example.org"


@pytest.mark.parametrize("path", ["swagger-ui.css", "oauth2-redirect.html", "nothing.js"])
def test_every_file_of_the_reference_has_its_policy(client, path):
    with client.get(f"/api/docs/{path}") as response:
        assert "script-src 'self';" in policy_of(response)


def policy_of(response) -> str:
    return response.headers["Content-Security-Policy"]
