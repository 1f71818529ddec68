"""The night: its steps in order, its ledger, its lock. Airflow and the command line call the same steps."""
