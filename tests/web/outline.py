"""A page as a reader without eyes has it: its elements in order, its words, and what is wrong with it as HTML."""

from html.parser import HTMLParser

VOID = {"meta", "input", "link", "br", "img", "hr"}
PHRASES_ONLY = {"p", "h1", "h2", "dt", "button", "code", "small", "span", "title"}
"""Elements that hold text and phrases; a block inside one of them is moved out by browsers."""
BLOCKS = {"p", "div", "form", "dl", "ol", "ul", "li", "h1", "h2", "main", "table"}


class Outline(HTMLParser):
    """Reads a page; ``problems`` is empty if every element is closed where it should be, and nested as it may be."""

    def __init__(self, body):
        super().__init__(convert_charrefs=True)
        self.elements, self.problems, self._open, self._words = [], [], [], []
        self.feed(body)
        self.close()
        self.problems += [f"<{name}> is never closed" for name, _ in self._open]

    def handle_decl(self, decl):
        """Note the doctype."""
        self.elements.append((f"!{decl.lower()}", {}, []))

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.problems.append(f"<{tag}> has an attribute twice")
        self.problems += [f"<{tag}> inside <{outer}>" for outer, _ in self._open if self._may_not(tag, outer)]
        words = []
        self.elements.append((tag, dict(attrs), words))
        if tag not in VOID:
            self._open.append((tag, words))

    def handle_endtag(self, tag):
        """Close an element."""
        if not self._open or self._open[-1][0] != tag:
            self.problems.append(f"</{tag}> closes {self._open[-1][0] if self._open else 'nothing'}")
        else:
            self._open.pop()

    def handle_data(self, data):
        """Hear what is said."""
        self._words.append(data)
        for _, words in self._open:
            words.append(data)

    @staticmethod
    def _may_not(tag, outer):
        return (outer in PHRASES_ONLY and tag in BLOCKS) or (outer == tag and tag in {"form", "a", "button"})

    def all(self, *tags):
        """Return attributes and words of every element of these kinds."""
        return [(attrs, "".join(words).strip()) for tag, attrs, words in self.elements if tag in tags]

    def text(self, tag):
        """Return the words of each element of a kind."""
        return [words for _, words in self.all(tag)]

    def addresses(self):
        """Return every address that the page names, whatever for."""
        kinds = ("href", "src", "action", "formaction", "poster", "data", "srcset")
        return [value for _, attrs, _ in self.elements for kind, value in attrs.items() if kind in kinds]

    def nameless(self):
        """Return the controls that a screen reader could not call by a name, and the lists without a term."""
        shown = [(attrs, words) for attrs, words in self.all("button", "a") if not words and "aria-label" not in attrs]
        labelled = {attrs.get("for") for attrs, _ in self.all("label")}
        inputs = [attrs for attrs, _ in self.all("input", "select", "textarea") if attrs.get("type") != "hidden"]
        return shown + [one for one in inputs if "aria-label" not in one and one.get("id") not in labelled - {None}]
