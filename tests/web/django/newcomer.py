"""Somebody who has done what the quickstart says, in a process of the new project's own; prints what they saw."""

import json
import re
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402  # Django comes first
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from tests.web.scene import Person, over_django  # noqa: E402

from mailup_oauth.sandbox.scenario import DEMONSTRATION  # noqa: E402

origin, path = sys.argv[1:]
call_command("check", fail_level="WARNING", stdout=sys.stderr)
call_command("migrate", verbosity=0)
client = Client()
client.force_login(User.objects.create_superuser("ada"))
session = client.cookies[settings.SESSION_COOKIE_NAME].value
user = DEMONSTRATION.users[0]
newcomer = Person(
    over_django(Client(enforce_csrf_checks=True), origin),
    origin=origin,
    at_mailup=user.username,
    password=user.password,
    cookies={settings.SESSION_COOKIE_NAME: session},
)
asked = newcomer.ask("GET", path, {"accept": "text/html"})
form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', asked.body.partition("<form")[2].partition("</form>")[0]))
began = newcomer.submits("/mailup/begin", form)
lists = newcomer.follows(newcomer.returns(newcomer.consents(began.location)))
print(json.dumps([[asked.status, "Connect to MailUp</button>" in asked.body], [lists.status, lists.body]]))  # noqa: T201
