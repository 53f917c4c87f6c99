"""Tests the emulator with MSAL for Python, an independent client (pip install msal).

    cargo run -p entra-emulator -- --port 5392 --tls --state-dir DIR
    python crates/entra-emulator/interop/msal_python.py https://localhost:5392 DIR/local-ca.pem
"""

import html
import os
import re
import sys
import urllib.parse

import msal
import requests

BASE, CA = sys.argv[1], sys.argv[2]
TENANT = "11110000-aaaa-4bbb-8ccc-000000000001"
ADA = "aaaaaaaa-0000-4000-8000-000000000001"
REDIRECT = "http://localhost:5000/auth/redirect"
TICKETS = "api://tickets.example.test"
os.environ["REQUESTS_CA_BUNDLE"] = CA


def fields(page):
    return {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page)}


def pick(browser, address, tenant):
    page = browser.get(address)
    assert page.status_code == 200, page.text
    form = {"request": fields(page.text)["request"], "account": ADA}
    answer = browser.post(f"{BASE}/{tenant}/login", data=form, allow_redirects=False)
    return dict(urllib.parse.parse_qsl(urllib.parse.urlparse(answer.headers["Location"]).query))


def web_application(tenant, client, secret):
    app = msal.ConfidentialClientApplication(
        client, client_credential=secret, authority=f"{BASE}/{tenant}", instance_discovery=False
    )
    browser = requests.Session()
    flow = app.initiate_auth_code_flow(["User.Read"], redirect_uri=REDIRECT)
    result = app.acquire_token_by_auth_code_flow(flow, pick(browser, flow["auth_uri"], tenant))
    assert result["id_token_claims"]["oid"] == ADA, result
    account = app.get_accounts()[0]
    assert app.acquire_token_silent(["User.Read"], account)["token_source"] == "cache"
    other = app.acquire_token_silent([f"{TICKETS}/Tickets.Read"], account)
    assert other["token_source"] == "identity_provider", other
    me = requests.get(f"{BASE}/v1.0/me", headers={"Authorization": "Bearer " + result["access_token"]})
    assert me.json()["id"] == ADA, me.text
    flow = app.initiate_auth_code_flow(
        ["User.Read"], redirect_uri=REDIRECT, response_mode="form_post", prompt="none"
    )
    posted = fields(browser.get(flow["auth_uri"]).text)
    assert "access_token" in app.acquire_token_by_auth_code_flow(flow, posted)


def daemon(secret):
    app = msal.ConfidentialClientApplication(
        "00001111-aaaa-4222-8333-000000000006",
        client_credential=secret,
        authority=f"{BASE}/{TENANT}",
        instance_discovery=False,
    )
    return app.acquire_token_for_client([f"{TICKETS}/.default"])


web_application(TENANT, "00001111-aaaa-4222-8333-000000000001", "emulator~secret+for/webapp=1")
web_application("common", "00001111-aaaa-4222-8333-000000000002", "emulator~secret~multi-tenant")
assert "access_token" in daemon("emulator~secret~daemon")
assert daemon("wrong")["error_codes"] == [7000215]
print("MSAL", msal.__version__, "signs in, refreshes, posts forms and acts for itself")
