"""kill -9 at random moments under load: every acknowledged event arrives, duplicates carry the same id."""

import json
import os
import random
import sqlite3
import threading
import unittest
import urllib.error

from harness import MATRIX_TO, GatewayTest, config

ROUNDS = int(os.environ.get("WARDEX_KILL_ROUNDS", "30"))


class Killed(GatewayTest):
    def test_no_acknowledged_event_is_lost(self):
        seed = int(os.environ.get("WARDEX_SEED", random.SystemRandom().randrange(2**31)))
        print(f"seed {seed}, {ROUNDS} kills", flush=True)
        rng = random.Random(seed)
        arrived = set()

        def take(request):
            arrived.add(request.json()["event_id"])
            return 204, {}, b""

        receiver = self.receiver(take)
        connectors = f"  hook:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook")), start=False)
        acknowledged, sent = set(), 0

        for round_number in range(ROUNDS):
            gateway.start()
            stop = threading.Event()
            counter = threading.Semaphore(0)

            def load(worker, base=sent):
                number = 0
                while not stop.is_set():
                    event_id = f"r{round_number}-w{worker}-{number}"
                    event = {"event_id": event_id, "title": "kill -9", "case_id": f"CASE-{number % 17}"}
                    number += 1
                    try:
                        status, _, body = gateway.post(event)
                    except (urllib.error.URLError, OSError, EOFError):
                        return  # killed under us: no answer, no promise
                    except Exception:  # http.client: the connection ended inside the answer
                        return
                    if status == 202 and json.loads(body)["accepted"] == 1:
                        acknowledged.add(event_id)
                        counter.release()

            workers = [threading.Thread(target=load, args=(w,), daemon=True) for w in range(4)]
            for worker in workers:
                worker.start()
            # Kill after a random number of acknowledgements: any moment of the pipeline may be under way.
            for _ in range(rng.randrange(1, 60)):
                self.assertTrue(counter.acquire(timeout=20))
            gateway.kill()
            stop.set()
            for worker in workers:
                worker.join(20)

        gateway.start()
        receiver.wait(1, where=lambda _: acknowledged <= arrived, timeout=120)
        seen = {}
        for request in receiver.requests:
            body = request.json()
            key = {k.lower(): v for k, v in request.headers.items()}.get("idempotency-key")
            seen.setdefault(body["event_id"], set()).add(key)
        self.assertEqual(acknowledged - set(seen), set(), "acknowledged events that never arrived")
        self.assertTrue(all(len(keys) == 1 for keys in seen.values()), "a repeated delivery changed its key")
        gateway.wait_account("hook", pending=0, mailbox=0)
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.stop(), 0)

        with sqlite3.connect(gateway.database) as db:
            self.assertEqual(db.execute("pragma quick_check").fetchall(), [("ok",)])
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))
        print(f"{len(acknowledged)} acknowledged, {len(receiver.requests)} delivered", flush=True)


if __name__ == "__main__":
    unittest.main()
