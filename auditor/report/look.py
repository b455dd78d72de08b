"""The look that call reports, agent reports and the site share, and the body of a call's page.

Files under ``templates/``, all of them free of requests to anywhere:

``style.css``
    Tokens (``--paper --card --ink --muted --line``, ``--agent --customer``, ``--fail --review --pass --na``
    with their ``-tint``, spacing ``--s1 … --s6``, type ``--t-xs … --t-figure``) and the parts that recur:
    ``.page .panel .caution .facts .badge .counts .score .figure .meter .button .field .go .table .fine
    .kicker .skip .unseen``. Verdicts and results are classes under their own names: ``fail needs_review pass
    not_applicable critical not_scored``. A site whose own bar sticks to the top sets ``--top`` to its height.
``call.css``, ``call.js``
    The page of a call. The script needs no globals and does nothing on other pages.
``call_body.html``
    The macro ``call_body(page, audio_url="", audio_note="", head_actions="")``: one call without a document
    around it, with the page's only ``h1``; it stands in a ``<main>``, once a page.

    * ``page``: `auditor.report.page.make_page`; give it ``peaks=()`` to draw levels instead of opening the
      recording, ``standard`` for wording and limits, ``reviewed`` for decisions and the reviewed score.
    * ``audio_url``: what the player plays (``data:…``, or an address that answers byte ranges); "" says that
      there is no sound, in the words of ``audio_note`` if given. An address that fails is said on the page.
    * ``head_actions``: markup under the call's facts.
    * A call block fills the slot of every finding, passes and inapplicable ones included (its
      ``.finding-actions``; not printed)::

        {% from "call_body.html" import call_body %}
        {% call(finding) call_body(page, audio_url="/calls/7/audio") %}
          <form …>{{ finding.rule }} {{ finding.verdict }}</form>
        {% endcall %}

      ``finding`` is an `auditor.report.findings_view.FindingView`. Links, fields and forms in it keep their
      own clicks and keys.
    * Each finding is an element with ``id="finding-P3.2b"``, ``data-rule`` and ``data-verdict``;
      ``#finding-P3.2b`` in the address unfolds and selects it. ``.selected`` is the one being looked at, and
      a ``finding-selected`` event on ``document`` says so (``detail: {id, rule}``).
    * Keys in use: space, N, P, ← →, and Home and End on the timeline. Others are free.

Autoescaping must be on. Under a content security policy the body needs ``style-src-attr 'unsafe-inline'``
(marks stand at ``style="left:…%"``) and ``media-src``; scripts and stylesheets may be files.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment, PackageLoader


def loader() -> PackageLoader:
    """The templates of reports, for an environment that includes them."""
    from jinja2 import PackageLoader  # noqa: PLC0415

    return PackageLoader("auditor.report", "templates")


@cache
def environment() -> Environment:
    """The environment in which reports are rendered: everything escaped, unknown names are errors.

    Its ``asset(name)`` puts a stylesheet or script of the templates' folder into a page as it stands.
    """
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    made = Environment(
        loader=loader(), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Our own files, read as they are: a template engine would trip over their braces.
    made.globals["asset"] = lambda name: Markup(asset(name))
    made.filters["css_string"] = css_string
    return made


def css_string(text: str) -> str:
    """The text between the quotes of a CSS string, every character as its code: nothing can end it."""
    return "".join(f"\\{ord(char):x} " for char in text)


@cache
def asset(name: str) -> str:
    """A stylesheet or script by its name, such as ``style.css``.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return resources.files("auditor.report").joinpath("templates", name).read_text(encoding="utf-8")
