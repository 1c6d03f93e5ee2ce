"""The second look at mutants counts honestly, and what is explained is about functions that are there."""

import runpy
from collections import Counter

import pytest

NAME = "mailup_oauth.domain.instants.x_later__mutmut_{}"
WHERE = "domain.instants.later"
NOTHING = Counter()
DIFF = """--- src/mailup_oauth/domain/instants.py
+++ src/mailup_oauth/domain/instants.py
@@ -1,3 +1,3 @@
 def later(moment: datetime, span: timedelta) -> datetime:
-    {}
+    {}
"""


@pytest.fixture(scope="session")
def look(root):
    """The script that ``./dev mutate`` runs after mutmut."""
    return runpy.run_path(str(root / "tests" / "second_look.py"))


@pytest.fixture(scope="session")
def known(look, root):
    """What the document explains."""
    return look["explained"]((root / "docs" / "mutants.md").read_text())


def original(what):
    """Return the words of the program in which a mutant changes something."""
    before, _, rest = what.partition("\u27e6")
    old, _, rest = rest.partition(" \u2192 ")
    return " ".join(f"{before}{'' if old == '(nothing)' else old}{rest.partition(chr(0x27E7))[2]}".split())


@pytest.fixture(scope="session")
def texts(modules):
    """The words of each module, by its name below ``mailup_oauth``."""
    names = {name: name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in modules}
    return {names[name]: " ".join(text.split()) for name, (text, _) in modules.items()}


def test_every_explained_mutant_is_of_a_line_that_is_there(known, texts):
    """Whoever changes a line changes its mutants: what was said about them is to be judged anew, or struck out."""
    gone = [
        (where, what)
        for where, what in known
        if f"def {where.rpartition('.')[2]}(" not in texts[where.rpartition(".")[0]]
        or original(what) not in texts[where.rpartition(".")[0]]
    ]

    assert known
    assert [] == gone


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("return a + b", "return a - b", "return a \u27e6+ \u2192 -\u27e7 b"),
        ("raise Gone(problem)", "raise Gone(None)", "raise Gone(\u27e6problem \u2192 None\u27e7)"),
        ('say("a b")', 'say("XXa bXX")', 'say(\u27e6"a b" \u2192 another text\u27e7)'),
        ('say("a b")', 'say("A B")', 'say(\u27e6"a b" \u2192 another text\u27e7)'),
        ('say("a b")', "say(None)", 'say(\u27e6"a b" \u2192 None\u27e7)'),
        ("zip(a, strict=True)", "zip(a, )", "zip(a, \u27e6strict=True \u2192 (nothing)\u27e7)"),
    ],
)
def test_a_mutant_is_told_by_what_it_changes(look, old, new, said):
    """The number that mutmut gives it moves with every edit; the words do not."""
    assert said == look["change"](DIFF.format(old, new))


def test_a_mutant_is_placed_in_its_function(look):
    """Functions and methods are named as a reader finds them."""
    assert WHERE == look["place"](NAME.format(7))
    assert "domain.instants.Wait.remaining" == look["place"](
        "mailup_oauth.domain.instants.x\u01c1Wait\u01c1remaining__mutmut_3"
    )


def test_what_is_listed_is_read_again(look):
    """The script reads the lists that it writes."""
    changes = Counter({(WHERE, "a \u27e6b \u2192 c\u27e7"): 3, ("domain.resume.resume", "\u27e6d \u2192 e\u27e7"): 1})

    assert changes == look["explained"](f"# Why\n\n```mutants\n{look['listed'](changes)}\n```\n")


def told(look, survivors, noticed=(), known=NOTHING, tried=100):
    """Tell of some mutants, the last of which were left alive."""
    names = [NAME.format(number) for number in range(tried)]
    changes = {name: (WHERE, f"\u27e6{name[-2:]} \u2192 x\u27e7") for name in names[tried - survivors :]}
    fates = dict.fromkeys(names, "killed") | dict.fromkeys(changes, "survived")
    return look["report"](fates, changes, {names[-number] for number in noticed}, known)


def test_the_score_is_reached_or_not(look):
    """Five of a hundred may stay unnoticed and six may not; what is noticed in a process of its own counts."""
    assert [True, False, True] == [told(look, 5)[1], told(look, 6)[1], told(look, 6, noticed=[1])[1]]


def test_what_was_not_tried_raises_no_score(look):
    """A mutant that was skipped is neither noticed nor unnoticed."""
    changes = {NAME.format(1): (WHERE, "x")}
    fates = {NAME.format(1): "survived", NAME.format(2): "killed"} | {NAME.format(9): "not checked"}

    assert "50.00 %" in look["report"](fates, changes, set(), Counter())[0]


def test_an_explanation_saves_no_mutant_from_being_counted(look):
    """What the document explains is alive all the same; what it does not explain is named."""
    listed = Counter({(WHERE, "\u27e699 \u2192 x\u27e7"): 1})
    said, is_reached = told(look, 6, known=listed)

    assert not is_reached
    assert "5 not explained" in said
    assert "1 explained, but noticed or gone" in told(look, 6, noticed=[1], known=listed)[0]


def test_one_explanation_explains_one_mutant(look):
    """A second one that looks alike is looked at again."""
    changes = {NAME.format(number): (WHERE, "x") for number in (1, 2)}

    assert [NAME.format(2)] == look["unexplained"](changes, Counter({(WHERE, "x"): 1}))
