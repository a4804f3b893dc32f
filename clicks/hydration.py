"""Marks of pages whose scripts take over the markup that they were served with.

They compare what they would render with what they find: a block that moved is put back, or filled with another
product's data. Told by ids and attributes of their own, so that one query finds them all: a query that reads `href` or
`src` would make every link that changes from visitor to visitor count as another page. Not here, for they work on
whatever the page holds: Alpine and Livewire, which compares with new markup from the shop after an action.
"""

from typing import Final

MARKS: Final = (
    "[data-reactroot]",  # React before 18
    "link[data-precedence]",  # React 19, and Next's app router
    "#__next", "script#__NEXT_DATA__", "img[data-nimg]",  # Next; its images with either of its routers
    "#___gatsby",
    "#__remix", "a[data-discover]",  # Remix, React Router: the context itself is a script's variable
    "[data-server-rendered]",  # Vue 2
    "[data-v-app]",  # Vue 3, recorded from a browser: rendering on the server leaves no mark of its own
    "#__nuxt", "script#__NUXT_DATA__",
    "[ng-server-context]", "[ng-version]",  # in served markup the version was set by Angular on the server
    "[data-sveltekit-hydrate]", "script[data-sveltekit-fetched]", "[data-sveltekit-preload-data]",
    "astro-island[ssr]",  # the attribute is taken away once the island is alive
    "[data-hydrate]",
)  # fmt: skip
"""Selectors, each of which alone tells such a page."""

MARKS_CSS: Final = ", ".join(MARKS)
