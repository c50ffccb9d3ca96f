print("preimage")
