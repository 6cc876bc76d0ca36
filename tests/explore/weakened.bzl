"""Mutants with one memory order that is too weak.

    weakened/NN_name/NAME.patch   what is changed, and in its head:
        # test: Suite.Test        the test that must fail
        # what: ...               what it does wrong, after its name
        # says: ...               the first line of the explorer's verdict
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library")
load("@rules_sh//shell:defs.bzl", "sh_test")
load("//tools:chapter.bzl", "EXPLORED_COPTS", "explorer_binary")
load("//tools:chapters.bzl", "EXPLORED", "previous_chapter")

def weakened_orders(chapter, sources):
    """A test for each patch of a chapter: the explorer finds it, and says so.

    Args:
      chapter: whose scenarios run; its patches are in weakened/CHAPTER.
      sources: labels of the files that its patches change.
    """
    files = [source.split(":")[1] for source in sources]
    patches = native.glob(["weakened/%s/*.patch" % chapter])
    if not patches:
        fail("no patches in weakened/" + chapter)
    for patch in patches:
        name = "weakened_%s_%s" % (chapter[:2], patch.split("/")[-1][:-len(".patch")])
        native.genrule(
            name = name + "_sources",
            srcs = [patch] + sources,
            outs = ["%s/%s" % (name, file) for file in files],
            cmd = "sh $(location //tools:mutate.sh) --changed $(location %s) $(RULEDIR)/%s $(SRCS)" % (patch, name),
            tools = ["//tools:mutate.sh"],
        )
        cc_library(
            name = name + "_library",
            srcs = ["%s/%s" % (name, file) for file in files],
            copts = EXPLORED_COPTS,
            alwayslink = True,  # or the linker would ask the reference for it first
            deps = [
                "//chapters/%s:contract" % chapter,
                # For headers that were exercises.
                "//solutions/%s:reference_explored" % previous_chapter(chapter),
            ],
        )
        explorer_binary(
            cc_binary,
            name + "_program",
            EXPLORED[chapter],
            # The reference is behind it, for all that was not changed.
            [":%s_library" % name, "//solutions/%s:reference_explored" % chapter],
            testonly = True,
        )
        sh_test(
            name = name + "_test",
            size = "small",
            srcs = ["weakened.sh"],
            args = ["$(location :%s_program)" % name, "$(location %s)" % patch],
            data = [patch, ":%s_program" % name],
            tags = ["verdict"],
        )
