"""The processes: the provider (entra-emulator), one or two instances of webapp, Redis."""

import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from http_client import send

TENANT = "11110000-aaaa-4bbb-8ccc-000000000001"
CLIENT = "00001111-aaaa-4222-8333-000000000001"
SECRET = "c29hay1zb2FrLXNvYWsh" * 5
START = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Process:
    """One process; its output is searched as it comes."""

    def __init__(self, arguments, environment, report, name):
        self.name, self.report, self.lines = name, report, []
        self.has_answered = self.is_ending = False
        # Files beyond the limit that a full disk stands for are an error, not the end: SIGXFSZ stays ignored.
        self.child = subprocess.Popen(
            arguments, env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, restore_signals=False, preexec_fn=restore_pipe, text=True,
            errors="replace")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.child.stdout:
            if "panicked" in line:
                self.report.violation(f"{self.name}: {line.strip()}")
            if " ERROR " in line:
                self.report.count("lines of ERROR")
            self.lines.append(line)
            del self.lines[:-400]

    def notify(self, number):
        self.child.send_signal(number)

    def end(self, number=signal.SIGKILL, patience=40):
        self.is_ending = True
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            return self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.report.violation(f"{self.name} does not end")
            self.child.kill()
            return self.child.wait()

    def lives(self):
        return self.child.poll() is None

    def rss(self):
        try:
            with open(f"/proc/{self.child.pid}/status") as status:
                found = re.search(r"VmRSS:\s+(\d+) kB", status.read())
                return int(found[1]) // 1024 if found else 0
        except OSError:
            return 0


def restore_pipe():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


class Emulator:
    def __init__(self, folder, users, report):
        program = os.path.abspath(os.environ["AAD_SOAK_EMULATOR"])
        directory = subprocess.run([program, "--print-default-config"], check=True, capture_output=True, text=True)
        config = os.path.join(folder, "directory.toml")
        with open(config, "w") as file:
            file.write(directory.stdout + "".join(map(described, range(users))))
        self.port = free_port()
        self.process = Process(
            [program, "--port", str(self.port), "--config", config, "--state-dir", os.path.join(folder, "emulator")],
            {"RUST_LOG": "warn"}, report, "entra-emulator")
        wait(lambda: self.token() is not None, "the emulator does not start", self.process)

    def token(self):
        found = re.search(r"Control API: .*'Authorization: Bearer ([^']+)'", "".join(self.process.lines))
        return found and found[1]

    def control(self, method, path, value=None):
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        body = None if value is None else json.dumps(value)
        answer = send(self.port, f"127.0.0.1:{self.port}", f"/control/{path}", headers, None, body, method)
        if answer is None or answer.status >= 300:
            raise RuntimeError(f"the emulator refuses {method} {path}: {answer and answer.body}")


def identity(number):
    return f"soak{number}@northwind.example.test", f"50a50a50-0000-4000-8000-{number:012}"


def described(number):
    name, object_id = identity(number)
    return (f'\n[[users]]\nid = "{object_id}"\ntenant = "{TENANT}"\nuserPrincipalName = "{name}"\n'
            f'displayName = "Soak {number}"\n')


class Redis:
    """A server that keeps what it has acknowledged."""

    def __init__(self, folder, report):
        self.folder, self.report, self.port = os.path.join(folder, "redis"), report, free_port()
        os.mkdir(self.folder)
        self.process = None
        self.start()

    def start(self):
        self.process = Process(
            ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", self.folder, "--save", "",
             "--appendonly", "yes", "--appendfsync", "always"],
            {"PATH": os.environ["PATH"]}, self.report, "redis-server")
        wait(lambda: b"PONG" in self.tell("PING"), "Redis does not start", self.process)

    def tell(self, command):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as stream:
                stream.sendall(command.encode() + b"\r\n")
                return stream.recv(4096)
        except OSError:
            return b""


class World:
    def __init__(self, webapp, folder, store, users, report):
        self.program, self.folder, self.store, self.report = os.path.abspath(webapp), folder, store, report
        self.count = users
        self.emulator = self.redis = None
        self.instances = []
        self.clock_file = os.path.join(folder, "clock")

    def start(self):
        self.set_clock(0)
        self.emulator = Emulator(self.folder, self.count, self.report)
        if self.store == "redis":
            self.redis = Redis(self.folder, self.report)
        size = 2 if self.redis else 1
        self.ports = [free_port() for _ in range(size)]
        self.host = f"localhost:{self.ports[0]}"
        self.instances = [None] * size
        for number in range(size):
            self.start_instance(number)
        for number in range(size):
            self.wait_ready(number)

    def stop(self):
        servers = [server.process for server in (self.redis, self.emulator) if server]
        for process in filter(None, [*self.instances, *servers]):
            process.notify(signal.SIGCONT)
            process.end()

    def user(self, number):
        return identity(number)

    def settings(self, number):
        if self.redis:
            store = f"redis://127.0.0.1:{self.redis.port}"
        else:
            store = f"file:{self.folder}/private/sessions.redb"
        library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
        return {
            "PATH": os.environ["PATH"],
            "PORT": str(self.ports[number]),
            "AAD_BASE_URL": f"http://{self.host}",
            "AAD_AUTHORITY_HOST": f"http://127.0.0.1:{self.emulator.port}",
            "AAD_GRAPH_URL": f"http://127.0.0.1:{self.emulator.port}",
            "AAD_TENANT_ID": TENANT,
            "AAD_CLIENT_ID": CLIENT,
            "AAD_CLIENT_SECRET": "emulator~secret+for/webapp=1",
            "AAD_SESSION_SECRET": SECRET,
            "AAD_SESSION_STORE": store,
            # Longer than any fault moves the clock: no session ends by its age.
            "AAD_SESSION_IDLE": "12h",
            "AAD_SESSION_MAX": "24h",
            "AAD_PROVIDER_TIMEOUT": "3s",
            "SHUTDOWN_DELAY": "0",
            "RUST_LOG": "warn,webapp=info,webapp::request_log=warn",
            "LD_PRELOAD": library[0] if library else "",
            "FAKETIME_TIMESTAMP_FILE": self.clock_file,
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def has_clock(self):
        return bool(self.settings(0)["LD_PRELOAD"])

    def set_clock(self, seconds):
        # As a whole: the file is read all the time.
        with open(self.clock_file + ".new", "w") as file:
            file.write(f"{seconds:+d}s\n")
        os.replace(self.clock_file + ".new", self.clock_file)

    def start_instance(self, number):
        self.instances[number] = Process(
            [self.program], self.settings(number), self.report, f"webapp {number}")

    def wait_ready(self, number):
        process, port = self.instances[number], self.ports[number]
        wait(lambda: asked(port, "/readyz") == 200, "webapp does not become ready", process)

    def some_port(self, chance):
        return chance.choice(self.ports)

    def is_ready(self):
        return all(asked(port, "/readyz") == 200 for port in self.ports)


def asked(port, path, patience=10):
    answer = send(port, f"localhost:{port}", path, {"Accept": "*/*"}, patience=patience)
    return answer.status if answer else 0


def wait(condition, what, process):
    deadline = time.monotonic() + START
    while not condition():
        if time.monotonic() > deadline or not process.lives():
            raise RuntimeError(f"{what}:\n{''.join(process.lines[-40:])}")
        time.sleep(0.05)


def need(program):
    if not shutil.which(program):
        raise SystemExit(f"soak: {program} is needed")
