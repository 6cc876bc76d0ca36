"""Mutants with one memory order that is too weak.

    weakened/NN_name/NAME.patch   what is changed, and in its head:
        # test: Suite.Test        the test that must fail
        # what: ...               what it does wrong, after its name
        # says: ...               the first line of the explorer's verdict
"""

load("//tools:chapter.bzl", "EXPLORED_COPTS", "SHORT_RINGS", "WRAP_LINKOPTS", "explored_code")
load("//tools:chapters.bzl", "SHORTENED")
load("//tools:verdict.bzl", "verdict_test")

def weakened_orders(chapter, sources):
    """A test for each patch of a chapter: the explorer finds it, and says so.

    Args:
      chapter: whose scenarios run; its patches are in weakened/CHAPTER.
      sources: labels of the files that its patches change.
    """
    patches = native.glob(["weakened/%s/*.patch" % chapter])
    if not patches:
        fail("no patches in weakened/" + chapter)
    for patch in patches:
        verdict_test(
            name = "weakened_%s_%s_test" % (chapter[:2], patch.split("/")[-1][:-len(".patch")]),
            kind = "weakened",
            size = "small",
            change = patch,
            program = ":" + chapter,
            sources = sources,
            deps = ["//solutions/%s:%s" % (chapter, explored_code("reference", chapter))],
            copts = EXPLORED_COPTS + (SHORT_RINGS if chapter in SHORTENED else []),
            linkopts = WRAP_LINKOPTS,
        )
