"""Clients that post events as fast as they are answered, and remember what was promised to them."""

import http.client
import json
import threading
import time


class Load:
    """`clients` keep-alive connections, each in a loop of its own, until stop().

    `events(client, number)` makes the events of a request: a list is posted as an array, a single one as an object.
    `persistent`: a broken connection is opened anew and the request repeated, as a careful sender does; else a client
    ends with its connection. `pause`: seconds between two requests of a client. `connect` makes another kind of
    http.client connection.
    """

    def __init__(self, gateway, events, clients=4, persistent=False, pause=0.0, connect=None):
        self.acknowledged = set()
        self.answers = {}          # status -> how many
        self.broken = []           # exceptions of connections that ended
        self.latencies = []        # seconds, of requests that were answered
        self._events, self._persistent, self._pause = events, persistent, pause
        self._connect = connect or (lambda: http.client.HTTPConnection(*gateway.address, timeout=30))
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._counted = threading.Condition(self._lock)
        self._threads = [threading.Thread(target=self._run, args=(c,), daemon=True) for c in range(clients)]
        for thread in self._threads:
            thread.start()

    def wait_acknowledged(self, count, timeout=30.0):
        with self._counted:
            if not self._counted.wait_for(lambda: len(self.acknowledged) >= count, timeout):
                raise AssertionError(f"{len(self.acknowledged)} of {count} events were acknowledged in {timeout} s; "
                                     f"answers {self.answers}, broken {self.broken[-3:]}")

    def stop(self, timeout=30.0):
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout)
            if thread.is_alive():
                raise AssertionError("a client got no answer")
        return self

    def _run(self, client):
        number = 0
        connection = None
        while not self._stopping.is_set():
            events = self._events(client, number)
            body = json.dumps(events)
            wanted = [event["event_id"] for event in (events if isinstance(events, list) else [events])]
            try:
                if connection is None:
                    connection = self._connect()
                began = time.monotonic()
                connection.request("POST", "/v1/events", body, {"Content-Type": "application/json"})
                response = connection.getresponse()
                answer = response.read()
                took = time.monotonic() - began
                if response.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                with self._lock:
                    self.broken.append(error)
                if connection is not None:
                    connection.close()
                connection = None
                if not self._persistent:
                    return
                self._stopping.wait(0.02)
                continue
            with self._counted:
                self.latencies.append(took)
                self.answers[response.status] = self.answers.get(response.status, 0) + 1
                if response.status == 202:
                    said = json.loads(answer)
                    if said["accepted"] + said["duplicates"] == len(wanted):
                        self.acknowledged.update(wanted)
                        self._counted.notify_all()
            if response.status == 202:
                number += 1
            if self._pause or response.status != 202:
                self._stopping.wait(self._pause or 0.02)
        if connection is not None:
            connection.close()


def most_within(seconds, times):
    """The most of these times that fall into any window of that length."""
    times, most, first = sorted(times), 0, 0
    for last, at in enumerate(times):
        while at - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
