"""Store before send, and store before tell, in every life: what may have happened is known after any crash (ADR 0002)."""

import json
from collections import Counter
from urllib.parse import parse_qs

import attrs
import pytest
from hypothesis import example, given, settings

from mailup_oauth import AccessToken, MailUpOAuth, Secret
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.domain import events as e
from mailup_oauth.domain.wire.http import HttpRequest, HttpResponse
from mailup_oauth.journal import read_record
from mailup_oauth.ports import Change, Commit, Notice
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.deeds import DEEDS, Life, begin, coming_back, lives
from mailup_oauth.testing.stage import Stage


@attrs.define
class Diary:
    """Everything that went through a port, in order; it stands in the way of the store, of MailUp and of the observer."""

    entries: list = attrs.Factory(list)

    def store(self):
        """Return a store whose changes are noted once they are made."""
        diary = self

        class Noted(MemoryStore):
            def commit(self, change):
                made = super().commit(change)
                if made is Commit.DONE:
                    diary.entries.append(change)
                return made

        return Noted()

    def transport(self, way):
        """Return a way to MailUp on which requests, and what came of them, are noted."""
        diary = self

        class Noted:
            def send(self, request, *, deadline):
                diary.entries.append(request)
                diary.entries.append(way.send(request, deadline=deadline))
                return diary.entries[-1]

        return Noted()

    def notice(self, notice):
        """Note what the observer is told."""
        self.entries.append(notice)


def lived(life):
    """Live on a stage where everything is noted, and return the diary and the client."""
    diary = Diary()
    stage = Stage(store=diary.store())
    stage.oauth = stage.client(MailUpOAuth, transport=diary.transport(stage.transport), observer=diary)
    living = Life(stage)
    for deed in life:
        before = len(living.tokens)
        living.do(deed)
        diary.entries += living.tokens[before:]
    return diary.entries, stage.oauth._core.setting.credential


def told(change):
    """Return the events that a change stored."""
    return [read_record(line).event for line in change.records]


def intent(event):
    """Return the mark of what an event announces to be sent."""
    match event:
        case e.RefreshStarted():
            return event.intent.mark
        case e.CallbackAccepted():
            return event.code.mark
        case e.IdentityAsked():
            return event.access.mark
        case _:
            return None


def carried(request, credential):
    """Return the mark of what a request carries: a refresh token, a code, or an access token."""
    form = {name: values[0] for name, values in parse_qs(request.body.reveal()).items()}
    bearer = request.authorization.reveal().removeprefix("Bearer ")
    return credential(Secret(form.get("refresh_token") or form.get("code") or bearer)).mark


def received(exchange):
    """Return the tokens that an answer holds, if all of it can be read."""
    body = exchange.body if isinstance(exchange, HttpResponse) and exchange.status == 200 else b""
    try:
        members = json.loads(body)
    except ValueError:
        return []
    return [members[name] for name in ("access_token", "refresh_token") if name in members]


def of(kind, entries):
    """Return the entries of one kind, each with what was noted before it."""
    return [(entry, entries[:place]) for place, entry in enumerate(entries) if isinstance(entry, kind)]


def changes(entries):
    """Return all changes among entries."""
    return [entry for entry, _ in of(Change, entries)]


def unannounced(entries, credential):
    """Return the requests whose intent was not the last thing to be stored before."""
    return [
        request
        for request, before in of(HttpRequest, entries)
        if carried(request, credential) not in map(intent, told(changes(before)[-1]))
    ]


def sent_too_often(entries, credential):
    """Return what was sent more often than it was announced."""
    announced = Counter(intent(event) for change in changes(entries) for event in told(change))
    return Counter(carried(request, credential) for request, _ in of(HttpRequest, entries)) - announced


def not_stored_next(entries, credential):
    """Return the answers with tokens after which something else was done than to store those tokens."""
    lost = []
    for place, entry in enumerate(entries):
        tokens = received(entry)
        after = entries[place + 1] if tokens else None
        kept = b"".join(after.records).decode() if isinstance(after, Change) else ""
        lost += [token for token in tokens if credential(Secret(token)).mark.digest not in kept]
    return lost


def told_too_early(entries):
    """Return the notices of events that were not stored before; a callback that no journal lists is only counted."""
    early = []
    for notice, before in of(Notice, entries):
        stored = [type(event).__name__ for change in changes(before) for event in told(change)]
        so_far = sum(other.what == notice.what for other, _ in of(Notice, before))
        uncounted = notice.what.startswith("callback:")
        early += [] if uncounted or stored.count(notice.what) > so_far else [notice]
    return early


def handed_out_too_early(entries):
    """Return the tokens that were handed out before they were stored."""
    return [
        token
        for token, before in of(AccessToken, entries)
        if not any(token.mark.digest.encode() in change.row.clear for change in changes(before))
    ]


def in_the_clear(entries):
    """Return the tokens that stand in the clear where no secret may stand."""
    tokens = [token for entry in entries for token in received(entry)]
    shown = repr([entry for entry in entries if isinstance(entry, Notice | Change | HttpRequest)])
    written = b"".join(part for change in changes(entries) for part in (change.row.clear, *change.records)).decode()
    return [token for token in (*tokens, CANARY) if token in shown + written]


@settings(max_examples=25)
@example(life=[begin, coming_back("m1"), *DEEDS])
@given(life=lives)
def test_sec_21_store_before_send_and_store_before_tell(life):
    """Each request's intent is stored right before it, each token right after it came, and only then is anybody told."""
    entries, credential = lived(life)

    assert [] == unannounced(entries, credential)
    assert Counter() == sent_too_often(entries, credential)
    assert [] == not_stored_next(entries, credential)
    assert [] == told_too_early(entries)
    assert [] == handed_out_too_early(entries)
    assert [] == in_the_clear(entries)


@pytest.mark.parametrize("kind", [HttpRequest, HttpResponse, Notice, AccessToken])
def test_the_lives_are_full_enough(kind):
    """The life in which everything happens has requests, answers, notices and tokens to look at."""
    entries, _ = lived([begin, coming_back("m1"), *DEEDS])

    assert len(of(kind, entries)) > 2
