"""Run the insurer's system."""

from __future__ import annotations

from deploy.sandbox.dial import Dial
from deploy.sandbox.insurer.ledger import TABLES
from deploy.sandbox.insurer.system import Insurer
from deploy.sandbox.integrator.program import command_line, run

if __name__ == "__main__":
    run(command_line("A sandbox insurer", 8470).parse_args(), TABLES, Dial("refuse"), Insurer)
