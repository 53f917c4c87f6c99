"""What stands between webapp and a server, and what stands in for an API."""

import base64
import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

# Longer than webapp waits.
HANGING = 30
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection"}


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(handler, port=0):
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


CUT, HANG, LOSE = "cut", "hang", "lose"


class Recorder:
    """A reverse proxy in front of a server: notes the calls of the token endpoint, and can spoil them.

    `fault` is one of `CUT` (closed before the server hears of the call), `HANG` (never answered) and `LOSE` (the server
    has answered, and its answer is lost once).
    """

    def __init__(self, upstream):
        self.upstream, self.calls, self.fault = upstream, [], None
        recorder = self

        class Handler(Quiet):
            def do_GET(self):
                recorder.pass_on(self)

            do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_GET

        self.server = serve(Handler)
        self.port = self.server.server_address[1]

    def pass_on(self, handler):
        body = handler.body()
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in HOP_BY_HOP}
        fault = self.fault if is_of_webapp(handler, body) else None
        if fault in (CUT, HANG):
            time.sleep(0 if fault == CUT else HANGING)
            handler.close_connection = True
            return
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        try:
            connection.request(handler.command, handler.path, body or None, {**headers, "Connection": "close"})
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            # As when the server itself is away: no answer.
            handler.close_connection = True
            return
        finally:
            connection.close()
        kept = [(name, value) for name, value in response.getheaders()
                if name.lower() not in HOP_BY_HOP and name.lower() != "content-length"]
        self.note(handler, body, response.status, content)
        if fault == LOSE:
            self.fault, handler.close_connection = None, True
            return
        try:
            handler.answer(response.status, kept, content)
        except OSError:
            handler.close_connection = True

    def note(self, handler, body, status, content):
        if not is_of_webapp(handler, body):
            return
        form = fields_of(body)
        self.calls.append({
            "grant": form.get("grant_type", "revocation"),
            "status": status,
            "error": error_word(content),
            "auth": "basic" if "authorization" in handler.headers else "post",
            "client": client_of(handler, form),
        })

    def grants(self, kind, since=0):
        return [call for call in self.calls[since:] if call["grant"] == kind]


def fields_of(body):
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def is_of_webapp(handler, body):
    """A call of the token or revocation endpoint; the administrator of the walk is another client."""
    if handler.command != "POST" or "cookie" in handler.headers:
        return False
    form = fields_of(body)
    return ("grant_type" in form or "token" in form) and form.get("client_id") != "admin-cli"


def client_of(handler, form):
    if "authorization" not in handler.headers:
        return form.get("client_id")
    text = handler.headers["authorization"].partition(" ")[2]
    return base64.b64decode(text).decode("utf-8", "replace").partition(":")[0]


def error_word(content):
    try:
        found = json.loads(content)
        return found.get("error") if isinstance(found, dict) else None
    except ValueError:
        return None


class Graph:
    """The API that webapp calls for the user. Remembers which access tokens it has seen."""

    def __init__(self):
        self.tokens = []
        graph = self

        class Handler(Quiet):
            def do_GET(self):
                graph.tokens.append(self.headers.get("Authorization", ""))
                body = json.dumps({"displayName": "Somebody of Graph", "id": "1"}).encode()
                self.answer(200, [("Content-Type", "application/json")], body)

        self.server = serve(Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
