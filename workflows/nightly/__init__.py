"""What is done once a day for all cases together: priorities weighed anew, and the leads' digest."""
