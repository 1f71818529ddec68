"""Running Airflow beside the warehouse: its environment, its metadata database, its processes.

Nothing here imports Airflow: it is started as a program of its own.
"""
