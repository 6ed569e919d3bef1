"""The room of programs: platforms and partners ask for the menu and for a time. JSON in, JSON out."""
