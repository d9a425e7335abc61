"""Every adapter keeps its port's promises."""
