"""The control plane on aiohttp: what Vitrina serves itself, publicly under /_vitrina/ and to the operator."""
