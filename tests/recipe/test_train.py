import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
import whisper
from recipe import network, targets, train
from recipe.network import Size


def small_run(tmp_path):
    plan = train.Plan(steps=4, short_steps=2, warm_up=1)
    return train.Run(tmp_path, plan=plan, size=Size(64, 1, 1), init=None)


def test_a_run_goes_on_where_it_stopped(tmp_path, sources):
    run = small_run(tmp_path)
    run.update(train.Steps(0, run.plan, train.Mix(batch_s=10.0), sources)[0])
    run.save()
    again = small_run(tmp_path)
    assert again.step == 1
    for one, other in zip(run.trainee.parameters(), again.trainee.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("timestamps", [True, False])
@pytest.mark.parametrize("before", ["", "请讲。"])
def test_an_exported_file_says_what_the_trainee_says_and_nothing_else(tmp_path, timestamps, before):
    run = small_run(tmp_path)
    torch.nn.init.normal_(run.trainee.model.decoder.ln.bias, mean=0.02, std=0.1)
    torch.nn.init.uniform_(run.trainee.model.decoder.ln.weight, 0.3, 2.0)
    network.export(run.trainee, tmp_path / "small.pt")
    model = whisper.load_model(str(tmp_path / "small.pt"), device="cpu")
    assert model.num_languages == 100
    said = [targets.Segment(0.4, 2.0, "您好,中国移动。")]
    target = targets.speech_target(
        said, context_s=30.0, timestamps=timestamps, previous=targets.encode(before)
    )
    inputs, sound = torch.tensor([target.inputs]), torch.randn(1, 1500, 64)
    with torch.no_grad():
        own, exported = run.trainee.model.logits(inputs, sound)[0], model.logits(inputs, sound)[0]
    used = run.trainee.used
    assert exported[:, used] == pytest.approx(own[:, used], abs=0.02)
    unused = torch.ones(own.shape[1], dtype=torch.bool)
    unused[used] = False
    assert exported[:, unused] == pytest.approx(torch.full_like(exported[:, unused], -40.0), abs=0.5)


def test_a_norm_without_bias_cannot_silence_anything():
    model = network.build(Size(64, 1, 1))
    torch.nn.init.zeros_(model.decoder.ln.bias)
    with pytest.raises(ValueError, match="train on"):
        network.silence(model)


def test_growing_keeps_what_the_small_one_says(tmp_path):
    torch.manual_seed(1)
    small = network.build(Size(64, 1, 1))
    dims = {k: getattr(small.dims, k) for k in small.dims.__dataclass_fields__}
    torch.save({"dims": dims, "model_state_dict": small.state_dict()}, tmp_path / "s.pt")
    big = network.grow(tmp_path / "s.pt", Size(128, 2, 2))
    mel = torch.randn(1, 80, 400)
    with torch.no_grad():
        one, other = network.encode(small, mel), network.encode(big, mel)[..., :64]
    assert torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1] > 0.9


@pytest.mark.slow
def test_two_minutes_from_scratch_learn_something(tmp_path):
    options = ["--width", "64", "--layers", "2", "1", "--short-steps", "1000", "--threads", "1"]
    train.main(["--work", str(tmp_path), "--minutes", "2", "--workers", "0", *options])
    lines = [json.loads(line) for line in (tmp_path / "log.txt").read_text().splitlines()]
    losses = [line["text"] for line in lines if "text" in line]
    assert losses[-1] < losses[0] or len(losses) == 1
    assert (tmp_path / "best.pt").is_file()
    assert (tmp_path / "last.pt").is_file()


@pytest.mark.slow
def test_ctrl_c_in_a_terminal_leaves_a_saved_state(tmp_path):
    options = ["--width", "64", "--layers", "1", "1", "--short-steps", "1000", "--threads", "1"]
    run = subprocess.Popen(
        [sys.executable, "-m", "recipe.train", "--work", str(tmp_path), "--workers", "1", *options],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    while run.poll() is None and not (tmp_path / "log.txt").is_file():
        time.sleep(1)
    os.killpg(run.pid, signal.SIGINT)  # a terminal tells the whole group
    assert run.wait(timeout=120) == 0
    assert torch.load(tmp_path / "last.pt", weights_only=True)["step"] > 0
