"""A sandbox key service: wraps keys with one that it holds itself, by the transit interface of Vault and OpenBao.

Run it with `python -m deploy.sandbox.kms --token <token>`. It forgets its key when it ends, unless `--key` names one.
"""
