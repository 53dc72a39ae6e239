"""What is printed about a platform that stays up: where it is, how people sign in, what systems sign in with."""

from collections.abc import Iterable, Mapping

from deploy.demo.listening import Credentials
from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person

SignIn = tuple[str, str, Person]
"""Tenant, what somebody is in it, and they themselves."""
SIGNING_IN = """
sign in: POST /api/v1/sign-in-codes, then /api/v1/sign-ins with phone and code (one code a minute for each phone)
and, as the device is a new one, with a second proof: second_factor, which is what an authenticator app shows that
has their otpauth URI (each is good once), or the device_token that stands here, of a device that is known;
staff then acts for its tenant by GET /api/v1/me/affiliations, POST /api/v1/me/affiliations/<id>/tokens and
proves its second factor again before it signs or decides where 15 minutes have passed:
POST /api/v1/me/second-factor"""
System = tuple[str, Tenant, Credentials]
"""A kind of tenant, one of it, and the credentials of a system that it may connect."""


def addresses(known: Mapping[str, str]) -> None:
    """A line for each address."""
    for name, address in known.items():
        print(f"{name:<18} {address}")


def sign_ins(sms: str, people: Iterable[SignIn]) -> None:
    """How to sign in, and as whom; codes arrive at the SMS gateway `sms`."""
    print(SIGNING_IN)
    print(f"codes arrive at {sms}/sandbox/messages?to=%2B86... (%2B is the plus)")
    for tenant, role, person in people:
        print(f"  {role:<34} {person.phone}  {tenant}")
        print(f"  {'':<34} {person.proving.uri if person.proving else f'device_token={person.device_token}'}")


def clients(known: Iterable[System]) -> None:
    """What systems of one's own sign in with."""
    print("\nAPI clients for systems of your own; token: POST /oauth/token with id and secret as HTTP Basic")
    for kind, tenant, client in known:
        head = tenant.administrator
        print(f"  {kind:<9} CLIENT_ID={client.id} CLIENT_SECRET={client.secret}  {tenant.name} {tenant.id}")
        print(f"  {'':<9} administrator {head.phone}  {head.proving.uri if head.proving else ''}")
