"""The API's few resources: details, lists and recipients, a page at a time, in JSON and in XML."""

import json
from xml.etree import ElementTree as ET

import pytest

from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.accounts import (
    AutoRenewal,
    MailingList,
    MailUpUser,
    Recipient,
    RecipientField,
    Subscription,
    Trial,
)
from mailup_oauth.sandbox.resources import DETAILS_PATH, INFO_PATH, LISTS_PATH, REST
from mailup_oauth.sandbox.switches import Switches

RECIPIENTS = (
    Recipient(
        id=1, email="ada@example.com", name="Ada", fields=(RecipientField(id=1, description="First", value="A & B"),)
    ),
    Recipient(id=2, email="bob@example.com", mobile_prefix="0039", mobile_number="333"),
    Recipient(id=3, email="cyd@example.org", subscription=Subscription.PENDING),
    Recipient(id=4, email="dan@example.com", subscription=Subscription.UNSUBSCRIBED),
)
LISTS = (
    MailingList(id=7, name="News", description="Monthly", company="Example Srl", guid="g7", credit=5),
    MailingList(id=8, name="Offers", credit=2, recipients=RECIPIENTS),
    MailingList(id=9, name="Third"),
)
DETAILS = (
    b'{"AccountName":"","AutoRenewal":true,"Company":"Example Srl",'
    b'"CreditsByList":[{"Credit":5,"ListId":7},{"Credit":2,"ListId":8},{"Credit":0,"ListId":9}],'
    b'"Email":"m4321@example.com","ExpiryDate":"2030-01-31 00:00:00.000","IsTrial":true,"Lang":"en","Plan":"Pro",'
    b'"TotalCredits":7,"UID":"321","Url":"https://a1b2.emailsp.example","Username":"m4321","Version":"9.0.0"}'
)
SUBSCRIBED = f"{REST}Console/List/8/Recipients/Subscribed"


@pytest.fixture
def account(stage):
    """Give a way to call the API as a user with three lists and many calls a second."""
    user = MailUpUser(
        username="m4321",
        password=Secret("canary-password"),
        uid="321",
        trial=Trial.YES,
        email="m4321@example.com",
        plan="Pro",
        auto_renewal=AutoRenewal.ON,
        lists=LISTS,
    )
    play = stage(Switches(calls_per_second=50), user)
    token = play.connect()["access_token"]
    return lambda path, query="", **headers: play.get(path, query, Authorization=f"Bearer {token}", **headers)


def parsed(body):
    """Return the root of an XML document."""
    return ET.fromstring(body)  # noqa: S314  # our own bytes


def items(answer):
    """Return the items of a page."""
    assert answer.status == 200, answer
    return json.loads(answer.body)["Items"]


def emails(answer):
    """Return the addresses on a page of recipients."""
    return [one["Email"] for one in items(answer)]


def test_details_add_to_info(account):
    """``Details`` has the members of ``Info`` and six more, in the alphabet's order."""
    assert DETAILS == account(DETAILS_PATH).body


def test_lists_come_with_their_five_members(account):
    """A list has MailUp's five members, and the page says how many there are."""
    told = json.loads(account(LISTS_PATH).body)
    first = {"Company": "Example Srl", "Description": "Monthly", "IdList": 7, "ListGuid": "g7", "Name": "News"}

    assert first == told.pop("Items")[0]
    assert {"IsPaginated": False, "PageNumber": 0, "PageSize": 20, "Skipped": 0, "TotalElementsCount": 3} == told


@pytest.mark.parametrize(
    ("query", "ids", "rest"),
    [
        ("pageSize=2", [7, 8], (True, 0, 2, 0, 3)),
        ("PageNumber=1&PageSize=2", [9], (True, 1, 2, 2, 3)),
        ("pagenumber=5&pagesize=2", [], (True, 5, 2, 10, 3)),
        ("pageSize=3&orderby=Name", [7, 8, 9], (False, 0, 3, 0, 3)),
    ],
)
def test_a_page_is_cut_out_of_the_whole(account, query, ids, rest):
    """Number and size choose the items, in any case of their names; what is not known is ignored."""
    told = json.loads(account(LISTS_PATH, query).body)

    assert ids == [one["IdList"] for one in told["Items"]]
    assert rest == tuple(
        told[name] for name in ("IsPaginated", "PageNumber", "PageSize", "Skipped", "TotalElementsCount")
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Subscribed", ["ada@example.com", "bob@example.com"]),
        ("subscribed", ["ada@example.com", "bob@example.com"]),
        ("Unsubscribed", ["dan@example.com"]),
        ("Pending", ["cyd@example.org"]),
    ],
)
def test_recipients_come_by_their_subscription(account, kind, expected):
    """Each of the three kinds has its own address, in any case."""
    assert expected == emails(account(f"{REST}Console/List/8/Recipients/{kind}"))


def test_a_recipient_comes_with_fields(account):
    """A recipient has MailUp's members, and each field three."""
    expected = {
        "Email": "ada@example.com",
        "Fields": [{"Description": "First", "Id": 1, "Value": "A & B"}],
        "MobileNumber": "",
        "MobilePrefix": "",
        "Name": "Ada",
        "idRecipient": 1,
    }

    assert expected == items(account(SUBSCRIBED))[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Email.Contains('BOB')", ["bob@example.com"]),
        ("%22Email.Contains('example')%22", ["ada@example.com", "bob@example.com"]),
        ("Email=='ada@example.com'", ["ada@example.com"]),
        ("email+==+'ada'", []),
        ("", ["ada@example.com", "bob@example.com"]),
    ],
)
def test_recipients_can_be_filtered_by_their_address(account, text, expected):
    """Both forms of ``filterby`` that clients use are understood."""
    assert expected == emails(account(SUBSCRIBED, f"filterby={text}"))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LISTS_PATH, "pageSize=0"),
        (LISTS_PATH, "pageNumber=-1"),
        (LISTS_PATH, "pageSize=many"),
        (SUBSCRIBED, "pageSize=1234567890"),
        (SUBSCRIBED, "filterby=Name.StartsWith('a')"),
    ],
)
def test_parameters_that_cannot_be_read_are_a_400(account, path, query):
    """A page or a filter that makes no sense is told as MailUp tells bad parameters."""
    answer = account(path, query)

    assert (400, "BadRequest") == (answer.status, json.loads(answer.body)["ErrorName"])


def test_another_users_list_is_forbidden(account):
    """A list that is not the user's is outside of what the user may see."""
    answer = account(f"{REST}Console/List/6/Recipients/Subscribed")

    assert (403, "Forbidden") == (answer.status, json.loads(answer.body)["ErrorName"])


@pytest.mark.parametrize(
    "path", [f"{REST}Console/List/8/Recipients/Lost", f"{REST}Console/List/x/Recipients/Pending", f"{REST}Console/User"]
)
def test_what_the_api_does_not_have_is_not_there(account, path):
    """Only the resources of this page are there."""
    assert account(path).status == 404


def test_the_limit_is_counted_for_each_method(play):
    """Calls of one method leave another its own five, and so do bad ones."""
    token = play.connect()["access_token"]
    paths = [INFO_PATH, DETAILS_PATH, LISTS_PATH, f"{REST}Console/List/1/Recipients/Pending"]
    for path in paths:
        statuses = [play.get(path, Authorization=f"Bearer {token}").status for _ in range(6)]

        assert 429 == statuses[5]
        assert 429 not in statuses[:5]
    assert 400 == play.get(LISTS_PATH, "pageSize=0", Authorization=f"Bearer {token}").status


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("application/xml", "application/xml"),
        ("text/html, Application/XML;q=0.9, application/json;q=0.8", "application/xml"),
        ("application/json, application/xml", "application/json"),
        ("text/html", "application/json"),
        ("", "application/json"),
    ],
)
def test_the_form_is_the_first_that_is_accepted(account, accepted, kind):
    """XML comes where it is asked for before JSON, and JSON everywhere else."""
    answer = account(INFO_PATH, accept=accepted)

    assert f"{kind}; charset=utf-8" == dict(answer.headers)["content-type"]


def test_info_in_xml_has_mailups_root(account):
    """XML has the root that omniauth-mailup reads, and the members of the JSON in its order."""
    root = parsed(account(INFO_PATH, accept="application/xml").body)

    assert "ConsoleCurrentAuthenticatedUserInfo" == root.tag
    assert list(json.loads(account(INFO_PATH).body)) == [member.tag for member in root]
    assert ("m4321", "true", None) == (
        root.findtext("Username"),
        root.findtext("IsTrial"),
        root.find("AccountName").text,
    )


def test_lists_in_xml_hold_the_same(account):
    """Items, numbers and special characters survive in XML."""
    lists = parsed(account(LISTS_PATH, accept="application/xml").body)
    found = parsed(account(SUBSCRIBED, accept="application/xml").body)

    assert ["7", "8", "9"] == [one.findtext("IdList") for one in lists.find("Items")]
    assert "A & B" == found.find("Items")[0].find("Fields")[0].findtext("Value")


def test_xml_holds_no_character_that_it_cannot(stage):
    """A name with a control character is told without it, and the document stays well-formed."""
    user = MailUpUser(username="m4321", password=Secret("canary-password"), uid="321", company="A\x01B\ud800C]]>&<")
    play = stage(Switches(), user)
    token = play.connect()["access_token"]
    body = play.get(INFO_PATH, Authorization=f"Bearer {token}", accept="application/xml").body

    assert "A\ufffdB\ufffdC]]>&<" == parsed(body).findtext("Company")
