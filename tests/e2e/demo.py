#!/usr/bin/env python3
"""`./dev demo`: the gateway on its embedded default, a tiny receiver, sample events, and what became of them."""

import argparse
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TERMINAL = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, DIM, GREEN, CYAN, RESET = ("\033[1m", "\033[2m", "\033[32m", "\033[36m", "\033[0m") if TERMINAL else ("",) * 5
SAMPLES = Path(__file__).resolve().parent / "samples"


def step(text):
    print(f"\n{GREEN}{BOLD}==>{RESET} {BOLD}{text}{RESET}", flush=True)


class Receiver(http.server.BaseHTTPRequestHandler):
    """Stands in for a SOAR platform: takes any signed POST and keeps it."""

    protocol_version = "HTTP/1.1"
    got = []
    arrived = threading.Condition()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        with Receiver.arrived:
            Receiver.got.append((self.headers["webhook-signature"], body))
            Receiver.arrived.notify_all()

    def log_message(self, *_):
        pass


def wait_for_port(process):
    """The gateway says on stderr (one JSON object a line) where it listens and when it takes events."""
    address = None
    for line in process.stderr:
        try:
            entry = json.loads(line)
        except ValueError:
            sys.exit(line.decode())
        if entry["event"] == "gateway.listening":
            address = entry["fields"]["address"]
        if entry["event"] == "gateway.ready":
            threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
            return address
    sys.exit("the gateway did not start")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--gateway", required=True)
    arguments.add_argument("--keep", action="store_true", help="leave the gateway and its folder when done")
    options = arguments.parse_args()
    gateway = str(Path(options.gateway).resolve())
    folder = Path(tempfile.mkdtemp(prefix="wardex-demo-"))

    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{receiver.server_address[1]}/hooks/wardex"

    def run(*command, **more):
        return subprocess.run([gateway, *command, "--config", str(folder / "gateway.yaml")], check=True, **more)

    step("Writing the embedded default configuration, and one webhook connector beside it")
    subprocess.run([gateway, "init", str(folder)], check=True, stdout=subprocess.DEVNULL)
    (folder / "conf.d").mkdir()
    secret = folder / "hook.secret"
    secret.write_text("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    secret.chmod(0o600)
    snippet = (f"connectors:\n  soar:\n    type: webhook\n    url: {hook}\n    allow_insecure: true   # http, to this machine only\n"
               f"    signing_secret: ${{file:{secret}}}\n    owner: you@example.com\n"
               f"egress:\n  allow: [\"127.0.0.0/8\"]\n"
               f"routes:\n  - name: everything of interest to the SOAR\n    match: {{ severity: \">=medium\" }}\n    to: [soar]\n")
    (folder / "conf.d" / "soar.yaml").write_text(snippet)
    print(DIM + snippet.rstrip() + RESET)
    run("check")

    step("Starting the gateway on a free loopback port")
    process = subprocess.Popen([gateway, "run", "--config", str(folder / "gateway.yaml"), "--listen", "127.0.0.1:0"],
                               stderr=subprocess.PIPE, start_new_session=options.keep)
    address = wait_for_port(process)
    print(f"listening on http://{address}, data in {folder / 'data'}")

    try:
        step("Where would the integration guide's sample case go?")
        run("route", str(SAMPLES / "guide-case.json"))

        step("Sending it, and a handful of alerts, through POST /v1/events")
        import urllib.request
        count = 0
        for sample in sorted(SAMPLES.glob("*.json")):
            request = urllib.request.Request(f"http://{address}/v1/events", data=sample.read_bytes(),
                                             headers={"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as response:
                answer = json.load(response)
                count += answer["accepted"]
                print(f"{sample.name:24} {response.status}  accepted {answer['accepted']}, ids {', '.join(answer['ids'])}")
        print(f"{count} events are on disk; that is what 202 means here.")

        wanted = int(json.loads(run("status", "--json", capture_output=True).stdout)["connectors"][-1]["account"]["routed"])
        with Receiver.arrived:
            Receiver.arrived.wait_for(lambda: len(Receiver.got) >= wanted, timeout=30)
        step("What the receiver got (signed, Standard Webhooks)")
        for signature, body in Receiver.got:
            print(f"{CYAN}{body['severity']:9}{RESET} {body.get('case_id', '-'):10} {body['title'][:60]:60} {DIM}{signature[:24]}...{RESET}")
        deadline = time.monotonic() + 30
        while any(c["account"]["pending"] for c in json.loads(run("status", "--json", capture_output=True).stdout)["connectors"]):
            if time.monotonic() > deadline:
                break

        step("The audit trail")
        run("audit", "tail", "--limit", "30")
        run("audit", "verify")
        step("Status")
        run("status")
        step("The same with sqlite3")
        subprocess.run(["sqlite3", "-readonly", "-header", "-column", str(folder / "data" / "gateway.db"),
                        "select at, connector, outcome, status_code from audit order by id desc limit 5"], check=False)
    finally:
        if options.keep:
            step("Left running (--keep)")
            print(f"stop it with: kill {process.pid}; its folder: {folder}\n"
                  f"try: {options.gateway} status --config {folder / 'gateway.yaml'}")
        else:
            process.send_signal(signal.SIGTERM)
            code = process.wait(30)
            receiver.shutdown()
            shutil.rmtree(folder)
            step(f"Stopped with exit code {code}; everything is cleaned up")


if __name__ == "__main__":
    main()
