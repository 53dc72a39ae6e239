"""Pure decisions about bills, payments and refunds."""
