"""The kitchen's plan: it is the open tasks themselves. Here it is read as jobs, improved, applied and shown."""
