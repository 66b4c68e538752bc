"""What arrived at a receiver, event by event, and what may be said of it."""

import json


class Arrivals:
    """Reads the requests of a webhook receiver, single events and batches alike."""

    def __init__(self, requests):
        self.times = {}         # event id -> how often
        self.changed_keys = 0   # the same event under another key
        self.order_breaks = 0   # the first arrival of a case's event after a later one's
        keys, newest = {}, {}
        # In the order in which they were read: a receiver notes a request when it has answered, and by then the gateway may
        # have sent the next one.
        for request in sorted(requests, key=lambda request: request.at):
            if request.answered >= 300:
                continue
            body = json.loads(request.body)
            headers = {name.lower(): value for name, value in request.headers.items()}
            for event in body if isinstance(body, list) else [body]:
                key = event.get("webhook_id") or headers["webhook-id"]
                name, case, sequence = event["event_id"], event["case_id"], event["sequence"]
                self.changed_keys += keys.setdefault(name, key) != key
                if name not in self.times:
                    self.order_breaks += newest.get(case, 0) > sequence
                    newest[case] = max(newest.get(case, 0), sequence)
                self.times[name] = self.times.get(name, 0) + 1

    @property
    def duplicates(self):
        return sum(self.times.values()) - len(self.times)
