"""A rerun need not read again what has not changed."""

from auditor.store import known_sha256, remember_sha256

A, B = "a" * 64, "b" * 64


def test_a_file_with_the_stamp_it_had_has_the_hash_it_had(store):
    remember_sha256(store, [("/calls/1.wav", "10:1", A), ("/calls/\udcb5.wav", "20:2", B)])
    known = known_sha256(
        store, [("/calls/1.wav", "10:1"), ("/calls/\udcb5.wav", "20:2"), ("/new.wav", "1:1")]
    )
    assert known == {"/calls/1.wav": A, "/calls/\udcb5.wav": B}


def test_a_file_with_another_stamp_has_to_be_read(store):
    remember_sha256(store, [("/calls/1.wav", "10:1", A)])
    assert known_sha256(store, [("/calls/1.wav", "10:2")]) == {}


def test_what_was_read_last_counts(store):
    for stamp, sha256 in (("10:1", A), ("10:2", B)):
        remember_sha256(store, [("/calls/1.wav", stamp, sha256)])
    assert known_sha256(store, [("/calls/1.wav", "10:2")]) == {"/calls/1.wav": B}


def test_ten_thousand_files_are_asked_for_at_once(store):
    files = [(f"/calls/{number}.wav", "1:1", f"{number:064x}") for number in range(10_000)]
    remember_sha256(store, files)
    assert known_sha256(store, ((path, stamp) for path, stamp, _ in files)) == {
        path: sha256 for path, _, sha256 in files
    }
