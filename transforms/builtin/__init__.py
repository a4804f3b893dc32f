"""The built-in transforms, one file each; `transforms.registry` lists them."""
