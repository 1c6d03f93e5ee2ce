"""Scenarios out of files: what can stand there, and how a wrong one is told."""

from datetime import UTC, datetime, timedelta

import pytest

from mailup_oauth.adapters.serving.reading import NotUnderstood
from mailup_oauth.adapters.serving.scenario_file import read_scenario
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.accounts import (
    Application,
    AutoRenewal,
    Contract,
    MailingList,
    MailUpUser,
    Recipient,
    RecipientField,
    Subscription,
    Trial,
)
from mailup_oauth.sandbox.faults import LOST_ANSWER, GatewayPage, Target
from mailup_oauth.sandbox.scenario import From, Scenario
from mailup_oauth.sandbox.switches import Grace, RedirectCheck, Switches

WHOLE = """
begins = 2030-01-01T12:00:00Z

[switches]
redirect_check = "list"
old_refresh = "grace 30s"
access_life = "15m"
calls_per_second = 9

[[faults]]
target = "resource"
kind = "gateway-page"
status = 503

[[faults]]
kind = "hang-up"
done = "committed"

[[applications]]
client_id = "a"
client_secret = "canary-a"
name = "A"
redirect_uris = ["https://a.example/"]

[[users]]
username = "m1"
password = "canary-1"
uid = "1"
trial = "yes"
contract = "unsigned"
auto_renewal = "on"

[[users.lists]]
id = 7
name = "News"
credit = 5

[[users.lists.recipients]]
id = 1
email = "ada@example.com"
subscription = "Pending"
fields = [{ id = 1, description = "First", value = "Ada" }]

[[users]]
username = "m2"
password = "canary-2"
uid = "2"
"""
ADA = Recipient(
    id=1,
    email="ada@example.com",
    subscription=Subscription.PENDING,
    fields=(RecipientField(id=1, description="First", value="Ada"),),
)
EXPECTED = Scenario(
    begins=From(datetime(2030, 1, 1, 12, tzinfo=UTC)),
    switches=Switches(
        redirect_check=RedirectCheck.LIST,
        old_refresh=Grace(timedelta(seconds=30)),
        access_life=timedelta(minutes=15),
        calls_per_second=9,
    ),
    faults=((Target.RESOURCE, GatewayPage(status=503)), (Target.TOKEN, LOST_ANSWER)),
    applications=(
        Application(client_id="a", client_secret=Secret("canary-a"), name="A", redirect_uris=("https://a.example/",)),
    ),
    users=(
        MailUpUser(
            username="m1",
            password=Secret("canary-1"),
            uid="1",
            trial=Trial.YES,
            contract=Contract.UNSIGNED,
            auto_renewal=AutoRenewal.ON,
            lists=(MailingList(id=7, name="News", credit=5, recipients=(ADA,)),),
        ),
        MailUpUser(username="m2", password=Secret("canary-2"), uid="2"),
    ),
)


@pytest.fixture
def written(tmp_path):
    """Give a way to write a scenario file."""

    def write(text):
        path = tmp_path / "scenario.toml"
        path.write_text(text)
        return path

    return write


def test_a_whole_scenario_is_read(written):
    """Clock, switches, faults, applications, users, lists and recipients come out of a file as they stand there."""
    assert EXPECTED == read_scenario(written(WHOLE))


def test_an_empty_file_is_a_scenario(written):
    """Nothing has to be said: then there is nobody, and MailUp is as documented."""
    assert Scenario() == read_scenario(written(""))


USER = '[[users]]\nusername = "m1"\npassword = "canary"\nuid = "1"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[switches]\nconsent = "canary"', "switches.consent must be always, or first-time"),
        ('[switches]\ncanary_x = "on"', "switches.canary_x is not known; there are access_life"),
        ("switches = 5", "switches must be a table"),
        ("users = 5", "users must be a list"),
        ("[[users]]", "users[0].username is missing"),
        (USER + "email = 5", "users[0].email must be text"),
        (USER + 'contract = "canary"', "users[0].contract must be signed, or unsigned"),
        (USER + USER.replace('"canary"', "5"), "users[1].password must be text"),
        (USER.replace("canary", ""), "users[0].password must not be empty"),
        (USER + USER, "users[1].username is that of an earlier one"),
        (USER.replace("m1", ""), "users[0].username must not be empty"),
        (USER + '[[users.lists]]\nid = "x"\nname = "N"', "users[0].lists[0].id must be a whole number"),
        ('[[applications]]\nclient_id = "a"\nclient_secret = "canary"\nname = "A"\n' * 2, "applications[1].client_id"),
        (
            '[[applications]]\nclient_id = "a"\nclient_secret = "canary"\nname = "A"\nredirect_uris = ["a", 5]',
            "uris[1]",
        ),
        ("[[faults]]\n" + 'kind = "canary"', "faults[0].kind must be hang-up"),
        ('[[faults]]\nkind = "slow"\ndelay = "x"', "faults[0].delay must be a span"),
        ("faults = [5]", "faults[0] must be a table"),
        ("begins = 2030-01-01T12:00:00", "begins must be a moment with its offset"),
        ("begins = 2030-01-01", "begins must be a moment with its offset"),
        ('begins = "2030-01-01T12:00:00Z"\nbegin = 5', "begin is not known; there are applications, begins, faults"),
        ('begins = "canary"', "begins must be a moment with its offset"),
        ("begins = ", "the whole is not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_wrong_scenario_is_told_with_its_file_and_key(written, text, said):
    """What is wrong is told with the file, the key and what could stand there; never with what does."""
    path = written(text)
    with pytest.raises(NotUnderstood) as caught:
        read_scenario(path)
    told = str(caught.value)

    assert said in told
    assert told.startswith(f"{path}: ")
    assert "canary" not in told.replace("canary_x", "")


def test_all_that_is_wrong_is_told_at_once(written):
    """Nobody has to mend a file ten times to learn of ten problems."""
    path = written('[switches]\nconsent = "x"\npkce = "x"\n[[users]]\nuid = 5\n')
    with pytest.raises(NotUnderstood) as caught:
        read_scenario(path)

    wrong = {"users[0].password", "users[0].uid", "users[0].username", "switches.consent", "switches.pkce"}

    assert wrong == {one.key for one in caught.value.problems}


def test_a_file_that_is_not_there_is_told(tmp_path):
    """A missing file, or one that is none, is told like any other problem."""
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(NotUnderstood, match="cannot be opened: "):
            read_scenario(path)
