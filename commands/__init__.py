"""The command line but for serving: one file per group of commands."""
