"""The published language of Qudao: what every context may know of every other."""
