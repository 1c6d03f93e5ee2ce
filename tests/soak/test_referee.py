"""The soak's referee sees every breach of a promise, and none where there is none."""

import attrs
import pytest


class Story:
    """
    A soak in which everything went as promised, to be told otherwise.

    Two connections were refreshed twice.  At the second refresh the first sender was killed before it could store: at the
    strict server that ended the authorization, a caller was told so, and the user logged on again; the one with a grace gave
    the same again.  Three users authorized anew: the first in a process that lived, the second in one that was killed when
    its code had been granted, the third in one whose request was dropped, and that was told so.
    """

    def __init__(self, names):
        self.passage, self.entry, self.told = names["Passage"], names["Entry"], names["Told"]
        self.passages = [
            self.sent(1, "s0", 1.0, born="s1"),
            self.sent(1, "s1", 2.0, born="s2"),
            self.sent(2, "s1", 5.0, status=400),
            self.sent(3, "g0", 1.0, born="g1"),
            self.sent(3, "g1", 2.0, born="g2"),
            self.sent(4, "g1", 5.0, born="g2"),
            self.exchanged(5, "sc1", 6.0, born="s21"),
            self.exchanged(6, "sc2", 7.0, born="s22"),
            self.exchanged(5, "sc3", 8.0, status=0),
        ]
        self.killed = {1: 2.5, 3: 2.5, 6: 7.5}
        self.strict = [
            self.entry(event="TokensIssued", refresh="s0"),
            self.entry(event="TokensRefreshed", refresh="s1"),
            self.entry(event="GrantDied", cause="rotation-outcome-lost"),
            self.entry(event="TokensIssued", refresh="s9"),
        ]
        self.grace = [self.entry(event="TokensRefreshed", refresh=f"g{number}") for number in range(3)]
        self.anew = [
            self.entry(event="TokensIssued", refresh="s20"),
            self.entry(event="CallbackAccepted", code="sc1", attempt="a1", actor="5"),
            self.entry(event="TokensIssued", refresh="s21", attempt="a1"),
            self.entry(event="CallbackAccepted", code="sc2", attempt="a2", actor="6"),
            self.entry(event="ExchangeFailed", cause="exchange-outcome-lost", attempt="a2"),
            self.entry(event="CallbackAccepted", code="sc3", attempt="a3", actor="5"),
            self.entry(event="ExchangeFailed", cause="exchange-outcome-lost", attempt="a3"),
        ]
        self.heard = [self.says("rotation-outcome-lost", 2, 3), self.says("exchange-outcome-lost", 5, 7, attempt="a3")]
        self.more = {}

    def says(self, reason, since, until, *, attempt=""):
        """Return what a caller was told who asked for a token, or completed an attempt."""
        connection = "strict-anew" if attempt else "strict-1"
        return self.told(connection=connection, reason=reason, since=since, until=until, attempt=attempt)

    def sent(self, incarnation, spent, asked, *, status=200, born=""):
        """Return a passage; the first letter of a token tells its server."""
        server = {"s": "strict", "g": "grace"}[spent[0]]
        told = {"server": server, "incarnation": incarnation, "spent": spent, "asked": asked, "status": status}
        return self.passage(**told, born=born, answered=asked + 0.1)

    def exchanged(self, *args, **more):
        """Return the passage of a code."""
        return attrs.evolve(self.sent(*args, **more), grant="authorization_code")

    def facts(self, names):
        """Return it as facts."""
        journals = {"strict-1": tuple(self.strict), "grace-1": tuple(self.grace), "strict-anew": tuple(self.anew)}
        told = {"passages": tuple(self.passages), "journals": journals, "told": tuple(self.heard)}
        return names["Facts"](**told, killed=self.killed, **self.more)


def test_the_referee_is_content_with_what_was_promised(names):
    """One kill in the window costs one authorization at the strict server, none where there is a grace, and is counted."""
    verdict = names["judged"](Story(names).facts(names))

    assert verdict.is_kept
    assert ({"strict": 1, "grace": 1}, {"strict": 1, "grace": 0}) == (verdict.windows, verdict.lost)
    assert [{"strict": 0, "grace": 0}] * 2 == [verdict.early, verdict.replaced]
    assert {"strict": 1, "grace": 0} == verdict.unclaimed


def test_the_referee_tells_what_was_replaced_in_time(names):
    """Where the user authorizes anew before a lost answer is noticed nothing is lost, and the one is counted for the other."""
    story = Story(names)
    del story.strict[2], story.passages[2], story.heard[0]
    verdict = names["judged"](story.facts(names))

    assert verdict.is_kept
    assert [{"strict": 0, "grace": 0}, {"strict": 1, "grace": 0}] == [verdict.lost, verdict.replaced]


def test_the_referee_lets_a_dropped_request_be_sent_again(names):
    """A refresh token whose request the relay dropped comes again from the same process, and that is no double send."""
    story = Story(names)
    story.passages += [story.sent(4, "g2", 7.0, status=0), story.sent(4, "g2", 9.5, born="g3")]
    story.grace.append(story.entry(event="TokensRefreshed", refresh="g3"))

    assert names["judged"](story.facts(names)).is_kept


def test_the_referee_tells_an_early_kill(names):
    """A sender that was killed while its request was on the way is counted apart."""
    story = Story(names)
    story.killed[1] = 2.05

    assert {"strict": 1, "grace": 0} == names["judged"](story.facts(names)).early


def never_stored(story):
    """A refresh token is sent that is in no journal."""
    story.passages.append(story.sent(4, "g7", 7.0, born="g8"))
    story.grace.append(story.entry(event="TokensRefreshed", refresh="g8"))


def sent_by_the_living(story):
    """The first sender of a token that comes twice was not killed."""
    story.passages += [story.sent(4, "g2", at, born="g3") for at in (7.0, 9.0)]
    story.grace.append(story.entry(event="TokensRefreshed", refresh="g3"))


def sent_too_early(story):
    """A token comes again while the server is still deciding."""
    story.passages[5] = attrs.evolve(story.passages[5], asked=2.05)
    story.killed[3] = 2.01


def dropped_by_the_living(story):
    """An answer came to somebody who lives, and was not stored."""
    story.passages.append(story.sent(9, "s9", 7.0, born="s10"))


def dropped_before_the_kill(story):
    """An answer was not stored, and its sender went on to other things before it was killed."""
    story.passages.append(story.sent(3, "g1", 2.3, born="g2"))


def refused(story):
    """A token is refused that was never granted before."""
    story.passages.append(story.sent(4, "g2", 7.0, status=400))


def ended_without_need(story):
    """An authorization ends though no answer was lost."""
    story.strict.append(story.entry(event="GrantDied", cause="rotation-outcome-lost"))


def ended_for_another_reason(story):
    """A lost answer is taken for something else."""
    story.strict[2] = story.entry(event="GrantDied", cause="refresh-token-refused")


def ended_in_spite_of_a_grace(story):
    """An authorization ends at the server with a grace."""
    story.grace.append(story.entry(event="GrantDied", cause="rotation-outcome-lost"))


def cost_nothing(story):
    """The end of an authorization is missing that must have ended, and that no other took the place of."""
    del story.strict[2:]


def cost_twice(story):
    """One lost answer ends an authorization twice."""
    story.strict.insert(2, story.strict[2])


def code_never_stored(story):
    """A code is sent that is in no journal."""
    story.passages.append(story.exchanged(5, "sc7", 9.0, born="s21"))


def code_sent_twice(story):
    """A code is sent again after its sender was killed."""
    story.passages.append(story.exchanged(7, "sc2", 9.0, status=400))


def tokens_for_a_code_dropped(story):
    """Tokens for a code came to somebody who lives, and were not stored."""
    del story.anew[2]


def exchange_failed_by_the_living(story):
    """An exchange is given up though its process lives and was answered."""
    story.killed.pop(6)


def exchange_refused(story):
    """An exchange ends otherwise than by a lost answer."""
    story.anew[4] = attrs.evolve(story.anew[4], cause="exchange-refused")


def told_before_the_death(story):
    """A caller is told to reauthorize while the authorization is alive: the answer is lost, but not the authorization yet."""
    story.heard.append(story.says("rotation-outcome-lost", 1, 2))


def told_after_the_return(story):
    """A caller is told to reauthorize though the user has come back before the call."""
    story.heard.append(story.says("rotation-outcome-lost", 4, 4))


def told_for_another_reason(story):
    """A caller is told of another end than the journal tells of."""
    story.heard.append(story.says("refresh-token-refused", 2, 3))


def told_of_a_success(story):
    """A user is sent away though the attempt led to tokens."""
    story.heard.append(story.says("exchange-outcome-lost", 1, 7, attempt="a1"))


BREACHES = {
    never_stored: "tokens and codes sent before they were stored",
    code_never_stored: "tokens and codes sent before they were stored",
    code_sent_twice: "double sends",
    tokens_for_a_code_dropped: "received tokens lost",
    exchange_failed_by_the_living: "exchanges that failed without need",
    exchange_refused: "exchanges that failed without need",
    told_before_the_death: "false reauthorize told to a caller",
    told_after_the_return: "false reauthorize told to a caller",
    told_for_another_reason: "false reauthorize told to a caller",
    told_of_a_success: "false reauthorize told to a caller",
    sent_by_the_living: "double sends",
    sent_too_early: "double sends",
    dropped_by_the_living: "received tokens lost",
    dropped_before_the_kill: "received tokens lost",
    refused: "refused without a lost answer",
    ended_without_need: "false reauthorize",
    ended_for_another_reason: "false reauthorize",
    ended_in_spite_of_a_grace: "authorizations lost in spite of a grace",
    cost_nothing: "lost answers and lost authorizations that do not match",
    cost_twice: "lost answers and lost authorizations that do not match",
}


@pytest.mark.parametrize(("breach", "promise"), BREACHES.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_the_referee_sees_every_breach(names, breach, promise):
    """Each way to break a promise is seen, and is told under its promise."""
    story = Story(names)
    breach(story)

    assert names["judged"](story.facts(names)).broken[promise]


@pytest.mark.parametrize(
    ("told", "promise"),
    [
        ("unverified", "journals that fail to verify"),
        ("complaints", "unexpected errors"),
        ("unserved", "connections not served at the end"),
    ],
)
def test_the_referee_repeats_what_others_saw(names, told, promise):
    """What the ledger, the workers and the end of the soak tell is a breach as well."""
    story = Story(names)
    story.more = {told: ("grace-1",)}
    verdict = names["judged"](story.facts(names))

    assert ["grace-1"] == verdict.broken[promise]
    assert not verdict.is_kept
