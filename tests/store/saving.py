"""A process that saves audits and names each one saved: ``python saving.py URL PICKLE FIRST COUNT``."""

import pickle
import sys
from dataclasses import replace

from auditor.rulebook.load import load_rulebook
from auditor.store import open_store, save_audit


def numbered(audit, number):
    """The audit as that of another file."""
    recording = replace(audit.evidence.recording, paths=(f"/calls/{number}.wav",), sha256=(f"{number:064x}",))
    return replace(audit, call_id=str(number), evidence=replace(audit.evidence, recording=recording))


def evidence_key(number):
    return f"{number:064x}"


def main(url, pickled, first, count):
    audit = pickle.loads(bytes.fromhex(pickled))
    book = load_rulebook()
    with open_store(url) as store:
        for number in range(int(first), int(first) + int(count)):
            save_audit(store, numbered(audit, number), evidence_key=evidence_key(number), book=book)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
