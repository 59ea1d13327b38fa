"""Training of a generator and a critic on a column (a Wasserstein GAN over characters)."""
