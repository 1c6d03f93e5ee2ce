"""A text with what stands in it in disguise, so that a secret is found in whatever form it leaks."""

import re
from base64 import b64decode, urlsafe_b64decode
from urllib.parse import unquote


def in_all_forms(text):
    """Return a text with what stands in it percent-encoded or in base64."""
    forms = [text, unquote(text)]
    for word in re.findall(r"[A-Za-z0-9_+/-]{8,}", text):
        for decode in (b64decode, urlsafe_b64decode):
            try:
                forms.append(decode(word + "=" * (-len(word) % 4)).decode("latin-1"))
            except ValueError:
                continue
    return "\n".join(forms)
