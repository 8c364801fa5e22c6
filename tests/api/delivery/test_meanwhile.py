"""A post that is published anew between the two statements of one read is never missing."""

import pytest

from cms.services.delivery import cards, memory
from tests import building
from tests.interleaving import before_call


@pytest.mark.parametrize("path", ["/posts", "/posts/cold/related"])
def test_nothing_is_missing_while_it_is_replaced(app, admin, client, path):
    heat = building.published_post(admin, slug="heat")
    cold = building.post(admin, slug="cold")
    picks = {"related": [{"post_id": heat["id"]}]}
    url = f"/api/v1/manage/posts/{cold['id']}/related"
    assert admin.put(url, json=picks, headers=building.ANY).status_code == 200
    building.publish(admin, cold)
    memory.init_app(app)

    answer, _ = before_call(
        app,
        (cards, "_made"),
        lambda: client.get(f"/api/v1{path}", headers={"Cookie": "passes=by"}),
        lambda: building.corrected(admin, heat["id"], title="Warmth"),
    )

    assert answer.status_code == 200
    found = answer.json["data"]
    assert "heat" in [one["slug"] for one in (found if isinstance(found, list) else [found])]
