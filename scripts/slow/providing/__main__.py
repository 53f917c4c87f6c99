"""Real servers, one after the other, from the sign-in to the sign-out."""

import argparse
import os
import signal
import sys
import tempfile

import session_steps
import sign_in_steps
from dex import Dex, DexNext
from hydra import Hydra
from keycloak import Keycloak
from processes import free_port
from provider import Unavailable
from report import FAILED, Report
from walk import Walk
from wire import Graph
from zitadel import Zitadel

STEPS = sign_in_steps.STEPS + session_steps.STEPS
PRODUCTS = {"keycloak": Keycloak, "hydra": Hydra, "dex": Dex, "dex-next": DexNext, "zitadel": Zitadel}
# Each is a registration of its own at the server.
APPLICATIONS = ["main", "front", "roles", "consent", "announced", "wrong", "posted"]


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/slow/providers")
    parser.add_argument("webapp", help="the program")
    parser.add_argument("products", nargs="*", choices=[[], *PRODUCTS], metavar="product",
                        help=f"which servers; default: all of {', '.join(PRODUCTS)}")
    parser.add_argument("--step", action="append", default=[], help="only this step (may be given again)")
    return parser.parse_args()


def main():
    options = arguments()
    # The servers end with the script, also where it is told to stop.
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    cache = os.path.abspath(os.environ.get("AAD_PROVIDERS_CACHE") or "target/providers")
    os.makedirs(cache, exist_ok=True)
    report, graph = Report(), Graph()
    for name in options.products or PRODUCTS:
        visit(PRODUCTS[name], cache, options, graph, report)
    report.print_table([title for title, _ in STEPS])
    sys.exit(1 if report.has_failed() or not report.has_run() else 0)


def visit(product, cache, options, graph, report):
    applications = {name: f"http://localhost:{free_port()}" for name in APPLICATIONS}
    with tempfile.TemporaryDirectory(prefix="providers-") as folder:
        provider = product(cache, folder, applications)
        walk = Walk(provider, options.webapp, graph, report)
        try:
            provider.obtain()
        except Unavailable as error:
            report.skip_product(product.name, str(error))
            return
        report.product(provider.name)
        try:
            provider.prepare()
            provider.start()
            walk.run(STEPS, options.step)
        except RuntimeError as error:
            report.note(provider.name, "the server starts", FAILED, str(error))
        finally:
            walk.stop()
            provider.stop()


main()
