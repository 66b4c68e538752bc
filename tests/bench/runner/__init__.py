"""Measures systems that take events in and deliver them: see ../README.md."""
