"""Learn a column by a generator and a critic (a Wasserstein GAN over characters)."""
