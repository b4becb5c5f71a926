"""One partition's RocksDB database: customers by key, the agenda in time order, and the only use of rocksdict's iterator."""

from collections.abc import Iterable, Iterator, Sequence

import rocksdict

from outreach.stream.batch import agenda_entry, agenda_key
from outreach.stream.keys import AGENDA, CUSTOMER, MARKER, PLAYBOOKS, Marker

_END_OF_TIME = 2**63


class Store:
    """What the handler sees as `State`. `offset_key` is where Faust keeps the changelog offset that the database contains.

    The agenda is always read from a watermark below which it is known to be empty: deletions leave tombstones, and
    reading over them from the first key costs 150 ms where a seek costs microseconds.
    """

    def __init__(self, db: rocksdict.Rdict, offset_key: bytes) -> None:
        self._db = db
        self._offset_key = offset_key
        self._agenda_from = b""
        self._first: bytes | None = None  # the agenda's first key, empty for an empty agenda; None when it has to be looked up
        self.due_limit = 10_000

    def customer(self, key: bytes) -> bytes | None:
        """The stored record of a customer."""
        stored: bytes | None = self._db.get(CUSTOMER + key)
        return stored

    def customers(self, after: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        """The first `limit` customers behind the key `after`, with their stored records, in the order of their keys."""
        found: list[tuple[bytes, bytes]] = []
        entries = self._db.iter(rocksdict.ReadOptions())
        entries.seek(CUSTOMER + after)
        while entries.valid() and entries.key()[:1] == CUSTOMER and len(found) < min(limit, self.due_limit):
            if (key := entries.key()[1:]) != after:
                found.append((key, entries.value()))
            entries.next()
        return found

    def playbooks(self) -> bytes | None:
        """The stored timeline of the playbook's versions."""
        stored: bytes | None = self._db.get(PLAYBOOKS)
        return stored

    def due(self, upto: int, limit: int) -> Sequence[tuple[int, bytes]]:
        """The first `limit` agenda entries (due moment in ms since 1970, customer key) with a due moment <= `upto`, in time order."""
        entries: list[tuple[int, bytes]] = []
        for due, customer in self._agenda():
            if due > upto or len(entries) >= min(limit, self.due_limit):
                break
            entries.append((due, customer))
        return entries

    def first_due(self) -> int | None:
        """The earliest due moment (ms since 1970), None for an empty agenda; it is asked all the time, and therefore remembered."""
        if self._first is None:
            self._first = next((agenda_key(due, customer) for due, customer in self._agenda()), b"")
        return agenda_entry(self._first)[0] if self._first else None

    def marker(self) -> Marker:
        """How far this partition is worked off."""
        return Marker.unpacked(self._db.get(MARKER))

    def write(self, changes: Iterable[tuple[bytes, bytes | None]], changelog_offset: int) -> None:
        """All changes of a batch and the changelog offset that contains them, or nothing of it."""
        batch = rocksdict.WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
            if key[:1] == AGENDA:
                self._noticed(key[1:], armed=value is not None)
        batch.put(self._offset_key, str(changelog_offset).encode())
        self._db.write(batch)

    def _noticed(self, key: bytes, *, armed: bool) -> None:
        if armed:
            self._agenda_from = min(self._agenda_from, key)
            if self._first is not None and (not self._first or key < self._first):
                self._first = key
        elif key == self._first:
            self._first = None

    def _agenda(self) -> Iterator[tuple[int, bytes]]:
        entries = self._db.iter(rocksdict.ReadOptions())
        entries.seek(AGENDA + self._agenda_from)
        first = entries.key() if entries.valid() else b""
        self._agenda_from = first[1:] if first[:1] == AGENDA else agenda_key(_END_OF_TIME, b"")
        while entries.valid() and entries.key()[:1] == AGENDA:
            yield agenda_entry(entries.key()[1:])
            entries.next()
