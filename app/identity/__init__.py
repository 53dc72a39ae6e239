"""Who someone is: clients and their credentials, access tokens, and what they may do."""
