"""Why a text of a catchment, or a part of it, gives nobody a school, in the reader's language."""

from __future__ import annotations

from geodata.report.html import Translate
from ledger.errors import Phrase

WHY = {
    phrase.message: phrase
    for phrase in (
        Phrase("a bound that is not clear"),
        Phrase("a bracket that does not close"),
        Phrase("a bracket with other numbers than those before it"),
        Phrase("a lane without numbers"),
        Phrase("a name without its beginning"),
        Phrase("a part of a house"),
        Phrase("a part of no number"),
        Phrase("a range in a remark"),
        Phrase("a range that falls"),
        Phrase("a remark or a number without a name before it"),
        Phrase("a remark that is not clear"),
        Phrase("a road that bounds it is not among the streets"),
        Phrase("a sign without meaning here"),
        Phrase("a whole street, or only what the bracket names"),
        Phrase("a whole street, or the heading of what follows"),
        Phrase("an exception that does not stand in brackets"),
        Phrase("an exception with conditions of its own"),
        Phrase("house numbers, and none"),
        Phrase("its roads do not enclose any land"),
        Phrase("no known address has this name or number"),
        Phrase("no plain name"),
        Phrase("nothing that names a place"),
        Phrase("numbers after a whole street"),
        Phrase("numbers in a remark"),
        Phrase("numbers of one of two names"),
        Phrase("numbers that are not clear"),
        Phrase("numbers without a street"),
        Phrase("several places of the city have this name"),
        Phrase("something without some of its houses"),
        Phrase("the inside of no lane"),
    )
}
"""What `why` says before its colon; after the colon stand words of the text itself."""


def why_name(why: str, _: Translate) -> str:
    """A reason in the reader's language, with the words of the text that it is about."""
    reason, _colon, words = why.partition(": ")
    name = _(WHY[reason].message) if reason in WHY else reason
    return _("%(reason)s: %(words)s", reason=name, words=words) if words else name
