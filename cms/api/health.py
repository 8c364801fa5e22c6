"""Whether the process is up, and whether it can do its work."""

import orjson
from flask import Response, current_app
from marshmallow import Schema, fields

from cms.api.resources import Resource, Resources
from cms.services import readiness

# Seconds after which it is worth while to look again.
RETRY_AFTER = "2"

blp = Resources("health", __name__, description="For load balancers and people on call")


class HealthSchema(Schema):
    status = fields.String(required=True)


class ReadinessSchema(HealthSchema):
    checks = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    warnings = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "What is wrong and keeps nobody from being answered:"
            " `worker`, `space`, `encoding`"
        },
    )


@blp.route("/healthz")
class Health(Resource):
    @blp.response(200, HealthSchema)
    def get(self) -> dict[str, str]:
        """Say that the process is up"""
        return {"status": "ok"}


@blp.route("/readyz")
class Readiness(Resource):
    @blp.response(200, ReadinessSchema)
    @blp.alt_response(503, schema=ReadinessSchema)
    def get(self) -> Response:
        """Say what works: the database, its migrations, the data folder"""
        checks = readiness.check(current_app.config["CMS"])
        ready = all(state == "ok" for state in checks.values())
        body = {"status": "ok" if ready else "unavailable", "checks": checks}
        body["warnings"] = readiness.warnings(current_app.config["CMS"]) if ready else {}
        answer = Response(orjson.dumps(body), content_type="application/json")
        if not ready:
            answer.status_code = 503
            answer.headers["Retry-After"] = RETRY_AFTER
        return answer
