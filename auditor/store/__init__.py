"""The store: what was heard and judged, in SQLite or PostgreSQL.

::

    with open_store(url) as store:
        run = open_run(store, book=book, model=engine.facts, command="batch calls/", calls=len(calls))
        ...
        key = evidence_key(audio_sha256=…, channels=channel_map(record, flag=…), model_sha256=…, …)
        stored = evidence_of(store, key)            # heard before? then `stored.of_call(record=…, paths=…)`
        save_audit(store, audit, evidence_key=key, book=book, run_id=run)
        close_run(store, run, state="complete", tally=RunTally(audited=…))

Words: *evidence* is what was heard of a recording; a *scorecard* is its findings by one rulebook and their
sum; an *audit* is evidence with its scorecard; a *finding* is one rule's verdict; a *run* is one go over some
calls; a *failure* is a call that could not be audited; an *edition* is one rulebook and one model.
Heavy libraries are imported by the modules, so import this package where a store is used.
"""

from __future__ import annotations

from auditor.store.accounts import (
    Account,
    account_named,
    account_vouched,
    accounts,
    add_account,
    bind_account,
    disable_account,
    improve_hash,
    set_password,
    site_key,
)
from auditor.store.activities import Activity, activities, add_activities
from auditor.store.adding import ClauseSum, Spread, Sums
from auditor.store.appeals import (
    APPEAL_DAYS,
    appeal,
    appeal_until,
    charged_to,
    finding_behind,
    judge_appeal,
    why_no_appeal,
)
from auditor.store.clips import Clip, clips
from auditor.store.database import Store, open_store, store_url, transact, upgrade_store
from auditor.store.editions import (
    Edition,
    editions,
    fullest_edition,
    latest_edition,
    left_out,
    newest_start,
)
from auditor.store.failures import StoredFailure, failures, save_failure
from auditor.store.files import known_sha256, remember_sha256, sha256_of_stamps
from auditor.store.hearings import save_evidence
from auditor.store.keys import (
    Address,
    ChannelMap,
    address_of,
    call_identity,
    call_record_sha256,
    channel_map,
    evidence_key,
    scorecard_key,
)
from auditor.store.logins import (
    SignedIn,
    close_session,
    count_refusal,
    forget_refusals,
    open_session,
    signed_in,
    wait_s,
)
from auditor.store.packing import HeardBy, StoredEvidence
from auditor.store.purge import Purgeable, Purged, purge_older_than, purgeable
from auditor.store.reading import (
    ReviewedAudit,
    audit_of,
    evidence_among,
    evidence_of,
    has_scorecard,
    iter_audits,
    iter_cards,
    results_of,
    scorecards_among,
)
from auditor.store.rescoring import (
    HeardCall,
    StoredCall,
    count_heard,
    iter_heard,
    save_rescored,
    stored_calls,
)
from auditor.store.reviewed_sums import ReviewedSums, reviewed_sums
from auditor.store.reviews import review
from auditor.store.rulebooks import stored_rulebook
from auditor.store.runs import RunTally, close_run, open_run, reopen_run, touch_run
from auditor.store.selection import (
    Agent,
    Selection,
    agents,
    close_agents,
    close_calls,
    close_teams,
    find_agent,
    find_team,
    teams,
)
from auditor.store.standing import ReviewedCall, Standing, Step, proof_of, reviewed_call
from auditor.store.sums import sums, sums_by, sums_over_time, time_of_calls
from auditor.store.worklists import (
    CallLine,
    FindingLine,
    calls,
    critical_calls,
    findings_of,
    review_queue,
    verdicts_of,
)
from auditor.store.writing import save_audit

__all__ = [
    "APPEAL_DAYS",
    "Account",
    "Activity",
    "Address",
    "Agent",
    "CallLine",
    "ChannelMap",
    "ClauseSum",
    "Clip",
    "Edition",
    "FindingLine",
    "HeardBy",
    "HeardCall",
    "Purgeable",
    "Purged",
    "ReviewedAudit",
    "ReviewedCall",
    "ReviewedSums",
    "RunTally",
    "Selection",
    "SignedIn",
    "Spread",
    "Standing",
    "Step",
    "Store",
    "StoredCall",
    "StoredEvidence",
    "StoredFailure",
    "Sums",
    "account_named",
    "account_vouched",
    "accounts",
    "activities",
    "add_account",
    "add_activities",
    "address_of",
    "agents",
    "appeal",
    "appeal_until",
    "audit_of",
    "bind_account",
    "call_identity",
    "call_record_sha256",
    "calls",
    "channel_map",
    "charged_to",
    "clips",
    "close_agents",
    "close_calls",
    "close_run",
    "close_session",
    "close_teams",
    "count_heard",
    "count_refusal",
    "critical_calls",
    "disable_account",
    "editions",
    "evidence_among",
    "evidence_key",
    "evidence_of",
    "failures",
    "find_agent",
    "find_team",
    "finding_behind",
    "findings_of",
    "forget_refusals",
    "fullest_edition",
    "has_scorecard",
    "improve_hash",
    "iter_audits",
    "iter_cards",
    "iter_heard",
    "judge_appeal",
    "known_sha256",
    "latest_edition",
    "left_out",
    "newest_start",
    "open_run",
    "open_session",
    "open_store",
    "proof_of",
    "purge_older_than",
    "purgeable",
    "remember_sha256",
    "reopen_run",
    "results_of",
    "review",
    "review_queue",
    "reviewed_call",
    "reviewed_sums",
    "save_audit",
    "save_evidence",
    "save_failure",
    "save_rescored",
    "scorecard_key",
    "scorecards_among",
    "set_password",
    "sha256_of_stamps",
    "signed_in",
    "site_key",
    "store_url",
    "stored_calls",
    "stored_rulebook",
    "sums",
    "sums_by",
    "sums_over_time",
    "teams",
    "time_of_calls",
    "touch_run",
    "transact",
    "upgrade_store",
    "verdicts_of",
    "wait_s",
    "why_no_appeal",
]
