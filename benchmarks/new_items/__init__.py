"""Whether items that training never met are seen, and what that costs."""
