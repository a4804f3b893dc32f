"""What may change on a page: the page engine (`page`), the built-in transforms (`builtin`) and the list of them."""
