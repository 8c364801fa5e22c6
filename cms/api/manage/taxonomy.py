"""Tags, categories and authors."""

from typing import Any

from cms.api.conditional import expected_version, version_if_sent
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.queries import TermFiltersSchema
from cms.api.manage.schemas import (
    AuthorChangesSchema,
    AuthorSchema,
    CategoryChangesSchema,
    CategorySchema,
    NewAuthorSchema,
    NewCategorySchema,
    NewTagSchema,
    TagChangesSchema,
    TagSchema,
)
from cms.api.manage.use_schemas import (
    AuthorDetailSchema,
    CategoryDetailSchema,
    MergeSchema,
    TagDetailSchema,
)
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import Author, Category, Tag
from cms.services import merging, taxonomy

# A kind of term: its address, one of it, its rows, and the schemas of what goes in and out.
KINDS = [
    ("tags", "tag", Tag, TagSchema, NewTagSchema, TagChangesSchema),
    ("categories", "category", Category, CategorySchema, NewCategorySchema, CategoryChangesSchema),
    ("authors", "author", Author, AuthorSchema, NewAuthorSchema, AuthorChangesSchema),
]
# What one of it says more than a list does.
DETAILS = {
    "tags": TagDetailSchema,
    "categories": CategoryDetailSchema,
    "authors": AuthorDetailSchema,
}


def with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def add_list(path: str, name: str, model: Any, shown: Any, new: Any) -> None:
    one = with_article(name)

    @blp.route(f"/{path}", endpoint=path)
    class Terms(Resource):
        @blp.doc(summary=f"List {path}")
        @blp.query(TermFiltersSchema)
        @blp.lists(shown)
        def get(self, query: dict[str, Any]) -> Any:
            return taxonomy.find(actor(), model, **query), query["limit"]

        @blp.doc(summary=f"Create {one}")
        @blp.body(new)
        @blp.shows(shown, 201)
        def post(self, values: dict[str, Any]) -> Any:
            with transaction():
                term = taxonomy.create(actor(), model, values)
            return term, {"Location": f"/api/v1/manage/{path}/{term.id}"}


def add_single(path: str, name: str, model: Any, shown: Any, changes: Any) -> None:
    one = with_article(name)

    @blp.route(f"/{path}/<id:term_id>", endpoint=f"{path}_by_id")
    class TermById(Resource):
        @blp.doc(summary=f"Read one {name}")
        @blp.shows(DETAILS[path])
        def get(self, term_id: str) -> Any:
            return taxonomy.read(actor(), model, term_id)

        @blp.doc(summary=f"Change {one}; readers see it at once")
        @blp.body(changes)
        @blp.shows(shown)
        def patch(self, values: dict[str, Any], term_id: str) -> Any:
            with transaction():
                return taxonomy.edit(actor(), model, term_id, expected_version(), values)

        @blp.doc(summary=f"Remove {one} that nothing uses")
        @blp.removes
        def delete(self, term_id: str) -> None:
            with transaction():
                taxonomy.remove(actor(), model, term_id, expected_version())


def add_merge(path: str, name: str, model: Any, shown: Any) -> None:
    @blp.route(f"/{path}/<id:term_id>/merge", endpoint=f"{path}_merge")
    class Merge(Resource):
        @blp.doc(summary=f"Let another {name} stand for this one, which is removed")
        @blp.body(MergeSchema)
        @blp.shows(shown)
        def post(self, values: dict[str, Any], term_id: str) -> Any:
            with transaction():
                return merging.merge(actor(), model, term_id, version_if_sent(), values["into"])


for path, name, model, shown, new, changes in KINDS:
    add_list(path, name, model, shown, new)
    add_merge(path, name, model, shown)
    add_single(path, name, model, shown, changes)
