"""`eventsourcing` on SQLite: recorder, application, log. WAL and FULL are its defaults."""

import tempfile
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import IntegrityError, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore
from measured import Meter, in_threads, one_by_one, peak, resident, tell, told
from traffic import encoded, zipf

PAGE = 1_000


def recorder(folder):
    store = SQLiteApplicationRecorder(SQLiteDatastore(str(Path(folder) / "store.db")))
    store.create_table()
    return store


def stored(stream, version, number):
    return StoredEvent(stream, version, "bench:PaymentReceived", encoded(number))


def append(asked, folder):
    store, size = recorder(folder), asked.get("size", 1)

    def call(number):
        stream = uuid5(NAMESPACE_URL, str(number))
        store.insert_events([stored(stream, n, number) for n in range(1, size + 1)])

    return one_by_one(call, asked["seconds"], size)


def concurrent(asked, folder):
    store, clients = recorder(folder), asked["clients"]
    chosen = [zipf(1_000, client) for client in range(clients)]
    versions = [{} for _ in range(clients)]

    def call(client, number):
        stream = next(chosen[client])
        version = versions[client].get(stream, 0) + 1
        name = uuid5(NAMESPACE_URL, f"{client}/{stream}")
        store.insert_events([stored(name, version, number)])
        versions[client][stream] = version

    return in_threads(call, clients, asked["seconds"])


class Partner(Aggregate):
    @event("Enrolled")
    def __init__(self, level: str):
        self.level, self.suspended = level, None

    @event("Suspended")
    def suspend(self, reason: str):
        self.suspended = reason

    @event("Reinstated")
    def reinstate(self):
        self.suspended = None


def application(folder):
    return Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(Path(folder) / "store.db"),
            "AGGREGATE_CACHE_MAXSIZE": "4096",  # as many as we keep folded
        }
    )


def command(asked, folder):
    """Load, decide, save; a stream is left behind at 20 events."""
    app, clients = application(folder), asked["clients"]
    ids, ages = [None] * clients, [0] * clients

    def call(client, number):
        if ids[client] is None or ages[client] >= 20:
            partner = Partner("gold")
            ages[client] = 0
        else:
            partner = app.repository.get(ids[client])
            partner.suspend("bench") if partner.suspended is None else partner.reinstate()
        app.save(partner)
        ids[client] = partner.id
        ages[client] += 1

    return in_threads(call, clients, asked["seconds"])


def contention(asked, folder):
    app, partner = application(folder), Partner("gold")
    app.save(partner)
    retried = [0] * asked["clients"]

    def call(client, number):
        while True:
            found = app.repository.get(partner.id)
            found.suspend("bench") if found.suspended is None else found.reinstate()
            try:
                app.save(found)
            except IntegrityError:
                retried[client] += 1
            else:
                return

    meter = in_threads(call, asked["clients"], asked["seconds"])
    meter.figures["retries"] = float(sum(retried))
    return meter


def replay(asked, folder):
    """Its log read and decoded into events; no view is written."""
    app = application(folder)
    count = int(asked["events"] * asked["scale"])
    for _at in range(0, count, PAGE):
        partner = Partner("gold")
        for _ in range(PAGE - 1):
            partner.suspend("bench") if partner.suspended is None else partner.reinstate()
        app.save(partner)
    meter, before = Meter(), resident()
    with meter.running():
        start = 1
        while found := app.recorder.select_notifications(start, PAGE):
            for notification in found:
                app.mapper.to_domain_event(notification)
            meter.done += len(found)
            start = found[-1].id + 1
    meter.figures |= {"seconds": meter.seconds, "MiB grown": peak() - before}
    return meter


def main():
    asked = told()
    with tempfile.TemporaryDirectory(dir=asked["disk"]) as folder:
        meter = globals()[asked["what"]](asked, folder)
        tell(meter.sample())


if __name__ == "__main__":
    main()
