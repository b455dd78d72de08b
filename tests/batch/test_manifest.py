"""Manifests, folders and file names as calls; every fault at once."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from auditor.batch.manifest import list_calls
from auditor.errors import UsageError
from auditor.inputs.config import Settings

SAMPLE_CALLS = Path(__file__).resolve().parents[2] / "sample_calls"
SETTINGS = Settings()


@pytest.fixture
def recordings(tmp_path):
    """Two recordings without anything beside them."""
    for name in ("a.wav", "b.wav"):
        shutil.copy(SAMPLE_CALLS / "no_goodbye.mp3", tmp_path / name)
    return tmp_path


def listed(manifest, *, settings=SETTINGS, inputs=()):
    return list_calls([str(each) for each in inputs], manifests=[manifest], settings=settings)


def one(listing):
    assert listing.faults == ()
    (call,) = listing.calls
    return call


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_the_encodings_of_spreadsheets_is_read(recordings, encoding):
    table = recordings / "calls.csv"
    table.write_bytes(
        "录音文件,工号,坐席,班组,呼叫方向,主叫\r\na.wav,8001,王芳,早班,呼入,13900001111\r\n".encode(encoding)
    )
    call = one(listed(table))
    assert call.paths == (recordings / "a.wav",)
    found = call.record
    assert (found.agent_id, found.agent_name, found.team) == ("8001", "王芳", "早班")
    assert (found.direction, found.customer_number) == ("inbound", "13900001111")


def test_a_workbook_is_read_with_its_numbers_and_times(recordings):
    book = openpyxl.Workbook()
    book.active.append(["audio", "agent_id", "line", "started_at", "survey_offered"])
    book.active.append(["a.wav", 8001, 1860.0, datetime(2026, 3, 10, 9, 5), True])
    book.save(recordings / "calls.xlsx")
    found = one(listed(recordings / "calls.xlsx")).record
    assert (found.agent_id, found.line, found.survey_offered) == ("8001", "1860", True)
    assert found.started_at.isoformat() == "2026-03-10T09:05:00+08:00"


def test_json_lines_are_read_with_their_spells(recordings):
    table = recordings / "calls.jsonl"
    table.write_text('{"audio": "a.wav", "agents": [{"agent_id": "1", "from_s": 0, "to_s": 9}]}\n\n')
    assert one(listed(table)).record.agents[0].to_s == 9


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("2026-03-10 09:05:01", "2026-03-10T09:05:01+08:00"),
        ("2026/3/10 9:05", "2026-03-10T09:05:00+08:00"),
        ("2026年3月10日 9:05:01", "2026-03-10T09:05:01+08:00"),
        ("20260310090501", "2026-03-10T09:05:01+08:00"),
        ("2026-03-10T01:05:01Z", "2026-03-10T01:05:01+00:00"),
        ("1773104701000", "2026-03-10T09:05:01+08:00"),
        ("1773104701", "2026-03-10T09:05:01+08:00"),
    ],
)
def test_times_are_read_as_switches_write_them(recordings, cell, read):
    (recordings / "calls.csv").write_text(f"audio,started_at\na.wav,{cell}\n", encoding="utf-8")
    assert one(listed(recordings / "calls.csv")).record.started_at.isoformat() == read


def test_day_and_time_in_two_columns_are_one_time(recordings):
    (recordings / "calls.csv").write_text(
        "录音文件,日期,开始时间\na.wav,2026-3-10,9:05:01\n", encoding="utf-8"
    )
    found = one(listed(recordings / "calls.csv")).record
    assert found.started_at.isoformat() == "2026-03-10T09:05:01+08:00"


def test_a_day_alone_is_no_time_of_a_call(recordings):
    (recordings / "calls.csv").write_text("audio,started_at\na.wav,2026-03-10\n")
    (fault,) = listed(recordings / "calls.csv").faults
    assert "row 2, column 'started_at'" in fault
    assert "a day without a time of day" in fault


@pytest.mark.parametrize(("direction", "number"), [("呼出", "13911112222"), ("", None)])
def test_the_customer_is_whom_the_direction_says(recordings, direction, number):
    table = recordings / "calls.csv"
    table.write_text(f"录音文件,呼叫方向,主叫,被叫\na.wav,{direction},1860,13911112222\n", encoding="utf-8")
    assert one(listed(table)).record.customer_number == number


def test_every_fault_of_every_row_is_told_at_once_with_row_and_column(recordings):
    (recordings / "empty.wav").touch()
    table = recordings / "calls.csv"
    table.write_text(
        "录音文件,方向,started_at,answered_at,transcript,call_id\n"
        "a.wav,sideways,yesterday,,,1\n"
        "gone.wav,,,,,2\n"
        "b.wav,,,,none.json,3\n"
        ",,,,,4\n"
        "empty.wav,,,,,5\n"
        "b.wav,呼入,,,,6\n"
        "./b.wav,呼入,,,,7\n",
        encoding="utf-8",
    )
    listing = listed(table)
    assert len(listing.calls) == 1
    told = "\n".join(listing.faults)
    for sentence in (
        "row 2, column '方向': is wrong",
        "row 2, column 'started_at': is wrong",
        "row 3, column '录音文件': ",
        "gone.wav does not exist",
        "row 4, column 'transcript'",
        "row 5, column '录音文件': no recording is named",
        "empty.wav is empty",
        f"row 8, column '录音文件': {recordings / 'b.wav'} is the recording of {table}: row 7, too",
    ):
        assert sentence in told
    assert len(listing.faults) == 7


def test_two_rows_with_one_call_id_are_refused(recordings):
    (recordings / "calls.csv").write_text("audio,call_id\na.wav,1\nb.wav,1\n")
    (fault,) = listed(recordings / "calls.csv").faults
    assert "row 3, column 'call_id': '1' is the id of" in fault


def test_a_row_without_a_second_file_of_its_pair_is_refused(recordings):
    (recordings / "calls.csv").write_text("agent_audio,customer_audio\na.wav,b.wav\n")
    assert [path.name for path in one(listed(recordings / "calls.csv")).paths] == ["a.wav", "b.wav"]
    (recordings / "calls.csv").write_text("agent_audio,customer_audio\na.wav,\n")
    (fault,) = listed(recordings / "calls.csv").faults
    assert "row 2, column 'customer_audio': no recording is named" in fault


def test_the_settings_name_the_columns_of_a_centre(recordings):
    (recordings / "calls.csv").write_text("rec,who,agent_id\na.wav,8001,other\n")
    settings = Settings(columns={"audio": "rec", "agent_id": "who"})
    assert one(listed(recordings / "calls.csv", settings=settings)).record.agent_id == "8001"


def test_two_columns_for_one_field_and_a_column_that_is_missing_are_faults(recordings):
    (recordings / "calls.csv").write_text("audio,录音文件\na.wav,b.wav\n", encoding="utf-8")
    (fault,) = listed(recordings / "calls.csv").faults
    assert "the columns 'audio' and '录音文件' are both 'audio'" in fault
    (fault,) = listed(recordings / "calls.csv", settings=Settings(columns={"audio": "rec"})).faults
    assert "there is none" in fault


def test_a_table_without_recordings_says_what_to_call_the_column(recordings):
    (recordings / "calls.csv").write_text("x,y\n1,2\n")
    (fault,) = listed(recordings / "calls.csv").faults
    assert "no column names the recordings; call it 'audio'" in fault


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.txt", b"audio\na.wav\n"),
        ("x.csv", b""),
        ("x.xlsx", b"no zip"),
        ("x.csv", b"audio,audio\n1,2\n"),
        ("x.csv", b'audio\n"a.wav\n'),
    ],
)
def test_what_is_no_manifest_is_refused_in_a_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.\w+: .*\.$"):
        listed(tmp_path / name)


def test_a_missing_manifest_says_so(tmp_path):
    for name in ("none.csv", "none.xlsx", "none.jsonl"):
        with pytest.raises(UsageError, match="there is no such manifest"):
            listed(tmp_path / name)


ALIYUN = {
    "ContactId": "job-1",
    "FileName": "a.wav",
    "ContactType": "INBOUND",
    "CallingNumber": "13900001111",
    "CalledNumber": "0571",
    "StartTime": 1773104701000,
    "AgentIds": "agent@ccc",
    "ReleaseInitiator": "customer",
    "SatisfactionSurveyOffered": True,
}


def test_a_table_of_aliyun_is_recognised(recordings):
    (recordings / "calls.jsonl").write_text(json.dumps(ALIYUN))
    listing = listed(recordings / "calls.jsonl")
    found = one(listing).record
    assert (found.call_id, found.direction, found.customer_number) == ("job-1", "inbound", "13900001111")
    assert (found.agent_id, found.release_party, found.survey_offered) == ("agent@ccc", "customer", True)
    assert "read as a table of Aliyun CCC" in listing.notes[0]


def test_of_several_agents_of_aliyun_none_is_the_agent(recordings):
    (recordings / "calls.jsonl").write_text(json.dumps(ALIYUN | {"AgentIds": "a@ccc,b@ccc"}))
    assert one(listed(recordings / "calls.jsonl")).record.agent_id is None


def test_a_recording_index_of_huawei_is_recognised_and_found_under_the_folder(recordings):
    inside = recordings / "disk" / "10" / "1"
    inside.mkdir(parents=True)
    shutil.copy(recordings / "a.wav", inside / "7.wav")
    table = recordings / "record_1.csv"
    table.write_text(
        "call_id,agent_id,caller_no,callee_no,call_begin,call_end,file_name,call_type\n"
        "1-2,100,13900001111,1860,2026-03-10 09:05:01,2026-03-10 09:06:01,/10/1/7.wav,0\n"
    )
    call = one(listed(table, inputs=[recordings / "disk"]))
    assert call.paths == (inside / "7.wav",)
    assert (call.record.agent_id, call.record.customer_number) == ("100", "13900001111")
    assert call.record.ended_at.isoformat() == "2026-03-10T09:06:01+08:00"


def test_a_table_of_freeswitch_is_recognised_and_its_direction_not_believed(recordings):
    (recordings / "cdr.csv").write_text(
        "uuid,start_stamp,direction,caller_id_number,record_path\nu,2026-03-10 09:05:01,outbound,1,a.wav\n"
    )
    found = one(listed(recordings / "cdr.csv")).record
    assert (found.call_id, found.direction, found.customer_number) == ("u", None, None)


def test_a_row_outranks_the_record_beside_which_outranks_the_name(recordings):
    shutil.copy(recordings / "a.wav", recordings / "20260310-090501_8001_139.wav")
    beside = recordings / "20260310-090501_8001_139.record.json"
    beside.write_text('{"agent_id": "beside", "team": "beside"}')
    (recordings / "calls.csv").write_text("audio,team\n20260310-090501_8001_139.wav,row\n")
    settings = Settings(file_names=("{date}-{time}_{agent}_{customer_number}.wav",))
    found = one(listed(recordings / "calls.csv", settings=settings)).record
    assert (found.agent_id, found.team, found.customer_number) == ("beside", "row", "139")
    assert found.started_at.isoformat() == "2026-03-10T09:05:01+08:00"


@pytest.mark.parametrize("pattern", ["{agentid}", "{agent}{caller}", "{agent}_{agent}", "call"])
def test_a_pattern_that_nobody_can_read_is_refused(recordings, pattern):
    with pytest.raises(UsageError, match="file_names: "):
        list_calls([str(recordings)], settings=Settings(file_names=(pattern,)))


def test_names_that_fit_no_pattern_are_counted(recordings):
    listing = list_calls([str(recordings)], settings=Settings(file_names=("{date}_{agent}",)))
    assert len(listing.calls) == 2
    assert "2 recordings have names that fit none" in listing.notes[0]


def test_a_folder_with_odd_names_and_links_that_go_round_is_walked_once(recordings):
    odd = ("with blank.wav", "quo\"te's.wav", "new\nline.wav", "客服录音.wav", "长" * 81 + "abc.wav")
    (recordings / "in").mkdir()
    for name in odd:
        shutil.copy(recordings / "a.wav", recordings / "in" / name)
    (recordings / "in" / "round").symlink_to(recordings)
    (recordings / "again.wav").symlink_to(recordings / "a.wav")
    (recordings / "loop.wav").symlink_to(recordings / "loop.wav")
    listing = list_calls([str(recordings)], settings=SETTINGS)
    assert listing.faults == ()
    assert {call.paths[0].name for call in listing.calls} == {"a.wav", "b.wav", *odd}
    assert len(os.fsencode(odd[-1])) == 250


def test_a_file_that_is_named_has_to_be_there(tmp_path):
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    inputs = [str(tmp_path / name) for name in ("gone.wav", "loop.wav", "*.amr")] + ["s3://bucket/a.wav"]
    faults = list_calls(inputs, settings=SETTINGS).faults
    assert len(faults) == 4
    assert all(fault.endswith(".") and "\n" not in fault for fault in faults)


def test_a_name_that_is_not_text_is_refused(tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xfe.wav")).write_bytes(b"x")
    (fault,) = list_calls([str(tmp_path)], settings=SETTINGS).faults
    assert "has a name that is not UTF-8" in fault


def test_patterns_take_recordings_and_leave_papers(recordings):
    (recordings / "a.record.json").write_text('{"agent_id": "7"}')
    (recordings / "a.transcript.json").write_text('{"turns": []}')
    listing = list_calls([str(recordings / "a*")], settings=SETTINGS)
    call = one(listing)
    assert call.record.agent_id == "7"
    assert call.transcript == recordings / "a.transcript.json"


def test_the_papers_of_a_pair_lie_beside_it_without_the_party():
    listing = list_calls([str(SAMPLE_CALLS / "late_by_record.*.wav")], settings=SETTINGS)
    call = one(listing)
    assert call.record.call_id == "SC-0012"
    assert call.transcript == SAMPLE_CALLS / "late_by_record.transcript.json"


def test_a_broken_record_beside_a_recording_is_a_fault_of_that_call(recordings):
    (recordings / "a.record.json").write_text("{oops")
    listing = list_calls([str(recordings)], settings=SETTINGS)
    assert [call.paths[0].name for call in listing.calls] == ["b.wav"]
    assert "a.record.json: line 1 of the call record is not JSON" in listing.faults[0]


def test_all_sample_calls_are_listed_with_record_and_transcript():
    listing = list_calls([str(SAMPLE_CALLS)], settings=SETTINGS)
    assert listing.faults == ()
    assert len(listing.calls) == len(list(SAMPLE_CALLS.glob("*.truth.json")))
    assert all(call.transcript and call.record.call_id for call in listing.calls)
