"""Bills, the payment gateway, refunds, ledger and reconciliation."""
