def test_the_site_says_what_a_frontend_needs_first(client):
    response = client.get("/api/v1/site")

    assert response.status_code == 200
    assert response.json["data"]["locales"] == ["en", "es"]
