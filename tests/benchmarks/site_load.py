"""How the site answers many people at once: users who browse and play on loopback.

    python tests/benchmarks/site_load.py [--users 50] [--seconds 60] [--calls 500] [--store URL]

Without ``--store`` a store of ``--calls`` calls with sound is made first. The site runs as its own process,
as `auditor serve` starts it. A user opens a page, reads for 2 to 6 seconds, and after a call's page plays it:
the player asks for the sound in ranges. Goal: 95 % of pages within 300 ms on 2 cores.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import httpx2

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from made_call import DURATION_S, make_wav
from site_store import PASSWORD, START, call_of, heard_by, save

from auditor.records import CallRecord
from auditor.rulebook.load import load_rulebook
from auditor.store import RunTally, add_account, close_run, open_run, open_store
from auditor.web.passwords import hash_password

THINKING_S = (2.0, 6.0)
PAGES = {
    "overview": 2,
    "teams": 1,
    "team": 1,
    "agents": 1,
    "agent": 2,
    "calls": 4,
    "call": 6,
    "search": 2,
    "rules": 1,
}
AGENTS = 20


def fill(url: str, folder: Path, *, calls: int) -> None:
    """Calls of agents in four teams over the last month."""
    book = load_rulebook()
    sound = bytearray(make_wav(DURATION_S))
    with open_store(url) as store:
        run = open_run(store, book=book, model=heard_by(), command="site_load", calls=calls)
        for number in range(calls):
            agent = number % AGENTS
            record = CallRecord(
                call_id=f"L{number:06d}",
                agent_id=f"{8000 + agent}",
                team=f"{agent % 4 + 1} 组",
                direction="inbound",
                line="1860",
                started_at=START - timedelta(minutes=number * 30),
            )
            sound[-2:] = number.to_bytes(2, "little")
            path = folder / f"{number}.wav"
            path.write_bytes(sound)
            save(store, call_of(record, path=path, book=book), book=book, run=run)
        close_run(store, run, state="complete", tally=RunTally(audited=calls))


async def signed_in(site: str) -> httpx2.AsyncClient:
    """A user who is signed in: that costs a quarter of a second of argon2 each, and nobody does it again."""
    client = httpx2.AsyncClient(base_url=site, timeout=60)
    form = await client.get("/login")
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', form.text)
    assert token
    data = {"name": "load", "password": PASSWORD, "csrf": token[1]}
    assert (await client.post("/login", data=data)).status_code == 303
    return client


async def user(client: httpx2.AsyncClient, *, until: float, took: dict[str, list[float]], seed: int) -> None:
    """One user from his first page to his last."""
    rng = random.Random(seed)
    calls: list[str] = []
    await asyncio.sleep(rng.uniform(0, THINKING_S[1]))
    while time.monotonic() < until:
        kind = rng.choices(list(PAGES), list(PAGES.values()))[0]
        paths = {
            "overview": "/",
            "teams": "/teams",
            "team": f"/teams/{rng.randrange(4) + 1} 组",
            "agents": "/agents",
            "agent": f"/agents/{8000 + rng.randrange(AGENTS)}",
            "calls": rng.choice(("/calls", "/calls?critical=1", "/calls?rule=P3.2a&verdict=fail")),
            "call": rng.choice(calls) if calls else "/calls",
            "search": f"/search?q={rng.choice(('话费', '投诉', '流量包', '请'))}",
            "rules": "/rules",
        }
        begin = time.perf_counter()
        page = await client.get(paths[kind])
        took[kind].append(time.perf_counter() - begin)
        assert page.status_code == 200, (paths[kind], page.status_code)
        calls = re.findall(r'href="(/calls/\d+)"', page.text) or calls
        if sound := re.search(r'src="(/calls/\d+/audio)"', page.text):
            for part in range(rng.randrange(1, 4)):
                begin = time.perf_counter()
                header = {"range": f"bytes={part * 200_000}-{part * 200_000 + 199_999}"}
                heard = await client.get(sound[1], headers=header)
                took["sound"].append(time.perf_counter() - begin)
                assert heard.status_code == 206
        await asyncio.sleep(rng.uniform(*THINKING_S))


async def run(site: str, *, users: int, seconds: float) -> dict[str, list[float]]:
    """All users at once."""
    took: dict[str, list[float]] = defaultdict(list)
    clients = [await signed_in(site) for _ in range(users)]
    until = time.monotonic() + seconds
    await asyncio.gather(*(user(c, until=until, took=took, seed=n) for n, c in enumerate(clients)))
    for client in clients:
        await client.aclose()
    return took


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--store")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = options.store or f"sqlite:///{name}/audits.db"
        if options.store is None:
            fill(url, Path(name), calls=options.calls)
        with open_store(url) as store:
            add_account(store, name="load", role="admin", password=hash_password(PASSWORD))
        command = [sys.executable, "-m", "auditor.cli", "serve", "--store", url, "--port", "0"]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stderr
            line = next(each for each in server.stderr if each.startswith("site:"))
            site = line.split()[1].rstrip("/")
            time.sleep(5)  # it reads its rulebook
            took = asyncio.run(run(site, users=options.users, seconds=options.seconds))
        finally:
            server.terminate()
            server.wait(timeout=20)
    pages = sorted(each for kind, times in took.items() if kind != "sound" for each in times)
    for kind, times in sorted(took.items()):
        ordered = sorted(times)
        at = {share: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95)}
        print(f"{kind:9} {len(times):6}  median {at[0.5] * 1000:6.0f} ms  95 % {at[0.95] * 1000:6.0f} ms")
    within = sum(each <= 0.3 for each in pages) / len(pages)
    print(f"{options.users} users, {len(pages)} pages: {within:.1%} within 300 ms")


if __name__ == "__main__":
    main()
