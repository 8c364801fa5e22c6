"""Which passwords are taken, and how they are kept."""

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from cms.errors import Invalid
from cms.services import passwords

pytestmark = pytest.mark.threat("A14")

GOOD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def context(app):
    with app.app_context():
        yield


def refusal(password, **about):
    with pytest.raises(Invalid) as refused:
        passwords.check_acceptable(password, "/password", **about)
    return refused.value


class TestAnAcceptablePassword:
    @pytest.mark.parametrize(
        "password", ["x7#kq2!z", GOOD, "  spaces count  ", "x" * 250 + "abcdef", "пароль для Мии"]
    )
    def test_is_any_text_of_a_fair_length(self, password):
        passwords.check_acceptable(password, "/password", email="mia@example.org")

    @pytest.mark.parametrize("password", ["", "short", "x" * 257, "y" * 1_000_000])
    def test_is_neither_short_nor_endless(self, password):
        assert refusal(password).reason == "weak_password"
        assert refusal(password).errors[0]["pointer"] == "/password"

    @pytest.mark.parametrize("password", ["password1", "PASSWORD1", "Football1", "12345678"])
    def test_is_not_a_common_one_in_any_case(self, password):
        assert refusal(password).reason == "weak_password"

    def test_is_none_of_the_whole_list(self):
        long_enough = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= 8]

        assert len(long_enough) > 10_000
        for one in long_enough:
            refusal(one.upper())

    @pytest.mark.parametrize("password", ["miamiamia@example.org", "MiaMiaMia"])
    def test_is_not_the_address(self, password):
        assert refusal(password, email="miamiamia@example.org").reason == "weak_password"

    def test_is_measured_as_it_is_kept(self):
        # Seven letters, each typed as two characters.
        assert refusal("e\u0301" * 7).reason == "weak_password"


class TestAHash:
    def test_matches_its_password_alone(self):
        hashed = passwords.hash_password(GOOD)

        assert passwords.verify(hashed, GOOD)
        assert not passwords.verify(hashed, GOOD + " ")
        assert not passwords.verify(hashed, GOOD.upper())

    def test_sees_every_byte(self):
        hashed = passwords.hash_password("x" * 100)

        assert not passwords.verify(hashed, "x" * 72)
        assert not passwords.verify(hashed, "x" * 99)

    def test_does_not_depend_on_how_letters_are_composed(self):
        assert passwords.verify(passwords.hash_password("zoe\u0308 zoe\u0308"), "zoë zoë")

    @pytest.mark.parametrize("hashed", [None, "", "!", "$argon2id$broken"])
    def test_that_is_none_matches_nothing(self, hashed):
        assert not passwords.verify(hashed, "")
        assert not passwords.verify(hashed, GOOD)

    def test_of_nobody_costs_what_a_real_one_costs(self):
        real, nobodys = passwords.hash_password(GOOD), passwords._nobodys_hash()

        assert real.split("$")[:4] == nobodys.split("$")[:4]
        assert len(real) == len(nobodys)

    def test_of_lower_cost_is_to_be_made_again(self):
        assert not passwords.needs_rehash(passwords.hash_password(GOOD))
        assert passwords.needs_rehash(passwords.STRONG.hash(GOOD))

    def test_that_is_made_again_is_known_to_be_of_the_same_password(self):
        before = passwords.STRONG.hash(GOOD)
        after = passwords.rehash(GOOD, before)

        assert passwords.verify(after, GOOD)
        assert not passwords.needs_rehash(after)
        assert passwords.are_of_one_password(before, after)
        for other in (passwords.hash_password(GOOD), "!", "", "$argon2id$broken"):
            assert not passwords.are_of_one_password(before, other)

    def test_costs_in_production_what_owasp_asks(self):
        strong = passwords.STRONG

        assert (strong.memory_cost, strong.time_cost, strong.parallelism) == (19_456, 2, 1)
