import json

import pytest

from auditor.errors import UsageError
from auditor.inputs.call_record import read_call_record


def write(path, **fields):
    path.write_text(json.dumps(fields), encoding="utf-8")
    return path


def test_a_time_without_zone_is_read_in_the_zone_of_the_settings(tmp_path):
    record = read_call_record(write(tmp_path / "r.json", started_at="2026-03-02T10:00:00"))
    assert record.started_at.isoformat() == "2026-03-02T10:00:00+08:00"


def test_a_time_with_zone_keeps_it(tmp_path):
    record = read_call_record(write(tmp_path / "r.json", started_at="2026-03-02T10:00:00Z"))
    assert record.started_at.utcoffset().total_seconds() == 0


def test_an_unknown_field_is_refused_with_the_nearest_known_one(tmp_path):
    with pytest.raises(UsageError, match=r"r\.json: unknown key 'agentid'; did you mean 'agent_id'"):
        read_call_record(write(tmp_path / "r.json", agentid="8001"))


def test_a_wrong_value_is_refused_by_field(tmp_path):
    with pytest.raises(UsageError, match="field 'direction' is wrong"):
        read_call_record(write(tmp_path / "r.json", direction="sideways"))


def test_a_line_written_as_a_number_is_a_line(tmp_path):
    assert read_call_record(write(tmp_path / "r.json", line=1860)).line == "1860"


def test_an_answer_before_the_ring_is_refused(tmp_path):
    path = write(tmp_path / "r.json", ring_at="2026-03-02T10:00:05", answered_at="2026-03-02T10:00:00")
    with pytest.raises(UsageError, match=r"'answered_at' .* lies before 'ring_at'"):
        read_call_record(path)


def test_spells_of_several_agents_are_read(tmp_path):
    path = write(tmp_path / "r.json", agents=[{"agent_id": "a", "from_s": 0, "to_s": 9.5}])
    assert read_call_record(path).agents[0].to_s == 9.5


def test_a_record_that_is_not_json_names_the_line(tmp_path):
    path = tmp_path / "r.json"
    path.write_text('{"line":\n oops}', encoding="utf-8")
    with pytest.raises(UsageError, match="line 2 of the call record is not JSON"):
        read_call_record(path)


def test_a_missing_record_says_so(tmp_path):
    with pytest.raises(UsageError, match="there is no such call record"):
        read_call_record(tmp_path / "none.json")


def test_a_gb18030_record_is_read(tmp_path):
    path = tmp_path / "r.json"
    path.write_bytes('{"agent_name": "王芳"}'.encode("gb18030"))
    assert read_call_record(path).agent_name == "王芳"
