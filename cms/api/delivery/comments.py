"""Public comments: read a thread, leave one."""
