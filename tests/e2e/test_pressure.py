"""Backpressure: marks, the reserve for critical events, and a disk that is really full."""

import errno
import json
import os
import signal
import subprocess
import threading
import time
import unittest

from harness import MATRIX_TO, GatewayTest, config, figures


class Pressure(GatewayTest):
    def marked(self, receiver, intake):
        connectors = (f"  hook:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
                      f"    retry: {{ initial: 50ms, max: 200ms }}\n")
        return config(self.folder, connectors, MATRIX_TO.format("hook"), intake=intake)

    def post(self, gateway, *events):
        status, headers, body = gateway.post(list(events))
        return status, headers, json.loads(body)

    def test_beyond_the_mark_critical_events_still_pass(self):
        up = threading.Event()
        receiver = self.receiver(lambda _: (204, {}, b"") if up.is_set() else (503, {}, b""))
        gateway = self.gateway(self.marked(receiver, "  high_water: { pending: 10, reserve: 50 }\n"))
        event = lambda name, severity: {"event_id": name, "title": name, "severity": severity, "case_id": name}
        self.assertEqual(self.post(gateway, *(event(f"n{i}", "high") for i in range(10)))[0], 202)

        status, headers, problem = self.post(gateway, event("late", "high"))
        self.assertEqual((status, problem["type"]), (429, "urn:wardex:problem:backlog"))
        self.assertIn("intake.high_water.pending", problem["detail"])
        self.assertIn("Retry-After", headers)
        status, _, answer = self.post(gateway, event("c1", "critical"))
        self.assertEqual((status, answer["accepted"]), (202, 1))
        self.assertEqual(gateway.get("/readyz")[0], 503)

        # Of a mixed request the critical ones are taken; one has no id of its own.
        mixed = [event("h1", "high"), event("c2", "critical"), {"title": "no id", "severity": "critical"},
                 event("l1", "low")]
        status, headers, problem = self.post(gateway, *mixed)
        self.assertEqual((status, problem["accepted"], problem["turned_away"]), (429, 2, 2))
        self.assertEqual([identity is not None for identity in problem["ids"]], [False, True, True, False])
        self.assertIn("Retry-After", headers)
        again = self.post(gateway, *mixed)[2]
        self.assertEqual((again["accepted"], again["duplicates"], again["ids"]), (0, 2, problem["ids"]))

        # The reserve ends as well, and then not even a body is read.
        self.assertEqual(self.post(gateway, event("c3", "critical"), event("c4", "critical"))[0], 202)
        status, _, problem = self.post(gateway, event("c5", "critical"))
        self.assertEqual(status, 429)
        self.assertIn("reserve is used up", problem["detail"])

        up.set()
        gateway.wait_account("hook", pending=0, delivered=15)
        self.assertEqual(gateway.get("/readyz")[0], 200)
        status, _, answer = self.post(gateway, *mixed)  # the sender repeats the whole request
        self.assertEqual((status, answer["accepted"], answer["duplicates"]), (202, 2, 2))
        for name in ("late", "c5"):
            self.assertEqual(self.post(gateway, event(name, "critical"))[2]["accepted"], 1)
        gateway.wait_account("hook", pending=0, delivered=19)
        delivered = [r.json()["event_id"] for r in receiver.requests if r.answered == 204]
        self.assertEqual(len(delivered), len(set(delivered)))
        self.assertEqual(len(delivered), 19)
        metrics = gateway.get("/metrics")[2].decode()
        self.assertIn('wardex_gateway_intake_events_total{result="turned_away"} 4', metrics)
        self.assert_books_balance(gateway)

    def test_the_size_of_the_database_is_a_mark(self):
        receiver = self.receiver()
        gateway = self.gateway(self.marked(receiver, "  high_water: { database: 1MiB, reserve: 0 }\n"))
        status = 202
        for number in range(200):
            status, headers, body = gateway.post({"event_id": f"e{number}", "title": "t", "description": "x" * 20000})
            if status != 202:
                break
        self.assertEqual(status, 429, body)
        self.assertIn("intake.high_water.database", json.loads(body)["detail"])
        self.assertIn("Retry-After", headers)
        self.assertIn("database", gateway.status()["not_ready"])

    def test_a_full_disk_refuses_heals_by_itself_and_loses_nothing(self):
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", str(data)], capture_output=True).returncode == 0
        if not mounted:
            self.skipTest("needs root and the right to mount a tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", str(data)])
        up = threading.Event()

        def answer(request):
            if b"refuse me" in request.body:
                return 400, {}, b""
            return (204, {}, b"") if up.is_set() else (503, {}, b"")

        receiver = self.receiver(answer)
        gateway = self.gateway(self.marked(receiver, "  high_water: { free_disk: 0 }\n"))
        self.assertEqual(gateway.post([{"event_id": f"r{n}", "title": "refuse me"} for n in range(40)])[0], 202)
        gateway.wait_account("hook", mailbox=40, pending=0)
        ballast = data / "ballast"
        ballast.write_bytes(b"x" * (6 << 20))

        acknowledged, number, refused = set(), 0, 0

        def fill():
            with open(data / f"ballast-{len(list(data.glob('ballast*')))}", "wb", buffering=0) as file:
                try:
                    while file.write(b"x" * 4096):
                        pass
                except OSError as error:
                    self.assertEqual(error.errno, errno.ENOSPC)

        def post_until(wanted):
            nonlocal number, refused
            status = None
            while status != wanted:
                name = f"e{number}"
                status, headers, body = gateway.post({"event_id": name, "title": "t", "case_id": name,
                                                      "description": "x" * 8000})
                self.assertIn(status, (202, 503), body)
                if status == 202:
                    acknowledged.add(name)
                    number += 1
                else:
                    self.assertIn("Retry-After", headers)
                    refused += 1
            return headers

        self.assertIn("Retry-After", post_until(503))
        self.assertGreater(len(acknowledged), 20)
        self.assertIn("no space", gateway.wait_log("store.fault")["msg"])
        # What makes room can still be done, in the space kept aside for it.
        self.assertEqual(gateway.cli_json("mailbox", "discard", "--all", "--reason", "room")["discarded"], 40)
        # Another program takes all that is left; and again, should the gateway have found room for itself meanwhile.
        fill()
        post_until(503)
        fill()
        self.assertEqual(gateway.get("/readyz")[0], 503)
        # Everything that only reads still answers.
        self.assertEqual(gateway.status()["store"]["fault"] is None, False)
        self.assertEqual(gateway.cli_json("mailbox", "list")["entries"], [])
        self.assertGreater(len(gateway.cli_json("audit", "tail")), 0)
        self.assertIn("wardex_gateway_store_healthy 0", gateway.get("/metrics")[2].decode())
        self.assertEqual(gateway.status()["events"], len(acknowledged) + 40)

        up.set()
        for file in data.glob("ballast*"):
            file.unlink()
        room_at = time.monotonic()
        post_until(202)
        recovery = time.monotonic() - room_at
        gateway.wait_log("store.recovered")
        gateway.wait_account("hook", pending=0, delivered=len(acknowledged))
        arrived = {r.json()["event_id"] for r in receiver.requests if r.answered == 204}
        self.assertEqual(arrived, acknowledged)
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.stop(), 0)
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))
        figures.record("disk_full", acknowledged=len(acknowledged), refused=refused, lost=len(acknowledged - arrived),
                       phantoms=len(arrived - acknowledged), recovery=recovery)

    def test_a_disk_that_failed_is_told_by_the_exit_code(self):
        """fsync fails with EIO: libfiu is not there, so a library of our own stands in for libc's."""
        source = self.folder / "eio.c"
        source.write_text("#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <errno.h>\n#include <stdlib.h>\n"
                          "#include <unistd.h>\n"
                          "static int fails(void) { const char *f = getenv(\"EIO_WHEN\"); return f && access(f, F_OK) == 0; }\n"
                          "int fsync(int fd) { if (fails()) { errno = EIO; return -1; }\n"
                          "  return ((int (*)(int))dlsym(RTLD_NEXT, \"fsync\"))(fd); }\n"
                          "int fdatasync(int fd) { if (fails()) { errno = EIO; return -1; }\n"
                          "  return ((int (*)(int))dlsym(RTLD_NEXT, \"fdatasync\"))(fd); }\n")
        library = self.folder / "eio.so"
        built = subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], capture_output=True)
        self.assertEqual(built.returncode, 0, built.stderr)
        when = self.folder / "broken"
        receiver = self.receiver()
        gateway = self.gateway(self.marked(receiver, ""), env={"LD_PRELOAD": str(library), "EIO_WHEN": str(when)})
        self.assertEqual(gateway.post({"event_id": "before", "title": "t"})[0], 202)
        gateway.wait_account("hook", delivered=1)
        when.touch()
        status, headers, _ = gateway.post({"event_id": "broken", "title": "t"})
        self.assertEqual(status, 503)
        self.assertIn("Retry-After", headers)
        self.assertIn("disk failed", gateway.wait_log("store.fault")["msg"])
        self.assertEqual(gateway.get("/readyz")[0], 503)
        when.unlink()  # it would work again, but who knows what became of the pages
        later = [gateway.post({"event_id": "later", "title": "t"})[0] for _ in range(10)]
        self.assertEqual(set(later), {503})
        self.assertEqual(gateway.status()["events"], 1)
        gateway.signal(signal.SIGTERM)
        self.assertEqual(gateway.wait_exit(), 1)
        # A restart is clean, and takes what was refused.
        gateway.start()
        answer = json.loads(gateway.post([{"event_id": n, "title": "t"} for n in ("before", "broken", "later")])[2])
        self.assertEqual(answer["accepted"] + answer["duplicates"], 3)
        gateway.wait_account("hook", delivered=3, pending=0)
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.stop(), 0)
        arrived = {r.json()["event_id"] for r in receiver.requests}
        figures.record("disk_failed", refused=1 + later.count(503), taken=later.count(202),
                       lost=len({"before", "broken", "later"} - arrived))


if __name__ == "__main__":
    unittest.main()
