"""The rules that comments are checked by, and what other rules would have decided."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from cms.api.conditional import expected_version
from cms.api.fields import Flag, Text, Time, WholeNumber
from cms.api.identity import actor
from cms.api.manage import blp
from cms.api.manage.comment_schemas import VerdictSchema
from cms.api.resources import Resource
from cms.database import transaction
from cms.models import CommentRules, CommentStatus
from cms.services import backtesting, comment_rules
from cms.services.checks import rules
from cms.services.checks.wording import words_of

# No network that is smaller than what is kept of an address.
NARROWEST = {4: 24, 6: 48}
LONGEST_PHRASE = 8


def _phrase(text: str) -> None:
    if not 1 <= len(words_of(text)) <= LONGEST_PHRASE:
        raise ValidationError(f"Write 1 to {LONGEST_PHRASE} words.")


def _address(text: str) -> None:
    if "@" not in text or any(letter.isspace() for letter in text):
        raise ValidationError("Write an email address, or `@` and a domain.")


def _network(text: str) -> None:
    try:
        network = ip_network(text)
    except ValueError:
        raise ValidationError("Write a network like 192.0.2.0/24.") from None
    if "%" in text:
        raise ValidationError("Nobody comes from a zone of your own machine: leave out the `%`.")
    if network.prefixlen > NARROWEST[network.version]:
        raise ValidationError("Of an address only its /24 or /48 is kept: write no smaller one.")


def _checked(longest: int, check: Callable[[str], None]) -> fields.String:
    return fields.String(validate=[validate.Length(1, longest), check])


def _words(most: int = 1000) -> fields.List:
    return fields.List(_checked(100, _phrase), validate=validate.Length(max=most))


def _most(description: str) -> WholeNumber:
    return WholeNumber(1, 1_000_000, allow_none=True, metadata={"description": description})


class CommentLimitsSchema(Schema):
    """How many comments are taken; null is no limit. What is beyond gets a 429."""

    address_minute = _most("From one IPv4 address, or one IPv6 /64")
    address_hour = _most("From one IPv4 address, or one IPv6 /64")
    network_minute = _most("From one IPv4 /24, or one IPv6 /48")
    network_hour = _most("From one IPv4 /24, or one IPv6 /48")
    post_minute = _most("On one post")
    site_minute = _most("On the whole site")


class CommentRulesSchema(Schema):
    """What is not named is as a new site has it. Words are compared without case, and whole."""

    # None would put every rule back.
    needs_body = True

    closed = Flag(metadata={"description": "Comments are closed on the whole site"})
    close_after_days = WholeNumber(1, 36500, allow_none=True)
    approve_known_writers = Flag(
        metadata={"description": "Approve at once what passes, of who sends an earlier receipt"}
    )
    blocked_words = _words()
    blocked_addresses = fields.List(
        _checked(254, _address),
        validate=validate.Length(max=1000),
        metadata={"description": "Whole addresses, or `@` and a domain"},
    )
    blocked_networks = fields.List(_checked(49, _network), validate=validate.Length(max=1000))
    most_links = WholeNumber(0, 100, allow_none=True)
    hold_personal_data = Flag()
    spam_hold_at = fields.Float(validate=validate.Range(0.5, 1), allow_none=True)
    spam_mark_at = fields.Float(validate=validate.Range(0.5, 1), allow_none=True)
    learn_from = WholeNumber(
        1, 10000, metadata={"description": "Decided comments of each kind before spam is told"}
    )
    limits = fields.Nested(CommentLimitsSchema)
    crisis_words = _words()
    adverse_words = _words()
    help_text = Text(
        2000, metadata={"description": "What who writes urgent words is told; imperfect"}
    )


class ShownLimitsSchema(CommentLimitsSchema):
    """All limits, whether somebody has set them or not."""

    def on_bind_field(self, _name: str, field: Any) -> None:
        field.required = True


class ShownRulesSchema(CommentRulesSchema):
    """All rules, whether somebody has set them or not."""

    limits = fields.Nested(ShownLimitsSchema)

    def on_bind_field(self, _name: str, field: Any) -> None:
        field.required = True


class KeptRulesSchema(Schema):
    rules = fields.Nested(ShownRulesSchema, required=True)
    version = fields.Integer(required=True)
    updated_at = Time(required=True)


class BacktestSchema(Schema):
    rules = fields.Nested(CommentRulesSchema, required=True)
    last = WholeNumber(1, 1000, load_default=200)


class RulesDifferenceSchema(Schema):
    """`decided` by the checks when it came; `status` is what it has now."""

    id = fields.UUID(required=True)
    status = fields.Enum(CommentStatus, by_value=True, required=True)
    decided = fields.Enum(CommentStatus, by_value=True, required=True)
    would_decide = fields.Enum(
        CommentStatus,
        by_value=True,
        required=True,
        metadata={"description": "`rejected`: it would not have been taken"},
    )
    verdicts = fields.List(fields.Nested(VerdictSchema), required=True)


class BacktestResultSchema(Schema):
    """Differences are of rules alone: what the spam filter knew, who had said the same and what
    came with the form is taken as it was when a comment came. So `learn_from` changes nothing here.
    """

    checked = fields.Integer(required=True)
    never_screened = fields.Integer(
        required=True,
        metadata={
            "description": "Of the last comments, those that no check has seen, such as imported"
            " ones: they are not compared"
        },
    )
    differences = fields.List(fields.Nested(RulesDifferenceSchema), required=True)


@blp.route("/comment-rules")
class CommentRulesView(Resource):
    @blp.shows(KeptRulesSchema)
    def get(self) -> Any:
        """Read the rules that comments are checked by"""
        return _seen(comment_rules.get(actor()))

    @blp.body(CommentRulesSchema)
    @blp.shows(KeptRulesSchema)
    def put(self, said: dict[str, Any]) -> Any:
        """Replace the rules; they hold for the next comment"""
        with transaction():
            kept = comment_rules.put(actor(), expected_version(), said)
        return _seen(kept)


@blp.route("/comment-rules/backtest")
class CommentRulesBacktest(Resource):
    @blp.body(BacktestSchema)
    @blp.shows(BacktestResultSchema)
    def post(self, wish: dict[str, Any]) -> Any:
        """Try rules on the last comments; nothing is written"""
        return backtesting.backtest(actor(), wish["rules"], wish["last"])


def _seen(kept: CommentRules) -> dict[str, Any]:
    told = {"version": kept.version, "updated_at": kept.updated_at}
    return {"rules": rules.whole(kept.rules), **told}
