"""A secret is revealed where it goes through a door, and in no other module."""

import ast

DOORS = {
    "domain/secret.py": "compares two",
    "domain/tokens.py": "tells the application how",
    "domain/wire/callback.py": "hashes a nonce",
    "domain/wire/forms.py": "writes Basic credentials",
    "domain/wire/requests.py": "writes what is sent",
    "journal/vaults.py": "seals at once",
    "engine/flows.py": "reads a callback, which came as one",
    "adapters/cipher/marker.py": "marks",
    "adapters/auth/promises.py": "writes the Authorization header",
    "adapters/cli/awaiting.py": "looks for the nonce in an address",
    "adapters/cli/handing.py": "prints the token that was asked for by name",
    "adapters/cli/login.py": "sends the browser, and hands on its answer",
    "adapters/transport/httpx.py": "writes to the socket",
    "adapters/web/cookies.py": "seals the binding into a cookie, and looks whose attempt a callback is about",
    "adapters/web/steps.py": "hands on the browser's answer",
    "adapters/web/visit.py": "sends the browser",
}
"""Every module of the client that may, and what for."""

OTHER_SIDE = (
    "sandbox/",
    "testing/",
    "adapters/transport/sandbox.py",
    "adapters/cli/demo.py",
    "adapters/cli/checks_there.py",
    "adapters/cli/sandboxing.py",
)
"""MailUp's own side and those who play a user: their secrets are made up."""


def reveals(tree):
    """Say whether a module reveals, or tells how to."""
    return any(isinstance(node, ast.Attribute) and node.attr == "reveal" for node in ast.walk(tree))


def test_sec_47_secrets_are_revealed_at_the_doors_only(modules):
    """The modules that call ``reveal`` are those that are listed, and each that is listed still does."""
    found = {name for name, (_, tree) in modules.items() if reveals(tree) and not name.startswith(OTHER_SIDE)}

    assert DOORS.keys() - {"domain/tokens.py"} == found


def test_sec_71_nothing_evaluates_unpickles_or_starts_programs(modules):
    """No module can run text, unpickle, or start another program."""
    forbidden = {"eval", "exec", "compile", "pickle", "marshal", "shelve", "subprocess", "yaml", "__import__"}
    found = {
        f"{name}: {word}"
        for name, (_, tree) in modules.items()
        for node in ast.walk(tree)
        for word in words(node)
        if word in forbidden
    }

    assert set() == found


def words(node):
    """Return the names of what a node imports or calls by its bare name."""
    match node:
        case ast.Import(names=names):
            return [alias.name.partition(".")[0] for alias in names]
        case ast.ImportFrom(module=str(module)):
            return [module.partition(".")[0]]
        case ast.Call(func=ast.Name(id=name)):
            return [name]
        case _:
            return []


def test_sec_68_sql_is_never_put_together_from_values(modules):
    """Where SQL is run, its text is a constant, or made of this module's own constants."""
    made_up = {
        f"{name}:{node.lineno}"
        for name, (_, tree) in modules.items()
        for node in ast.walk(tree)
        if is_execute(node) and isinstance(node.args[0], ast.JoinedStr) and not is_of_constants(node.args[0])
    }

    assert set() == made_up


def is_execute(node):
    """Say whether a node runs SQL."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("execute")


def is_of_constants(text):
    """Say whether an f-string takes in only names of constants."""
    parts = [part.value for part in text.values if isinstance(part, ast.FormattedValue)]
    return all(isinstance(part, ast.Name) and part.id.isupper() for part in parts)


def test_sec_01_no_other_grant_is_offered(modules):
    """The client knows the code and the refresh grant, and no module of it names another."""
    others = {"password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:device_code"}
    found = {
        f"{name}: {node.value}"
        for name, (_, tree) in modules.items()
        if name.startswith(("domain/", "engine/", "client/", "journal/", "ports.py"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in others
    }

    assert set() == found
