"""What browsers hold and see: cookies, forms that nobody else may post, colours that can be read."""
