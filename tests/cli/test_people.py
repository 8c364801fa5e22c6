"""`cms user` and `cms token`, in the context that the main command gives them."""

import pytest
from click.testing import CliRunner

from cms.cli.token import token
from cms.cli.user import user
from cms.errors import CmsError
from cms.services import sessions, token_uses, tokens
from tests.api.auth.people import status_with
from tests.building import PASSWORD

MIA = "mia@example.org"
UNFIT_NAMES = {
    "a\x1b[2Jb": "The name holds a control character (U+001B), character 2 of it.",
    "two\nlines": "The name holds a control character (U+000A), character 4 of it.",
    "x" * 81: "The name has 81 characters, and 80 is the most.",
    " ": "The name is empty.",
}


@pytest.fixture
def run(app):
    """Run a command; its output, or the error that the main command would show."""

    def run(group, *words, stdin="", fails=False):
        with app.app_context():
            result = CliRunner().invoke(group, words, input=stdin)
        if isinstance(result.exception, CmsError):
            return f"Error: {result.exception.message}"
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    return run


@pytest.fixture
def mia(run):
    run(user, "add", MIA, "--role", "editor", stdin=f"{PASSWORD}\n")
    return MIA


class TestUsers:
    def test_added_with_a_password_from_standard_input_can_sign_in(self, app, run):
        output = run(user, "add", "Mia@Example.org", "--role", "admin", stdin=f"{PASSWORD}\n")

        assert output == f"Added {MIA} as admin.\n"
        with app.app_context():
            assert sessions.prove(MIA, PASSWORD)

    def test_listed_show_role_and_state(self, run, mia):
        run(user, "disable", mia)

        assert run(user, "list") == f"{mia}\teditor\tmia\tsuspended\n"

    def test_disabled_are_kept_out_until_enabled(self, app, run, mia):
        run(user, "disable", mia)
        with app.app_context(), pytest.raises(CmsError):
            sessions.prove(mia, PASSWORD)

        run(user, "enable", mia)
        with app.app_context():
            assert sessions.prove(mia, PASSWORD)

    def test_get_a_new_password_from_standard_input(self, app, run, mia):
        run(user, "password", mia, stdin="another good long one\n")

        with app.app_context():
            assert sessions.prove(mia, "another good long one")

    def test_that_are_there_already_are_refused(self, run, mia):
        output = run(user, "add", mia, "--role", "viewer", stdin=f"{PASSWORD}\n", fails=True)

        assert output == f"Error: {mia} is there already.\n"

    @pytest.mark.parametrize(
        ("email", "said"),
        [
            ("mia", "An email address must have an @-sign."),
            (MIA.upper(), f"{MIA.upper()} is there already.\n"),
        ],
    )
    def test_are_refused_for_their_address_before_a_password_is_asked_for(
        self, run, mia, email, said
    ):
        given = {"stdin": "", "fails": email != "mia"}

        assert run(user, "add", email, "--role", "viewer", **given) == f"Error: {said}"

    def test_need_a_password(self, run):
        output = run(user, "add", MIA, "--role", "viewer", fails=True)

        assert output == "Error: Give the password on standard input.\n"

    def test_need_a_good_one(self, run):
        output = run(user, "add", MIA, "--role", "viewer", stdin="password1\n")

        assert output == "Error: This password is on every list of common ones."

    def test_that_are_not_there_are_named_as_such(self, run):
        assert run(user, "password", MIA, stdin="x\n") == "Error: There is no such user."

    def test_need_a_role_that_there_is(self, run):
        assert "'owner' is not one of" in run(user, "add", MIA, "--role", "owner", fails=True)

    def test_can_not_move_the_cursor_of_a_terminal(self, run):
        name = "J\u202eMi\u0301a 日"
        run(user, "add", MIA, "--role", "viewer", "--name", name, stdin=f"{PASSWORD}\n")

        shown = "J\\u202eMi\u0301a 日"
        assert run(user, "list") == f"{MIA}\tviewer\t{shown}\n"


@pytest.mark.threat("A15")
class TestTokens:
    def test_are_not_made_for_who_is_suspended(self, run, mia):
        run(user, "disable", mia)

        output = run(token, "add", mia, "--scope", "admin")

        assert output == "Error: This user is suspended: let them in again first."
        assert run(token, "list") == ""

    def test_with_scopes_beyond_the_role_say_so_before_the_secret(self, run):
        run(user, "add", MIA, "--role", "author", stdin=f"{PASSWORD}\n")
        scopes = ["--scope", "content:write", "--scope", "content:publish"]

        output = run(token, "add", MIA, *scopes).splitlines()

        assert output[0] == "Of no use to the role author: content:publish."
        assert output[1].startswith("cms_")

    def test_listed_say_when_they_were_used(self, app, run, mia):
        secret = run(token, "add", mia, "--scope", "admin").strip()
        assert run(token, "list").endswith("\tnever used\n")
        # Those of other tests.
        app.extensions[token_uses.EXTENSION].write()

        assert status_with(app, secret) == 200
        app.extensions[token_uses.EXTENSION].write()

        assert "\tused 20" in run(token, "list")

    def test_listed_can_not_move_the_cursor_of_a_terminal(self, run, mia):
        run(token, "add", mia, "--scope", "admin", "--name", "a\u202eb")

        assert "\ta\\u202eb\t" in run(token, "list")

    def test_added_are_printed_alone_on_the_last_line(self, app, run, mia):
        output = run(token, "add", mia, "--scope", "content:read", "--scope", "content:write")

        with app.app_context():
            actor = tokens.actor(output.splitlines()[-1])
        assert (actor.email, sorted(actor.scopes)) == (mia, ["content:read", "content:write"])

    @pytest.mark.parametrize(("span", "end"), [("12h", "expires "), ("30", "expires ")])
    def test_may_end(self, run, mia, span, end):
        run(token, "add", mia, "--scope", "admin", "--expires-in", span)

        assert end in run(token, "list", mia)

    @pytest.mark.parametrize("span", ["0", "-1", "12m", "soon", "1.5", "999999999"])
    def test_end_at_a_time_that_can_be(self, run, mia, span):
        output = run(token, "add", mia, "--scope", "admin", "--expires-in", span, fails=True)

        assert "is not a number of days" in output

    def test_listed_never_show_the_secret(self, run, mia):
        secret = run(token, "add", mia, "--scope", "admin", "--name", "build").strip()

        output = run(token, "list", mia)

        assert secret not in output
        assert f"{mia}\t{secret[:12]}…\tbuild\tadmin\tnever expires" in output

    def test_revoked_are_worth_nothing(self, app, run, mia):
        secret = run(token, "add", mia, "--scope", "admin").strip()
        token_id = run(token, "list").partition("\t")[0]

        run(token, "revoke", token_id)

        with app.app_context():
            assert tokens.actor(secret) is None

    def test_that_are_not_there_are_named_as_such(self, run):
        assert run(token, "revoke", "nothing") == "Error: There is no such token."


@pytest.mark.parametrize("group", [user, token])
def test_every_command_and_option_explains_itself(group):
    for command in group.commands.values():
        assert command.help
        required = [one for one in command.params if one.param_type_name == "option"]
        assert all(one.help or one.required for one in required), command.name


@pytest.mark.parametrize("name", UNFIT_NAMES, ids=["escape", "line break", "long", "blank"])
class TestNamesThatCanNotBeKept:
    def test_are_refused_for_people(self, run, name):
        words = ["add", MIA, "--role", "editor", "--name", name]

        assert run(user, *words, stdin=f"{PASSWORD}\n") == f"Error: {UNFIT_NAMES[name]}"
        assert run(user, "list") == ""

    def test_are_refused_for_tokens(self, run, mia, name):
        words = ["add", mia, "--scope", "content:read", "--name", name]

        assert run(token, *words) == f"Error: {UNFIT_NAMES[name]}"
        assert run(token, "list") == ""
