import json

import pytest
import torch
import whisper
from recipe import heldout, network, train
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


def test_an_exported_file_is_loaded_by_whisper_and_never_writes_unused_tokens(tmp_path, sources):
    run = small_run(tmp_path)
    batches = heldout.held_out_batches(sources, seed=1, count=1)
    _, mean = heldout.held_out_losses(run.trainee, batches)
    network.export(run.trainee, mean, tmp_path / "small.pt")
    model = whisper.load_model(str(tmp_path / "small.pt"), device="cpu")
    scores = model.logits(torch.tensor([[50258]]), torch.zeros(1, 1500, 64))[0, 0]
    assert scores[run.trainee.used].max() > -10
    assert model.num_languages == 100


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
