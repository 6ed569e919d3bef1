"""The demo shop 糖间 Tangjian: its world, ninety days of history, and a kitchen that works by itself."""
