"""What can go wrong when people sign in."""

from app.core.errors import Forbidden, Problem


class TooManyCodes(Problem):
    """429: a code was sent to this number too recently or too often; `retry_after` says when the next may go out."""

    status = 429
    code = "too_many_codes"
    title = "Too many codes for this number"


class TooManyFromAddress(Problem):
    """429: too many codes were asked for from the caller's address; `retry_after` is a matter of seconds."""

    status = 429
    code = "too_many_codes_from_address"
    title = "Too many codes for this address"


class CodeNotAccepted(Problem):
    """403: the code is wrong, used, too old, or was guessed at too often; which of them is not said."""

    status = 403
    code = "code_not_accepted"
    title = "The code is not accepted"


class TooManyTries(Problem):
    """429: a wrong code came before; `retry_after` says when the next try may be made. Each miss doubles the pause."""

    status = 429
    code = "too_many_tries"
    title = "Too soon after a wrong code"


class FreshSignInRequired(Forbidden):
    """403: the person has no second factor, and signed in too long ago for this."""

    code = "fresh_sign_in_required"
    title = "A fresh sign-in is required"


class PasskeyNotAccepted(Problem):
    """403: the answer proves nothing: no such passkey, a wrong signature, page or domain, a challenge that is spent or
    too old; which of them is not said.
    """

    status = 403
    code = "passkey_not_accepted"
    title = "The passkey is not accepted"


class PasskeyStopped(Problem):
    """403: the passkey's counter went back, now or before: somebody has a copy. Only who can show it is told."""

    status = 403
    code = "passkey_stopped"
    title = "The passkey was stopped"
