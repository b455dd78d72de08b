"""Train: `python -m recipe.train --work DIR --audio DIR`. Run it again and it goes on where it stopped."""

from __future__ import annotations

import argparse
import json
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import DataLoader, Dataset

from recipe import dataset, heldout, network, voices
from recipe.dataset import Batch, Mix, Sources
from recipe.network import Size, Trainee

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDING = (signal.SIGTERM, signal.SIGINT)
PLAIN_WORDS = ("今天", "天气", "电话", "手机", "学校", "朋友", "工作", "时间", "问题", "音乐", "汽车", "高兴")


@dataclass(frozen=True)
class Plan:
    """How to train. ``steps`` is where the learning rate reaches its floor."""

    seed: int = 1
    steps: int = 18_000
    short_steps: int = 1_500
    warm_up: int = 300
    rate: float = 1.0e-3
    matrix_rate: float = 1.0e-2
    floor: float = 0.03
    weight_decay: float = 0.05
    ctc: float = 0.6
    stray: float = 0.5
    clip: float = 1.0


class Steps(Dataset[Batch]):
    """Batches by number, so that a run that was stopped sees the same data as one that was not."""

    def __init__(self, first: int, plan: Plan, mix: Mix, sources: Sources) -> None:
        self.first, self.plan, self.mix, self.sources = first, plan, mix, sources

    def __len__(self) -> int:
        return max(0, self.plan.steps - self.first)

    def __getitem__(self, item: int) -> Batch:
        step = self.first + item
        mix = dataset.SHORT if step < self.plan.short_steps else self.mix
        return dataset.make_batch(step, seed=self.plan.seed, mix=mix, sources=self.sources)


def load_sources(audio: Path | None, *, cache: Path) -> Sources:
    """Words and takes of the human recordings, or a dozen words and espeak-ng alone."""
    if audio is None:
        return Sources(PLAIN_WORDS)
    humans = voices.load_humans(audio, cache=cache)
    return Sources(tuple(sorted(humans.words)), humans)


def rate_at(step: int, plan: Plan) -> float:
    """Share of the full learning rate: linear warm-up, flat, then linear to the floor in the last 40 %."""
    if step < plan.warm_up:
        return (step + 1) / plan.warm_up
    left = (plan.steps - step) / (0.4 * plan.steps)
    return max(plan.floor, min(1.0, left))


def make_optimisers(trainee: Trainee, plan: Plan) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for the rest."""
    matrices: list[torch.Tensor] = []
    others: list[torch.Tensor] = []
    for name, weight in trainee.named_parameters():
        inside = "blocks" in name and weight.dim() == 2
        (matrices if inside else others).append(weight)
    muon = torch.optim.Muon(
        matrices, lr=plan.matrix_rate, weight_decay=plan.weight_decay, adjust_lr_fn="original"
    )
    adam = torch.optim.AdamW(others, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    for optimiser in (muon, adam):
        for group in optimiser.param_groups:
            group["full_rate"] = group["lr"]
    return [muon, adam]


def save_state(path: Path, state: dict[str, Any]) -> None:
    """Write aside, then rename: a state file is whole or not there."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


class Run:
    """A training run and its folder: last.pt, best.pt, log.txt."""

    def __init__(self, work: Path, *, plan: Plan, size: Size, init: Path | None) -> None:
        self.work, self.plan = work, plan
        work.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(plan.seed)
        self.step, self.spent_s, self.best = 0, 0.0, float("inf")
        self.grown_from = None if init is None else init.name
        model = network.build(size) if init is None else network.grow(init, size)
        self.trainee = Trainee(model)
        self.optimisers = make_optimisers(self.trainee, plan)
        last = work / "last.pt"
        if last.is_file():
            self._restore(torch.load(last, map_location="cpu", weights_only=True))

    def _restore(self, state: dict[str, Any]) -> None:
        self.trainee.load_state_dict(state["trainee"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.step, self.spent_s, self.best = state["step"], state["spent_s"], state["best"]
        self.grown_from = state.get("grown_from", self.grown_from)
        torch.set_rng_state(state["rng"])

    def save(self) -> None:
        """Keep everything that going on needs."""
        optimisers = [optimiser.state_dict() for optimiser in self.optimisers]
        state = {"trainee": self.trainee.state_dict(), "optimisers": optimisers, "step": self.step}
        state |= {"spent_s": self.spent_s, "best": self.best}
        state |= {"rng": torch.get_rng_state(), "plan": asdict(self.plan), "grown_from": self.grown_from}
        save_state(self.work / "last.pt", state)

    def update(self, batch: Batch) -> dict[str, float]:
        """One step; the losses before it."""
        share = rate_at(self.step, self.plan)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["full_rate"] * share
        with torch.autocast("cpu", torch.bfloat16):
            losses = self.trainee.losses(batch, guided=self.plan.stray > 0)
        total = losses["text"] + self.plan.ctc * losses["ctc"] + self.plan.stray * losses["stray"]
        self.step += 1
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        if not torch.isfinite(total):
            return {"skipped": 1.0}
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(self.trainee.parameters(), self.plan.clip)
        for optimiser in self.optimisers:
            optimiser.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def measure(self, held_out: Sequence[Batch], openings: heldout.Clips) -> dict[str, float]:
        """Held-out losses and the character error rate of the exported file; keeps the best one."""
        self.trainee.eval()
        figures = heldout.held_out_losses(self.trainee, held_out)
        newest = self.work / "newest.pt"
        network.export(self.trainee, newest)
        figures["cer"] = heldout.clips_cer(newest, openings)
        if figures["cer"] < self.best:
            self.best = figures["cer"]
            newest.replace(self.work / "best.pt")
        self.trainee.train()
        return figures

    def log(self, **figures: object) -> None:
        """One JSON line, with the step and the hours trained so far."""
        line = {"step": self.step, "hours": round(self.spent_s / 3600, 3), **figures}
        with (self.work / "log.txt").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def train(run: Run, *, sources: Sources, minutes: float, workers: int, every_s: dict[str, float]) -> None:
    """Go on until the last step, the time given, SIGTERM or Ctrl-C; every stop leaves a saved state."""
    stop: list[int] = []
    for one in ENDING:
        signal.signal(one, lambda number, _frame: stop.append(number))
    held_out = heldout.held_out_batches(sources, seed=run.plan.seed)
    clips = heldout.service_clips(sources, count=60, held_out=True)
    loader = DataLoader(
        Steps(run.step, run.plan, Mix(), sources),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=8 if workers else None,
        worker_init_fn=_leave_signals_to_the_run,
    )
    began = last = time.monotonic()
    due = {name: began + seconds for name, seconds in every_s.items()}
    sums: dict[str, list[float]] = {}
    for batch in loader:
        for name, value in run.update(batch).items():
            sums.setdefault(name, []).append(value)
        now = time.monotonic()
        run.spent_s, last = run.spent_s + now - last, now
        ending = bool(stop) or now - began > minutes * 60 or run.step >= run.plan.steps
        if ending or now > due["log"]:
            run.log(**{name: round(sum(some) / len(some), 4) for name, some in sums.items()})
            sums, due["log"] = {}, now + every_s["log"]
        if ending or now > due["measure"]:
            run.log(**{name: round(value, 4) for name, value in run.measure(held_out, clips).items()})
            last = time.monotonic()
            due["measure"] = last + every_s["measure"]
        if ending or now > due["save"]:
            run.save()
            due["save"] = time.monotonic() + every_s["save"]
        if ending:
            break


def _leave_signals_to_the_run(_worker: int) -> None:
    for one in ENDING:  # sent to the whole group, they would end the worker before the run has saved
        signal.signal(one, signal.SIG_IGN)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder of states, logs and caches")
    parser.add_argument("--audio", type=Path, help="folder with cmn-words.tar and cmn-syllables.tar")
    parser.add_argument("--init", type=Path, help="a smaller checkpoint to grow from; none: from scratch")
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--steps", type=int, default=Plan.steps)
    parser.add_argument("--short-steps", type=int, default=Plan.short_steps)
    parser.add_argument("--width", type=int, default=Size.width)
    parser.add_argument("--layers", type=int, nargs=2, default=(Size.encoder_layers, Size.decoder_layers))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    plan = Plan(steps=given.steps, short_steps=given.short_steps)
    run = Run(given.work, plan=plan, size=Size(given.width, *given.layers), init=given.init)
    sources = load_sources(given.audio, cache=given.work / "cache")
    every_s = {"log": 60.0, "save": 300.0, "measure": 900.0}
    train(run, sources=sources, minutes=given.minutes, workers=given.workers, every_s=every_s)


if __name__ == "__main__":
    main()
