"""A browser as far as this needs one: one request, no redirects, cookies by hand."""

import http.client
from urllib.parse import urlsplit

PATIENCE = 30
REFRESH = b'http-equiv="refresh"'

NAVIGATION = {
    "Accept": "text/html,*/*;q=0.8",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}
SCRIPT = {"Accept": "*/*", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
FORM = {
    **NAVIGATION,
    "Sec-Fetch-Site": "same-origin",
    "Content-Type": "application/x-www-form-urlencoded",
}


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    def leads_to_provider(self):
        """A sign-out's acknowledgement: a redirect, or for a navigation the page that goes on by itself."""
        return self.status == 303 or (self.status == 200 and REFRESH in self.body)

    def cookies(self):
        """Cookies that are set, by name; `None` for those that are removed."""
        found = {}
        for key, value in self.headers:
            if key.lower() == "set-cookie":
                pair, _, attributes = value.partition(";")
                name, _, text = pair.partition("=")
                found[name.strip()] = None if "max-age=0" in attributes.lower() else text
        return found


def send(port, host, target, headers, cookies=None, body=None, method=None, patience=PATIENCE):
    """`None`: no answer, or only a part of one."""
    headers = {**headers, "Host": host, "Connection": "close"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request(method or ("POST" if body is not None else "GET"), target, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def target_of(url):
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
