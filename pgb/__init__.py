"""`pgb`: a theorem checker for loss landscapes of neural networks."""
