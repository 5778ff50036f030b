"""What an import reads and what it may carry. Pure: no database, no Flask, no clock."""
