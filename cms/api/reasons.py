"""What a refusal means: `type` of each problem leads here. Written once, in `docs/problems.md`."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from marshmallow import Schema, fields

from cms.api.conditional import Finished
from cms.api.envelope import one
from cms.api.resources import Resource, Resources
from cms.errors import NotFound

blp = Resources("problems", __name__, description="What each refusal means")
SOURCE = Path(__file__).parents[2] / "docs" / "problems.md"
PART = re.compile(r"^## (.+)$")
ROW = re.compile(r"^\| `(\w+)` \| (\d{3}) \| (.+) \| (.+) \|$")


class MeaningSchema(Schema):
    status = fields.Integer(required=True)
    part = fields.String(required=True, metadata={"description": "What it is about"})
    meaning = fields.String(required=True)
    advice = fields.String(required=True, metadata={"description": "What to do"})


class ReasonSchema(Schema):
    type = fields.String(required=True, metadata={"description": "`/problems/` and the reason"})
    reason = fields.String(required=True)
    meanings = fields.List(fields.Nested(MeaningSchema), required=True)


class ReasonsSchema(Schema):
    data = fields.List(fields.Nested(ReasonSchema), required=True)


@blp.route("")
class Reasons(Resource):
    @blp.delivers(ReasonsSchema)
    def get(self) -> Finished:
        """List every reason of a refusal"""
        return Finished(orjson.dumps({"data": list(known().values())}))


@blp.route("/<reason>")
class Reason(Resource):
    @blp.delivers(one(ReasonSchema))
    def get(self, reason: str) -> Finished:
        """Read what a reason means, and what to do"""
        if reason not in known():
            raise NotFound("No problem has this reason.", reason="not_found")
        return Finished(orjson.dumps({"data": known()[reason]}))


@cache
def known() -> dict[str, dict[str, Any]]:
    """Each reason by its name, in the order of the document."""
    found: dict[str, dict[str, Any]] = {}
    part = ""
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if heading := PART.match(line):
            part = heading[1]
        elif row := ROW.match(line):
            name, status, meaning, advice = row.groups()
            reason = {"type": f"/problems/{name}", "reason": name, "meanings": []}
            says = {"status": int(status), "part": part, "meaning": meaning, "advice": advice}
            found.setdefault(name, reason)["meanings"].append(says)
    return found
