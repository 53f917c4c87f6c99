"""A browser's habits as far as sign-in needs them: cookies by host, Fetch Metadata, redirects, forms, frames."""

import http.client
import json
import re
import time
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

MAX_STEPS = 25
PATIENCE = 60


class Browser:
    def __init__(self):
        # Host name -> cookie name -> (value, path). Ports share cookies, as in real browsers.
        self.jar = {}

    def open(self, url):
        """Opens an address as from the address bar and follows redirects."""
        return self.navigate("GET", url, None, None)

    def follow(self, page, url):
        """Follows a link of `page`."""
        return self.navigate("GET", urljoin(page.url, url), None, page.url)

    def submit(self, page, fill=None, button=None, to=""):
        """Submits the first form of `page` whose action holds `to`, with some fields filled in."""
        form = next((form for form in page.forms if to in form.action), None)
        if form is None:
            raise AssertionError(f"no form to send at {page.summary()}")
        if button and button not in form.buttons:
            raise AssertionError(f"no button {button!r} at {page.summary()}")
        fields = {**form.fields, **({button: form.buttons[button]} if button else {}), **(fill or {})}
        target = urljoin(page.url, form.action)
        if form.method == "get":
            return self.navigate("GET", f"{target}?{urlencode(fields)}", None, page.url)
        return self.navigate("POST", target, urlencode(fields), page.url)

    def load_frames(self, page):
        """Loads the hidden frames of `page`, as a browser does by itself."""
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe",
                   "Accept": "text/html"}
        return [self.send("GET", urljoin(page.url, frame), None, headers, own=False) for frame in page.frames]

    def fetch(self, url):
        """Asks as a script of the page would."""
        headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty",
                   "Accept": "application/json"}
        return self.send("GET", url, None, headers)

    def forget(self, host):
        """Deletes the cookies of one host."""
        self.jar.pop(host, None)

    def navigate(self, method, url, body, came_from):
        same = came_from is None or urlsplit(came_from).hostname == urlsplit(url).hostname
        for _ in range(MAX_STEPS):
            site = "none" if came_from is None else ("same-origin" if same else "cross-site")
            headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                       "Accept": "text/html"}
            if body is not None:
                parts = urlsplit(came_from)
                headers["Origin"] = f"{parts.scheme}://{parts.netloc}"
            page = self.send(method, url, body, headers, own=same or method == "GET")
            onward = page.onward()
            if onward is None:
                return page
            target = urljoin(url, onward)
            same = same and urlsplit(target).hostname == urlsplit(url).hostname
            if page.status not in (307, 308):
                method, body = "GET", None
            url = target
        raise AssertionError(f"redirects without end at {without_query(url)}")

    def send(self, method, url, body, headers, own=True):
        """One request. `own`: cookies that are SameSite=Lax go along."""
        parts = urlsplit(url)
        jar = self.jar.setdefault(parts.hostname, {})
        path = parts.path or "/"
        if own:
            cookies = [f"{name}={value}" for name, (value, scope) in jar.items() if path.startswith(scope)]
            if cookies:
                headers = {**headers, "Cookie": "; ".join(cookies)}
        if body is not None:
            headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        answer = request(method, url, body, headers)
        page = Page(url, *answer)
        for name, value in page.headers:
            if name.lower() == "set-cookie":
                keep(jar, value)
        return page


def request(method, url, body=None, headers=None, patience=PATIENCE):
    """One HTTP request: status, headers, text."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, {**(headers or {}), "Connection": "close"})
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read().decode("utf-8", "replace")
    finally:
        connection.close()


def keep(jar, line):
    pair, *attributes = [part.strip() for part in line.split(";")]
    name, _, value = pair.partition("=")
    found = {key.lower(): text for key, _, text in (attribute.partition("=") for attribute in attributes)}
    if is_gone(found):
        jar.pop(name, None)
    else:
        jar[name] = (value, found.get("path") or "/")


def is_gone(attributes):
    if "max-age" in attributes:
        return attributes["max-age"].startswith(("0", "-"))
    if "expires" not in attributes:
        return False
    try:
        return parsedate_to_datetime(attributes["expires"]).timestamp() < time.time()
    except ValueError:
        return False


class Page:
    def __init__(self, url, status, headers, text):
        self.url, self.status, self.headers, self.text = url, status, headers, text
        reader = Reader()
        reader.feed(text)
        self.forms, self.frames, self.links, self.refresh = reader.forms, reader.frames, reader.links, reader.refresh
        self.words = " | ".join(" ".join(words.split()) for words in reader.words if words.strip())

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    def json(self):
        return json.loads(self.text)

    def onward(self):
        """Where it leads by itself: a redirect, or a page that goes on at once."""
        if self.status in (301, 302, 303, 307, 308):
            return self.header("location")
        return self.refresh

    def has_field(self, name):
        return any(name in form.fields for form in self.forms)

    def has_button(self, name):
        return any(name in form.buttons for form in self.forms)

    def summary(self):
        """For messages: no query, since it may hold a code."""
        return f"{self.status} {without_query(self.url)} ({self.words or self.text[:200]})"


def without_query(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


class Form:
    def __init__(self, attributes):
        self.action, self.method = attributes.get("action") or "", (attributes.get("method") or "get").lower()
        self.fields, self.buttons = {}, {}


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms, self.frames, self.links, self.words = [], [], [], []
        self.refresh = self.form = None
        self.is_heading = False

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        # Keycloak has links that are buttons.
        clicked = re.search(r"location\.href='([^']+)'", found.get("onclick") or "")
        if clicked:
            self.links.append(clicked[1])
        if tag == "form":
            self.form = Form(found)
            self.forms.append(self.form)
        elif tag in ("input", "button") and self.form is not None:
            self.add_field(tag, found)
        elif tag == "iframe" and found.get("src"):
            self.frames.append(found["src"])
        elif tag == "a" and found.get("href"):
            self.links.append(found["href"])
        elif tag == "meta" and (found.get("http-equiv") or "").lower() == "refresh":
            _, _, self.refresh = (found.get("content") or "").partition("url=")
            self.refresh = self.refresh or None
        elif tag in ("title", "h1", "h2", "code"):
            self.is_heading = True
            self.words.append("")

    def add_field(self, tag, found):
        name, kind = found.get("name"), (found.get("type") or "text").lower()
        if not name:
            return
        if tag == "button" or kind in ("submit", "image"):
            self.form.buttons[name] = found.get("value") or ""
        elif kind not in ("checkbox", "radio") or "checked" in found:
            self.form.fields[name] = found.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag in ("title", "h1", "h2", "code"):
            self.is_heading = False

    def handle_data(self, data):
        if self.is_heading:
            self.words[-1] += data
