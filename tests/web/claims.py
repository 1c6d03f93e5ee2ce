"""
What a person may rely on in every framework: the journeys of ``Claims``, to be inherited by a test class a framework.

The class that inherits brings the fixture ``application(**ports)``: it starts an application in ``scene`` and returns the
``Send`` to it, over a facade with these ports.  The application takes the cookie ``user`` for its session, as ``told``
reads it, mounts the pages at ``/mailup`` and has two pages of its own: ``/lists`` answers with the JSON list of the names of
the signed-in person's mailing lists, asked of ``User/Lists``; ``/guarded`` with the MailUp user's name as text, if there is
a connection.  Both answer whoever has none with 409: a program with JSON, a browser with a page that has a connect button.
"""

import json

import pytest
from tests.web.scene import AN_HOUR, BROWSER_SHOWS, FROM_A_PAGE, FROM_ELSEWHERE, LIST, ORIGIN, TYPED, USERS, Person

from mailup_oauth import StoreUnavailable
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web import Who
from mailup_oauth.sandbox.commands import Answer, MoveClock

BROWSER = {**TYPED, **BROWSER_SHOWS}
OTHERS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
BEHIND = "disk-7 of the database host"
"""What an operator may know of a broken store, and a visitor may not."""


def told(cookies):
    """Return who is signed in: ``ada@acme`` is Ada, who works for Acme."""
    user, _, tenant = cookies.get("user", "").partition("@")
    return Who(user=user, connection=tenant) if user else None


class Broken(MemoryStore):
    """A store whose disk can be pulled out."""

    is_out = False

    def load(self, connection):
        """Read, if there is a disk."""
        if self.is_out:
            raise StoreUnavailable(BEHIND)
        return super().load(connection)


def lists_of(person, headers=FROM_A_PAGE):
    """Return what the application knows of the person's mailing lists."""
    return person.ask("GET", "/lists", headers)


class Claims:
    """The journeys."""

    @pytest.fixture
    def send(self, application):
        """An application in memory."""
        return application()

    @pytest.fixture
    def ada(self, send):
        """Ada of Acme, signed in, at a browser of her own."""
        return Person(send, cookies={"user": "ada@acme"})

    # -- connecting --------------------------------------------------------------------------------------------------

    def test_somebody_connects_and_the_application_may_ask_mailup(self, scene, ada):
        """From the connect button to the mailing lists, with one exchange of a code."""
        before = ada.looks()
        back = ada.connects()
        after = ada.follows(back)

        assert (200, True, True) == (before.status, "Not connected" in before.body, "Connect to MailUp" in before.body)
        assert (303, "/mailup/") == (back.status, back.location)
        assert (200, True, True) == (after.status, "MailUp is connected" in after.body, USERS[0] in after.body)
        assert [LIST] == json.loads(lists_of(ada).body)
        assert USERS[0] == ada.clicks("/guarded").body
        assert (1, 0) == (scene.grants, scene.rotations)

    def test_whoever_leaves_the_slash_away_sees_the_connection(self, ada):
        """The bare prefix is the status page, or leads to it by a path, which no ``Host`` has a say in."""
        page = ada.clicks("/mailup")

        assert page.location in {"", "/mailup/"}
        assert "Not connected" in ada.follows(page).body

    def test_what_was_said_is_said_once(self, ada):
        """The page that tells of the new connection tells of it once; a reload shows the connection alone."""
        ada.follows(ada.connects())

        assert "MailUp is connected" not in ada.looks().body

    def test_somebody_lands_where_they_wanted_to_be(self, ada):
        """The landing place that went with the button is where they are afterwards."""
        assert "/lists?page=2#new" == ada.connects("/lists?page=2#new").location

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"])
    def test_nobody_lands_elsewhere(self, ada, wanted):
        """Whatever is no path of the application's own leads to the status page."""
        assert "/mailup/" == ada.connects(wanted).location

    def test_no_cookie_of_an_attempt_is_left(self, ada):
        """The attempt's cookie is forgotten with the attempt, and it was this host's alone and out of scripts' reach."""
        page = ada.begins()
        [line] = page.set_cookies
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        ada.returns(ada.consents(page.location))

        assert line.startswith("__Host-mailup-flow-")
        assert {"path=/", "httponly", "secure", "samesite=lax"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
        assert [] == ada.attempts()

    # -- using -------------------------------------------------------------------------------------------------------

    def test_an_expired_token_is_renewed_in_the_background(self, scene, ada):
        """An hour later the application asks again, and the person notices nothing."""
        ada.connects()
        scene.pass_time()

        assert [LIST] == json.loads(lists_of(ada).body)
        assert (1, 1) == (scene.grants, scene.rotations)

    def test_a_token_that_mailup_ended_early_is_renewed(self, scene, ada):
        """MailUp says 401 to a token that we still believe in; one refresh, one repeat, and the lists are there."""
        ada.connects()
        scene.service.order(MoveClock(span=AN_HOUR, now=scene.clock.now()))

        assert [LIST] == json.loads(lists_of(ada).body)
        assert 1 == scene.rotations

    def test_tenants_are_apart(self, send, ada):
        """What one tenant connected is not another's; each calls MailUp as its own user."""
        bob = Person(send, cookies={"user": "bob@bolt"}, at_mailup=USERS[1])
        ada.connects()
        nothing = lists_of(bob)
        bob.connects()

        assert 409 == nothing.status
        assert ["Newsletter of m5678"] == json.loads(lists_of(bob).body)
        assert [LIST] == json.loads(lists_of(ada).body)

    def test_colleagues_share_their_tenants_connection(self, send, ada):
        """Somebody else of the same tenant uses what Ada connected."""
        ada.connects()

        assert [LIST] == json.loads(lists_of(Person(send, cookies={"user": "eve@acme"})).body)

    def test_a_program_that_is_not_connected_is_told_where_to_connect(self, ada):
        """409 and JSON, with a code for programs and the path of the page that connects."""
        pages = [ada.ask("GET", path, {"accept": "application/json"}) for path in ("/lists", "/guarded")]
        details = [json.loads(page.body)["detail"] for page in pages]

        assert [409, 409] == [page.status for page in pages]
        assert [("not_connected", "/mailup/")] * 2 == [(detail["code"], detail["connect"]) for detail in details]

    @pytest.mark.parametrize("path", ["/lists", "/guarded"])
    def test_a_person_who_is_not_connected_gets_a_button_and_comes_back(self, ada, path):
        """The page asks to connect, and leads back to what was wanted."""
        page = ada.ask("GET", f"{path}?page=2", BROWSER)

        assert (409, "text/html; charset=utf-8") == (page.status, page.header("content-type"))
        assert f'<input type="hidden" name="next" value="{path}?page=2">' in page.body
        assert 'action="/mailup/begin"' in page.body
        assert f"{path}?page=2" == ada.connects(f"{path}?page=2").location

    def test_nobody_signed_in_gets_nothing(self, send):
        """Whoever is not signed in is told so, by the pages and by what needs a connection."""
        nobody = Person(send)

        assert [401] * 5 == [
            nobody.looks().status,
            nobody.begins().status,
            nobody.disconnects().status,
            lists_of(nobody).status,
            nobody.clicks("/guarded").status,
        ]
        assert "Sign in first" in nobody.looks().body

    # -- ending ------------------------------------------------------------------------------------------------------

    def test_somebody_disconnects(self, ada):
        """The tokens are gone, the page says what is left to do, and the application is told to connect again."""
        ada.connects()
        page = ada.disconnects()
        shown = ada.follows(page)

        assert (303, "/mailup/") == (page.status, page.location)
        assert ("erased here" in shown.body, "Not connected" in shown.body) == (True, True)
        assert 409 == lists_of(ada).status

    def test_somebody_says_no(self, scene, ada):
        """A denial leads to a page that says so; nothing is connected."""
        page = ada.connects(answer=Answer.DENY)
        shown = ada.follows(page)

        assert (303, "/mailup/failed") == (page.status, page.location)
        assert (200, True, True) == (shown.status, "said no" in shown.body, "Reference" in shown.body)
        assert (0, 409) == (scene.grants, lists_of(ada).status)

    # -- tabs, reloads and strangers ---------------------------------------------------------------------------------

    def test_two_tabs_work(self, scene, ada):
        """Each tab finishes what it began, in whichever order."""
        tabs = [ada.begins("/lists?tab=1"), ada.begins("/lists?tab=2")]
        callbacks = [ada.consents(tab.location) for tab in reversed(tabs)]

        assert ["/lists?tab=2", "/lists?tab=1"] == [ada.returns(callback).location for callback in callbacks]
        assert 2 == scene.grants

    def test_a_reload_of_the_callback_changes_nothing(self, scene, ada):
        """Whoever asks for the callback again is told that it is over, and stays connected."""
        callback = ada.consents(ada.begins().location)
        ada.returns(callback)
        again = ada.returns(callback)

        assert (303, "/mailup/failed") == (again.status, again.location)
        assert "was used already" in ada.follows(again).body
        assert (1, [LIST]) == (scene.grants, json.loads(lists_of(ada).body))

    def test_a_double_callback_exchanges_one_code(self, scene, send, ada):
        """A double click brings the same cookie twice; the code is exchanged once, and the connection stands."""
        callback = ada.consents(ada.begins().location)
        twin = Person(send, cookies=dict(ada.cookies))
        ada.returns(callback)
        twin.returns(callback)

        assert (1, [LIST]) == (scene.grants, json.loads(lists_of(ada).body))

    def test_somebody_else_cannot_finish_it(self, scene, ada):
        """Who signs in as another person on the way has begun nothing."""
        callback = ada.consents(ada.begins().location)
        ada.cookies["user"] = "bob@bolt"
        page = ada.returns(callback)

        assert "/mailup/failed" == page.location
        assert "Somebody else began" in ada.follows(page).body
        assert (0, []) == (scene.grants, ada.attempts())

    def test_nobody_finishes_it_who_is_signed_out(self, scene, ada):
        """Who signs out on the way is told so, on a page that needs nobody to be signed in."""
        callback = ada.consents(ada.begins().location)
        del ada.cookies["user"]
        page = ada.returns(callback)

        assert "/mailup/failed" == page.location
        assert "You are signed out" in ada.follows(page).body
        assert 0 == scene.grants

    def test_a_callback_in_another_browser_changes_nothing(self, scene, send, ada):
        """What an attacker began cannot be finished in the victim's browser."""
        mallory = Person(send, cookies={"user": "mallory@crime"}, at_mailup=USERS[1])
        page = ada.returns(mallory.consents(mallory.begins().location))

        assert "/mailup/failed" == page.location
        assert (0, 409) == (scene.grants, lists_of(ada).status)

    def test_nobody_begins_it_for_them(self, ada):
        """A link or a form of another site gets a page that asks, and no attempt."""
        link, form = (ada.ask(method, "/mailup/begin", FROM_ELSEWHERE, form={}) for method in ("GET", "POST"))

        assert [403, 403] == [link.status, form.status]
        assert "Connect to MailUp?" in link.body
        assert [] == ada.attempts()

    def test_nobody_disconnects_it_for_them(self, ada):
        """A form of another site ends nothing."""
        ada.connects()

        assert 403 == ada.ask("POST", "/mailup/disconnect", FROM_ELSEWHERE, form={}).status
        assert [LIST] == json.loads(lists_of(ada).body)

    def test_an_older_browser_is_believed_by_its_origin(self, ada):
        """A form that names the application's own origin begins, where a browser says nothing else of itself."""
        answers = [
            ada.ask("POST", "/mailup/begin", {"origin": one}, form={}) for one in (ORIGIN, "https://evil.example")
        ]

        assert [303, 403] == [answer.status for answer in answers]

    # -- whatever else comes -----------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("page", "allowed"),
        {"/": "GET", "/begin": "GET, POST", "/complete": "GET", "/disconnect": "POST", "/failed": "GET"}.items(),
    )
    def test_other_methods_change_nothing(self, ada, page, allowed):
        """405, with the methods that would be right."""
        ada.connects()
        answers = [ada.ask(method, f"/mailup{page}", FROM_A_PAGE) for method in OTHERS]

        assert [(405, allowed)] * len(OTHERS) == [(answer.status, answer.header("allow")) for answer in answers]
        assert [LIST] == json.loads(lists_of(ada).body)

    def test_a_huge_form_is_not_read(self, ada):
        """A form that is larger than any of ours begins without a landing place."""
        page = ada.submits("/mailup/begin", {"junk": "x" * 100_000, "next": "/lists"})

        assert "/mailup/" == ada.returns(ada.consents(page.location)).location

    def test_every_reference_leads_to_a_line_of_the_log(self, ada, ear):
        """Whatever somebody is refused, the reference on the page is in the log ``mailup_oauth.web``."""
        lost, posted = ada.returns("/mailup/complete?code=x"), ada.ask("POST", "/mailup/complete", FROM_A_PAGE)
        refused = ada.ask("POST", "/mailup/disconnect", FROM_ELSEWHERE, form={})
        pages = [
            ada.follows(lost),
            posted,
            refused,
            ada.comes_from_elsewhere("/mailup/begin"),
            ada.clicks("/mailup/failed"),
            ada.ask("GET", "/lists", BROWSER),
            ada.ask("GET", "/guarded", BROWSER),
        ]
        bodies = [page.body for page in pages if "Reference <code>" in page.body]
        shown = [body.partition("Reference <code>")[2].partition("<")[0] for body in bodies]

        assert len(shown) >= len(pages) - 1  # Django refuses a stranger's form before we do, on a page of its own
        assert {12} == {len(one) for one in shown}
        assert [] == [one for one in shown if not any(one in line for line in ear.heard)]

    def test_a_broken_store_is_told_in_general_words(self, application, ear):
        """503 and a reference, which the operator finds in the log beside the reason; the visitor learns nothing else."""
        store = Broken()
        ada = Person(application(store=store), cookies={"user": "ada@acme"})
        store.is_out = True
        pages = [ada.looks(), ada.begins(), ada.disconnects(), ada.ask("GET", "/lists", BROWSER), lists_of(ada)]

        assert [503] * 5 == [page.status for page in pages]
        assert not [page for page in pages if BEHIND in f"{page.body}{page.headers}"]
        for page in pages[:4]:
            reference = page.body.partition("Reference <code>")[2].partition("<")[0]
            assert [True] == [BEHIND in line for line in ear.heard if reference in line]
