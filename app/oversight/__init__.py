"""What a force's administrators and auditors see: settings, officers, the audit record, figures.

No page here shows a case, a conversation, or a victim.
"""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("oversight", __name__, url_prefix="/officer")
