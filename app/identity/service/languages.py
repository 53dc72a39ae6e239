"""In which language somebody is written to: the one of their account, which they choose."""

from app.core.errors import NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.core.versions import expect_version
from app.identity.credentials import PERSON
from app.identity.repository import chosen_locale, person
from app.identity.service.accounts import locked_person
from app.identity.service.sign_in import Me, me_of, owner_of


def choose(scope: Scope, locale: str, expected: int | None, by: Caller, effect: Effect | None) -> Me:
    """Write to the person of `scope` in `locale` from now on; raises NotFound, and PreconditionFailed for another
    version of theirs than `expected`.
    """

    def work(opened: Unit) -> Me:
        row = locked_person(opened)
        if row is None:
            raise NotFound
        expect_version(row, expected)
        row.locale, row.locale_chosen_at, row.version = locale, opened.now, row.version + 1
        record(opened, "person.locale_changed", PublicId(PERSON, scope, row.person_id), row.version, {"locale": locale})
        return me_of(opened, row)

    return run(scope, work, by, effect=effect)


def spoken_by_holder(phone: str) -> str | None:
    """The language that whoever signs in with `phone` has chosen; None where nobody does, or has. It takes as long
    either way: how long an answer takes tells nobody whether there is an account.
    """
    with unit(Scope.for_person(owner_of(phone) or new_id())) as reading:
        return chosen_locale(person(reading))
