"""Appointments: files, screen and calendar."""
