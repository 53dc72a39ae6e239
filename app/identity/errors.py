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


class TooManyFromDevice(Problem):
    """429: too many codes were asked for on one device; `retry_after` is a matter of minutes."""

    status = 429
    code = "too_many_codes_from_device"
    title = "Too many codes for this device"


class TooManyFromPerson(Problem):
    """429: one person asked for too many codes for a change of their number; `retry_after` is a matter of minutes."""

    status = 429
    code = "too_many_codes_from_person"
    title = "Too many codes for this person"


class CodeNotAccepted(Problem):
    """403: the code is wrong, used, too old, or was guessed at too often; which of them is not said."""

    status = 403
    code = "code_not_accepted"
    title = "The code is not accepted"


class CodeRequired(Problem):
    """403: a password alone opens nothing on a device that is not known; whether it is right was not looked at."""

    status = 403
    code = "code_required"
    title = "A code is required on this device"


class SecondProofRequired(Problem):
    """403: the code is right and still good, and this device is not known: somebody else may have had the number."""

    status = 403
    code = "second_proof_required"
    title = "A second proof is required"


class FormerNumberRequired(Problem):
    """403: who changes their number shows a code of the present one too, or has just proved a second
    factor that they have had for a week.
    """

    status = 403
    code = "former_number_required"
    title = "A code of the present number is required"


class ProofNotAccepted(Problem):
    """403: what was shown does not let anybody in; which part of it was wrong is not said."""

    status = 403
    code = "proof_not_accepted"
    title = "The proof is not accepted"


class TooManyTries(Problem):
    """429: a wrong code or proof came before; `retry_after` says when the next try may be made.

    Each miss doubles the pause.
    """

    status = 429
    code = "too_many_tries"
    title = "Too soon after a wrong try"


class FreshSignInRequired(Forbidden):
    """403: the person has no second factor, and signed in too long ago for this: a quarter of an hour."""

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
