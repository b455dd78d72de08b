"""The verdicts of faultless calls, kind by kind: what a careful inspector writes for every rule.

Reasoned from the standard clause by clause, not from what the rulebook finds. A call names only what
differs from its kind.
"""

from __future__ import annotations

PASS, FAIL, NONE, REVIEW = "pass", "fail", "not_applicable", "needs_review"

# Decided by how a call sounds; all the others follow from words, turn times and the call record.
SOUND_RULES = ("P3.1", "P3.5a", "P3.5b", "P3.6a", "P3.6b", "V1", "V2", "V3", "V4", "V5")

INBOUND = {
    "P1": PASS,
    **dict.fromkeys(("P2.1", "P2.2", "P2.3"), NONE),  # the customer called
    "P3.1": NONE,  # no ring in the file and no ring times in the record
    "P3.2a": PASS,
    "P3.2b": PASS,
    "P3.3": NONE,  # nobody asks for anything to be said again
    "P3.4": NONE,  # nobody dictates
    "P3.5a": PASS,
    "P3.5b": PASS,
    "P3.5c": PASS,
    "P3.6a": PASS,  # the customer's leg falls to the idle code first
    "P3.6b": PASS,  # the agent's leg goes on to its own end, without a bang
    **dict.fromkeys(("V1", "V2", "V3", "V4", "V5"), PASS),
    "C1": PASS,
    "C2": PASS,  # 请问
    "C3": PASS,  # 请问您还有其他问题吗 … 谢谢您
    "C4": NONE,  # nothing to apologise for
    "C5": NONE,  # a question is no request
    "C6": PASS,
    "C7": PASS,
    "C8a": PASS,
    "C8b": PASS,
    "C8c": NONE,
    "C8d": PASS,
    "C9": PASS,
    **dict.fromkeys(("C10a", "C10b", "C10c", "C10d", "C11a", "C11b", "C11c", "C11d"), PASS),
    "C12": PASS,
    **dict.fromkeys(("S1", "S2"), NONE),  # no fault of the company, no rude customer
    "S3": PASS,
    **dict.fromkeys(("S4", "S5", "S6", "S7", "S8", "S9", "S10"), NONE),
    "S11": PASS,
    **dict.fromkeys(("S12", "S13"), NONE),
    "G1": PASS,
    **dict.fromkeys(("G2", "G3", "G4", "G5", "G6", "G7"), NONE),
    "G8": PASS,  # 没有了,谢谢 … 谢谢您,再见
    **dict.fromkeys(("G9a", "G9b", "G10", "G11"), NONE),
    "H1": NONE,
    "H2": NONE,  # why a telephone is stopped is no question about a business
    **dict.fromkeys(("H3", "H4", "H5", "H6"), NONE),
    **dict.fromkeys(("W1", "W2", "W3", "W4", "W5", "W6"), NONE),
    **dict.fromkeys(("K1", "K2", "K3", "K4", "K5", "K6", "K7"), NONE),
    **dict.fromkeys(("D1", "D2", "D3a", "D3b", "D4", "D5"), NONE),
}
# 1258 from a China Mobile number: W1 opens, so that 您好,中国移动 and the offer are not due.
DESK = INBOUND | {
    **dict.fromkeys(("P3.2a", "G1", "G8"), NONE),
    "C2": NONE,
    "W1": PASS,
}
# Another network's number: the desk answers as 1860 does.
DESK_FOREIGN = INBOUND | {"G8": NONE}
KEY_ACCOUNT = INBOUND | {**dict.fromkeys(("P3.2a", "G1", "G8"), NONE), "K1": PASS}
OUTBOUND = INBOUND | {
    **dict.fromkeys(("P2.1", "P2.2", "P2.3"), PASS),
    **dict.fromkeys(("P3.2a", "G1", "G8"), NONE),
}
# Greeting in D1; department and name follow in D2 only.
COLLECTION = OUTBOUND | {**dict.fromkeys(("P1", "P2.2"), NONE), "D1": PASS}

# 60 syllables in 3 turns are needed for V3, 20 s of voiced speech for V4.
SHORT = {"V3": NONE, "V4": NONE}
MEDIUM = {"V4": NONE}
# 我的密码忘了怎么办? is an enquiry.
ENQUIRY = {"H2": PASS}
# 业务已受理完毕, but the number was never confirmed, and neither fee nor date said.
HANDLED = {"H5": FAIL, "S9": REVIEW}
NO_RELEASE = {"P3.6a": NONE, "P3.6b": NONE}  # both legs end together: nobody could tell
