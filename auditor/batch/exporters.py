"""Tables that well-known systems export, recognised by their own headings.

Recognised is a table that has every heading of ``known_by``; its headings are then read as below, before
the usual names (`columns`). What an exporter does not say stays unknown. Checked against the makers'
public documentation in November 2026; nothing here was tried on a real export.

**Aliyun Cloud Call Center (云联络中心 CCC, API 2020-07-01)**: items of ListCallDetailRecords,
GetCallDetailRecord and ListMonoRecordings/ListMultiChannelRecordings written as JSONL or CSV.
Documented: ``ContactId``, ``ContactType`` (INBOUND, OUTBOUND, BACK2BACK, PREDICTIVE …),
``CallingNumber``, ``CalledNumber``, ``StartTime`` and ``EstablishedTime`` (Unix milliseconds),
``ReleaseInitiator`` (agent, customer), ``SatisfactionSurveyOffered``, ``AgentIds`` (comma-separated in
order; one is the agent, several make nobody the agent), and of recordings ``FileName``, ``AgentId``,
``AgentName``, ``StartTime``. The file itself has to be downloaded first. ``ReleaseTime`` and
``AgentNames`` are read too, but we saw no description of them. Mono recordings are WAV, multi-channel
ones MKV with a track per party, of which the decoder reads the best one only: use the mono ones.

**Huawei Cloud Contact Center (云客服 CEC, 话单录音索引文件)**: the recording index (``…_record_N.csv``)
with ``call_id``, ``agent_id``, ``caller_no``, ``callee_no``, ``call_begin``, ``call_end``, ``file_name``
(a path on their server, e.g. ``/10/1/record/100/13533/0903379.wav``: looked for under the folders that
are named) and ``call_type`` (0 inbound, 1 outbound), all documented. The documents number the columns
and do not say that a heading is written: a file without one needs one. The call index (``…_call_N.csv``)
names no file and is no manifest; its ``ack_begin`` and ``ack_end`` are not described well enough to say
how long a phone rang, and its ``release_cause`` is a code of the exchange, no party.

**FreeSWITCH (mod_cdr_csv)**: templates have no heading; write one with the variables' names. Documented:
``uuid``, ``caller_id_number``, ``destination_number``, ``start_stamp``, ``answer_stamp``, ``end_stamp``
(local time), ``direction``, ``sofia_record_file``. ``hangup_cause`` names no party, and
``sip_hangup_disposition`` says who hung up only of the leg that it was written for (recv_bye of the
A-leg: the caller), which a table does not show: not read. ``direction`` is seen from the switch, where
each agent's leg is ``outbound``: not read either; ``[columns]`` can say that a centre's own column holds
it. ``record_path`` and ``record_file`` are usual names of centres' own variables, not FreeSWITCH's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.batch.columns import Exporter
from auditor.inputs.tables import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPORTERS = (
    Exporter(
        "Aliyun CCC",
        known_by=("ContactId",),
        fields={
            "ContactId": "call_id",
            "FileName": "audio",
            "ContactType": "direction",
            "CallingNumber": "caller",
            "CalledNumber": "callee",
            "StartTime": "started_at",
            "EstablishedTime": "answered_at",
            "ReleaseTime": "ended_at",
            "ReleaseInitiator": "release_party",
            "SatisfactionSurveyOffered": "survey_offered",
            "AgentId": "agent_id",
            "AgentIds": "agent_ids",
            "AgentName": "agent_name",
            "AgentNames": "agent_names",
        },
    ),
    Exporter(
        "Huawei CEC",
        known_by=("caller_no", "callee_no", "call_begin"),
        fields={
            "call_id": "call_id",
            "file_name": "audio",
            "agent_id": "agent_id",
            "caller_no": "caller",
            "callee_no": "callee",
            "call_begin": "started_at",
            "call_end": "ended_at",
            "call_type": "direction",
        },
    ),
    Exporter(
        "FreeSWITCH",
        known_by=("uuid", "start_stamp"),
        fields={
            "uuid": "call_id",
            "caller_id_number": "caller",
            "destination_number": "callee",
            "start_stamp": "started_at",
            "answer_stamp": "answered_at",
            "end_stamp": "ended_at",
            "sofia_record_file": "audio",
            "record_file": "audio",
            "record_path": "audio",
        },
        not_read=("direction",),
    ),
)


def recognise(headings: Sequence[str]) -> Exporter | None:
    """The exporter whose table this is; None: nobody's."""
    have = {plain(heading) for heading in headings}
    for exporter in EXPORTERS:
        if all(plain(name) in have for name in exporter.known_by):
            return exporter
    return None
