"""The kitchen: boards on the wall and on tablets, for whoever bakes."""
