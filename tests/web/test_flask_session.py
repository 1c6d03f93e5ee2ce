"""Flask-Session itself, whose sessions have ids: who was fixed to a session before the connection has none afterwards."""

from cachelib import FileSystemCache
from flask_session import Session
from tests.web.flask_app import application, bare, person
from tests.web.scene import LIST

from mailup_oauth.sandbox.commands import Answer


def sid(somebody):
    """Return the id of somebody's session."""
    return somebody.cookies["session"]


def test_sec_61_flask_session_gives_a_new_id_when_a_connection_is_made(scene, tmp_path):
    """Once, at the link: the old id is nobody's from then on, and the person is signed in under the new one."""
    app = bare(SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache(str(tmp_path)))
    Session(app)
    ada, mallory = person(application(scene, app=app)), person(app, user="")
    mallory.cookies["session"] = planted = sid(ada)
    ada.looks()
    ada.connects(answer=Answer.DENY)
    before, was_in = sid(ada), mallory.looks().status
    ada.connects("/lists")
    renewed = sid(ada)
    ada.looks()

    assert (planted, 200) == (before, was_in)
    assert planted != renewed
    assert renewed == sid(ada)
    assert [401, 200] == [mallory.looks().status, ada.looks().status]
    assert LIST in ada.clicks("/lists").body
