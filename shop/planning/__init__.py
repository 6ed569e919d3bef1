"""The planning engine: pure arithmetic about jobs, machines, people and minutes. It knows no table and no shop."""
