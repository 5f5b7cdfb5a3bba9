"""Small pieces of HTML; every text is escaped here unless a docstring says that it is HTML already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

Translate = Callable[..., str]
"""`gettext`: an English sentence and its values -> the sentence in the reader's language."""


def section(name: str, title: str, *parts: str) -> str:
    """A section with an anchor; nothing where it has no content. Parts are HTML."""
    body = "".join(parts)
    return f'<section id="{name}"><h2>{escape(title)}</h2>{body}</section>' if body else ""


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; nothing for an empty text."""
    return f"<p{_class(kind)}>{escape(text)}</p>" if text else ""


def listing(kind: str, sentences: Iterable[str]) -> str:
    """An ordered or unordered list (`ol`, `ul`)."""
    return f"<{kind}>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + f"</{kind}>"


def fold(summary: str, body: str) -> str:
    """Details that open on a press and always on paper; `body` is HTML."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int] = ()) -> str:
    """A table that scrolls by itself where the page is narrow; cells are HTML, heads are texts."""
    kinds = [_class("n" if at in set(numeric) else "") for at in range(len(heads))]
    top = "".join(f'<th scope="col"{kind}>{escape(head)}</th>' for kind, head in zip(kinds, heads, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def over(text: str, bad: bool) -> str:
    """A figure, marked by weight and colour where it is bad."""
    return f'<strong class="over">{escape(text)}</strong>' if bad else escape(text)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
