"""A client that fills in forms as a browser does."""

import re

from site_store import PASSWORD
from starlette.testclient import TestClient


class Browser(TestClient):
    """A client that fills in forms as a browser does."""

    def form_token(self, path):
        page = self.get(path)
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
        assert found, page.text
        return found.group(1)

    def submit(self, path, *, on=None, **values):
        """Send the form that stands on the page ``on`` (default: the page of that path)."""
        token = self.form_token(on or path)
        return self.post(path, data={**values, "csrf": token}, follow_redirects=False)

    def sign_in(self, name, password=PASSWORD):
        answer = self.submit("/login", name=name, password=password)
        assert answer.status_code == 303, answer.text
        return self
