"""Appointments: a plan's sessions in a clinic's diary, and what becomes of them."""
