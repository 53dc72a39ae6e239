"""Run the pharmacy's system."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.sandbox.dial import Dial
from deploy.sandbox.integrator.program import command_line, run
from deploy.sandbox.pharmacy.shelf import TABLES
from deploy.sandbox.pharmacy.system import Pharmacy

if __name__ == "__main__":
    parser = command_line("A sandbox pharmacy", 8460)
    parser.add_argument("--products", type=Path, required=True, help="JSON: [{medicine, name, price, stock}]")
    given = parser.parse_args()
    try:
        products = json.loads(given.products.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        parser.error(f"--products: {error}")
    run(given, TABLES, Dial("refuse", "decline"), lambda desk: Pharmacy(desk, products))
