"""The benchmarks: each measures the shop beside a ceiling or a peer, in the same run, on the same machine."""
