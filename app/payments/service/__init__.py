"""What can be done with bills, payments and refunds."""
