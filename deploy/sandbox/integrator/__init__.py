"""What every program of an integrator needs: the platform's API, proven hooks, and a book that survives a restart.

The pharmacy and the insurer of the sandbox stand on it; so can a system of your own.
"""
