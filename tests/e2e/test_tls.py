"""Certificates that are rotated, expired, for another name, or of another authority: said plainly, and mended by a file."""

import http.client
import shutil
import ssl
import threading
import time
import unittest

from certificates import Authority, server_context
from deliveries import Arrivals
from harness import MATRIX_TO, TIMEOUT, GatewayTest, config, figures, webhook
from load import Load


class Receivers(GatewayTest):
    def test_each_failed_check_is_named_and_recovery_needs_no_restart(self):
        ours, other = Authority(self.folder, "ours"), Authority(self.folder, "other")
        trusted = self.folder / "trusted.pem"
        shutil.copy(ours.file, trusted)
        receiver = self.receiver(tls=server_context(*ours.issue()))
        gateway = self.gateway(config(
            self.folder,
            webhook("hook", receiver.url, f"    tls: {{ ca_file: {trusted} }}\n"
                                          "    retry: { initial: 50ms, max: 200ms }\n"), MATRIX_TO.format("hook")))
        load = Load(gateway, lambda c, n: {"event_id": f"c{c}-{n}", "case_id": f"C{n % 7}", "title": "t"}, clients=2,
                    pause=0.02)
        receiver.wait(5)

        def switch(context):
            receiver.tls = context
            receiver.drop_connections()

        # Rotation as it should be: the same authority, a new leaf.
        switch(server_context(*ours.issue()))
        rotated = len(receiver.requests)
        receiver.wait(rotated + 10)
        recoveries, named = [], 0
        faults = (
            ("the certificate has expired", server_context(*ours.issue(days=-1)), None),
            ("the certificate is not for 127.0.0.1 (wrong name)",
             server_context(*ours.issue(names="DNS:elsewhere.example")), None),
            ("the certificate is from an unknown CA", server_context(*other.issue()), other.file),
        )
        for words, context, mended_by in faults:
            switch(context)
            self.wait_until(lambda: words in gateway.connector("hook").get("reason", ""))
            named += 1
            silent_from = len(receiver.requests)
            load.wait_acknowledged(len(load.acknowledged) + 5)
            self.assertEqual(len(receiver.requests), silent_from)  # nothing was sent to whom we do not trust
            mended_at = time.monotonic()
            if mended_by:
                shutil.copy(mended_by, trusted)
            else:
                switch(server_context(*ours.issue()))
            receiver.wait(silent_from + 1)
            recoveries.append(receiver.requests[silent_from].at - mended_at)
        load.stop()
        gateway.wait_account("hook", pending=0, mailbox=0)
        arrivals = Arrivals(receiver.requests)
        details = " ".join(row[0] for row in gateway.query("select distinct detail from audit where outcome = 'retry'"))
        for words, _, _ in faults:
            self.assertIn(words, details)
        self.assertEqual(load.broken, [])
        self.assert_books_balance(gateway)
        figures.record("tls_receivers", faults=len(faults), named=named, acknowledged=len(load.acknowledged),
                       lost=len(load.acknowledged - set(arrivals.times)), order_breaks=arrivals.order_breaks,
                       recovery=max(recoveries))


class Intake(GatewayTest):
    def test_a_rotated_server_certificate_is_used_without_a_broken_connection(self):
        authority = Authority(self.folder, "ours")
        certificate, key = self.folder / "gateway.pem", self.folder / "gateway.key"

        def install(leaf):
            for source, target in zip(leaf, (certificate, key)):
                shutil.copy(source, target)

        install(authority.issue())
        receiver = self.receiver()
        text = config(self.folder, webhook("hook", receiver.url), MATRIX_TO.format("hook"))
        gateway = self.gateway(text.replace(
            "intake:\n", f"  tls: {{ certificate: {certificate}, key: {key} }}\nintake:\n", 1))
        trust = ssl.create_default_context(cafile=authority.file)
        connect = lambda: http.client.HTTPSConnection(*gateway.address, timeout=TIMEOUT, context=trust)
        shown = lambda: ssl.get_server_certificate(gateway.address)
        load = Load(gateway, lambda c, n: {"event_id": f"c{c}-{n}", "title": "t"}, connect=connect)
        load.wait_acknowledged(20)

        rotations = figures.scale("WARDEX_ROTATIONS", 5, 50)
        switches = []
        for _ in range(rotations):
            before = shown()
            new_certificate, new_key = authority.issue()
            shutil.copy(new_certificate, certificate)
            self.assertEqual(shown(), before)  # half of the pair is there: the old pair serves on
            shutil.copy(new_key, key)
            replaced_at = time.monotonic()
            self.wait_until(lambda: shown() == new_certificate.read_text())
            switches.append(time.monotonic() - replaced_at)
            load.wait_acknowledged(len(load.acknowledged) + 5)
        key.write_text("not a key")
        self.assertEqual(shown(), new_certificate.read_text())
        load.stop()
        gateway.wait_account("hook", pending=0, mailbox=0)
        arrivals = Arrivals(receiver.requests)
        gateway.wait_log("tls.reload_failed")
        figures.record("tls_intake", rotations=rotations, acknowledged=len(load.acknowledged),
                       lost=len(load.acknowledged - set(arrivals.times)), broken_connections=len(load.broken),
                       switch=max(switches))


if __name__ == "__main__":
    unittest.main()
