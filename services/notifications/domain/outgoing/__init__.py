"""What leaves the house: endpoints, what their owners prefer, and each delivery to one of them."""
