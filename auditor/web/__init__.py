"""The site: pages for supervisors, inspectors and agents over one store, for a browser without internet.

::

    request ─ shield (limits, headers) ─ visits (who, may he, log) ─ routes/* ─ store, report ─ templates

Who may see what is decided in `access` alone: routes ask the store only for rows that it lets through. Every
look is in the log before its page is sent (`logbook`).
"""
