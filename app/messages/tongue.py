"""In which of our two languages somebody wrote, as far as small words tell.

It only says how a screen reader should pronounce a message. A doubt is no answer: the message then
counts as written in the language of the page, as before.
"""

from __future__ import annotations

import re

# Words that are frequent in one of the languages and are none in the other.
_ENGLISH_WORDS = """
    about all also and any are at be because been but can could did do does for from get got had
    has have he her him his how if in is it just know me my no not now of on or our out please
    she so some thank thanks that the their them then there they this to up was we were what when
    where which who will with would yes you your
"""
_WELSH_WORDS = """
    ac ar beth ble bod byddaf bydd byddwn cael chi ddim diolch dim dwi dych eich ein eisiau eto fe
    fel felly fod fy gael gallaf gallwch gan gyda heb helo hoffwn hon hwn hyn hynny iawn mae mewn
    mor na nac neu nhw nid oedd oedden oes ond os pam pryd roedd roeddwn rwy rwyf rydw rydych rydym
    sut sydd trwy unrhyw wedi wedyn wrth y ydw ydy ydych yma yn yna yr yw
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_WELSH = frozenset(_WELSH_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 2
_CLEARLY = 3
"""Times as many words of one language as of the other."""


def language_of(text: str) -> str | None:
    """Return ``en`` or ``cy``; None where the words are too few or from both."""
    words = [word.casefold() for word in _WORD.findall(text)]
    english = sum(word in _ENGLISH for word in words)
    welsh = sum(word in _WELSH for word in words)
    if english >= max(_ENOUGH, _CLEARLY * welsh):
        return "en"
    if welsh >= max(_ENOUGH, _CLEARLY * english):
        return "cy"
    return None
