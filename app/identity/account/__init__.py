"""The pages on which the owner of an account sees to its safety; they call the same services as the API."""
