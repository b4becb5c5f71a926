"""One table holds customers, agenda and marker."""

from outreach.stream.keys import Marker, table_changes


def test_a_marker_comes_back_as_it_was_stored() -> None:
    marker = Marker(2**40, 7, 3)
    assert Marker.unpacked(marker.packed()) == marker


def test_a_partition_without_a_marker_begins_at_its_beginning() -> None:
    assert Marker.unpacked(None) == Marker(0, 0, 0)


def test_customers_agenda_and_marker_never_share_a_key_and_the_marker_comes_first() -> None:
    changes = list(table_changes({b"m": b"1"}, {b"m": None}, None, Marker(5)))
    assert [key for key, _ in changes] == [b"m", b"cm", b"am"]
    assert Marker.unpacked(changes[0][1]) == Marker(5)
