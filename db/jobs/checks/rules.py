"""The kind of job that verifies the history."""

KIND = "access.verify"
