"""Where the departments keep their tables: databases, SQLite files, and files of many shapes."""
