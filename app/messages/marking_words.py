"""What the case record is told of marks. In English, as the record is; sealed as it was owed, so
that a change here alters nothing that was said before."""

from __future__ import annotations

from app.messages.rules import MarkKind, Marks

_WORDS = {
    MarkKind.DISCLOSURE: "the victim tells of another crime or of harm (disclosure)",
    MarkKind.WITHDRAWAL: "the victim may want to withdraw",
    MarkKind.COMPLAINT: "the victim complains about the officer or the police",
}


def text_of_marking(sequence: int, before: Marks, after: Marks) -> str:
    """What a `marking` entry says: the whole of what the message is marked as now."""
    taken_off, put_on = before - after, after - before
    is_marked = f"It is now marked: {_listed(after)}." if after else "It is now not marked."
    if not before:
        return f"Message {sequence} was marked by the force. {is_marked}"
    changes = [
        f"{what}: {_listed(kinds)}."
        for what, kinds in (("Taken off", taken_off), ("Put on", put_on))
        if kinds
    ]
    return " ".join(
        [f"The marks on message {sequence} were corrected by the force.", *changes, is_marked]
    )


def text_of_withdrawal(sequence: int) -> str:
    """What a `withdrawal` entry says."""
    return (
        f"In message {sequence} the victim may want to withdraw. This is how the force read the"
        " message; it is not a statement and decides nothing. Speak to the victim alone, by the"
        " agreed safe way: somebody may be making them say it. Give no quick reply."
    )


def _listed(kinds: Marks) -> str:
    return "; ".join(_WORDS[kind] for kind in MarkKind if kind in kinds)
