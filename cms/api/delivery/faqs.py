"""Public FAQs."""

from typing import Any

from cms.api.conditional import Finished
from cms.api.delivery import answer, answer_page, blp, held
from cms.api.delivery.queries import FaqListQuerySchema, LocaleSchema
from cms.api.delivery.schemas import PublicFaqDetailSchema, PublicFaqSchema
from cms.api.envelope import many, one
from cms.api.resources import Resource
from cms.models import Kind
from cms.services.cursors import Page
from cms.services.delivery import faqs, list_narrowing, lists, taxonomy
from cms.services.delivery.moment import EVERY_LOCALE, Moment, present
from cms.services.delivery.questions import Question


@blp.route("/faqs")
class Faqs(Resource):
    @blp.query(FaqListQuerySchema)
    @blp.delivers(many(PublicFaqSchema))
    def get(self, query: dict[str, Any]) -> Finished:
        """List public FAQs"""
        moment = present(query["locale"], also=EVERY_LOCALE)
        question = _question(moment, query)
        page = faqs.find(moment, question)
        total = lists.total(moment, question) if query["total"] else None
        keys = held.by(moment, held.FAQS, query)
        return answer_page(Page(page.items, page.next_cursor, total), query["limit"], keys)


@blp.route("/faqs/<slug:slug>")
class FaqBySlug(Resource):
    @blp.query(LocaleSchema)
    @blp.delivers(one(PublicFaqDetailSchema))
    def get(self, query: dict[str, Any], slug: str) -> Finished:
        """Read one public FAQ and the posts that show it"""
        return answer(faqs.get(present(query["locale"]), slug), held.FAQ)


def _question(moment: Moment, query: dict[str, Any]) -> Question:
    groups = [taxonomy.terms_of(moment, "tag", query["tag"])] if "tag" in query else []
    return Question(
        kind=Kind.FAQ,
        words=list_narrowing.by_words(moment, query.get("q"), Kind.FAQ, groups),
        sort=query["sort"],
        limit=query["limit"],
        cursor=query["cursor"],
        groups=groups,
        entries=faqs.ids_of_posts(moment, query["post"]) if "post" in query else None,
    )
