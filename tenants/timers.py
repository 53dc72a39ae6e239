"""What tenants do by themselves: let proposals expire that nobody confirmed."""

from app.core.timers import Timer
from tenants.proposal_models import Proposal
from tenants.service.proposals import expire_due

TIMERS = (Timer("expire-proposals", (Proposal,), expire_due, hurried=False),)
