"""What is measured and against what: our parts beside the least a baseline can do, in one run."""
