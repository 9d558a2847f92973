"""What is written of monitoring: verdicts, maintenance, people's wishes, the lease."""
