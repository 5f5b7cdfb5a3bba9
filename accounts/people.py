"""Making accounts and checking passwords: what the terminal and the pages of this room share."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlmodel import Session, select

from accounts.errors import AccountInputError
from accounts.tables import ROLES, User

SHORTEST_PASSWORD = 12
_hasher = PasswordHasher()
_nobody = _hasher.hash(secrets.token_urlsafe())


def normal_name(name: str) -> str:
    """The form in which a name is kept and compared: NFKC, lower case, no outer space, nothing unprintable."""
    shown = "".join(sign for sign in unicodedata.normalize("NFKC", name) if sign.isprintable())
    return shown.strip().casefold()


def fresh_password() -> str:
    """A new password of 120 random bits, in groups that can be read aloud and typed from paper."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    letters = "".join(secrets.choice(alphabet) for _ in range(25))
    return "-".join(letters[start : start + 5] for start in range(0, 25, 5))


def add_user(session: Session, name: str, role: str, password: str) -> User:
    """Add an account.

    Raises:
        AccountInputError: the name is empty, too long or taken; the role is unknown; the password is too short.
    """
    name = normal_name(name)
    if not 0 < len(name) <= 64:
        raise AccountInputError("An account name needs 1 to 64 characters.")
    if role not in ROLES:
        raise AccountInputError(
            "There is no role %(role)s; choose one of %(roles)s.", role=role, roles=", ".join(ROLES)
        )
    if len(password) < SHORTEST_PASSWORD:
        raise AccountInputError("A password needs at least %(count)s characters.", count=SHORTEST_PASSWORD)
    if find_user(session, name):
        raise AccountInputError("There is an account %(name)s already.", name=name)
    user = User(name=name, role=role, password=_hasher.hash(password))
    session.add(user)
    return user


def find_user(session: Session, name: str) -> User | None:
    """The account of that name, disabled ones too."""
    return session.exec(select(User).where(User.name == normal_name(name))).first()


def disable_user(session: Session, name: str) -> User:
    """Shut an account; its open sessions end with the next request.

    Raises:
        AccountInputError: there is no such account.
    """
    user = find_user(session, name)
    if not user:
        raise AccountInputError("There is no account %(name)s.", name=name)
    user.disabled = True
    session.add(user)
    return user


def check_password(user: User | None, password: str) -> bool:
    """Whether the password opens the account; an unknown or disabled one takes the same time and says no."""
    try:
        _hasher.verify(user.password if user else _nobody, password)
    except VerificationError:
        return False
    return user is not None and not user.disabled
