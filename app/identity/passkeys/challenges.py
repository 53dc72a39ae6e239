"""Challenges: random, kept as a digest alone, good once and for minutes; the statement that finds one deletes it."""

import secrets
import uuid

from sqlalchemy import delete

from app.core.scope import Scope
from app.core.unit import Unit, database, run
from app.identity.passkeys.ceremonies import text_of
from app.identity.passkeys.models import PasskeyChallenge, SignInChallenge
from app.identity.passkeys.rules import CHALLENGE_BYTES, CHALLENGE_LIFE


def ask(opened: Unit, purpose: str, sign_in: uuid.UUID) -> bytes:
    """A challenge for a sign-in of the unit's person."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    opened.add(
        PasskeyChallenge(
            digest=_digest(challenge), purpose=purpose, sign_in_id=sign_in, due_at=opened.now + CHALLENGE_LIFE
        )
    )
    return challenge


def spend(opened: Unit, challenge: bytes, purpose: str, sign_in: uuid.UUID) -> bool:
    """Whether that sign-in of the unit's person was asked this, for this, and has not answered."""
    row = PasskeyChallenge
    mine = (row.person_id == opened.scope.require_person(), row.digest == _digest(challenge))
    fits = (row.purpose == purpose, row.sign_in_id == sign_in, row.due_at > opened.now)
    spending = delete(row).where(*mine, *fits).returning(row.id).execution_options(synchronize_session=False)
    return opened.session.execute(spending).first() is not None


def ask_anybody() -> bytes:
    """A challenge for whoever wants to sign in."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    run(_scope(challenge), lambda opened: opened.add(SignInChallenge(due_at=opened.now + CHALLENGE_LIFE)))
    return challenge


def spend_anybodys(challenge: bytes) -> bool:
    """Whether somebody was asked this to sign in, and nobody has answered."""
    row, key = SignInChallenge, _digest(challenge)

    def work(opened: Unit) -> bool:
        spending = delete(row).where(row.key == key, row.due_at > opened.now).returning(row.key)
        found = opened.session.execute(spending.execution_options(synchronize_session=False))
        return found.first() is not None

    return run(_scope(challenge), work)


def _scope(challenge: bytes) -> Scope:
    return Scope.for_key(SignInChallenge.__tablename__, _digest(challenge))


def _digest(challenge: bytes) -> str:
    return database().blind.digest("passkey_challenge", text_of(challenge))
