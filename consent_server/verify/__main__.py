"""Runs the verifier alone: `python -m consent_server.verify FILE --key VKEY`."""

from consent_server.verify.cli import verify_command

if __name__ == "__main__":
    verify_command(prog_name="python -m consent_server.verify")
