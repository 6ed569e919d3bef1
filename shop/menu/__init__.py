"""What the shop sells: products, sizes, options, allergens, routes through the kitchen, and prices."""
