"""Benchmarks: what the platform costs against what the database alone would cost, in one run on one machine."""
