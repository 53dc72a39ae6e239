"""A sandbox scanner for malware that speaks clamd's protocol: it knows one sample, the test file of EICAR.

Run it with `python -m deploy.sandbox.scanner`.
"""
