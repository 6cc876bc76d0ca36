"""What a chapter is made of, as one macro for each of its three folders.

    chapters/NN_name    learner_chapter()    the contract and the learner's files
    solutions/NN_name   reference_chapter()  the reference
    tests/NN_name       gate_chapter()       the gate, its mutants and the starter
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")
load("@rules_sh//shell:defs.bzl", "sh_test")
load("//tools:chapters.bzl", "previous_chapter")

COPTS = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused-parameter",  # a starter's stubs use none of theirs yet
]

# Calls of the code under test that the probes count, or answer by a script:
# tests/support/wrap.cc, sockets.cc and epoll.cc have the counterparts.
WRAPPED = [
    "malloc",
    "calloc",
    "realloc",
    "free",
    "aligned_alloc",
    "posix_memalign",
    "strdup",
    "strndup",
    "pthread_cond_wait",
    "pthread_create",
    "pthread_join",
    "pthread_detach",
    "accept",
    "accept4",
    "connect",
    "epoll_ctl",
    "epoll_wait",
    "eventfd",
    "getaddrinfo",
    "recv",
    "recvfrom",
    "send",
    "sendmsg",
    "sendto",
    "write",
]
WRAP_LINKOPTS = ["-Wl,--wrap=" + name for name in WRAPPED] + ["-pthread"]

def _name():
    return native.package_name().split("/")[-1]

def _gate_binary(rule, name, implementation, chapter, **kwargs):
    rule(
        name = name,
        # The gate first: a linker takes from an archive what is asked already.
        deps = ["//tests/%s:gate" % chapter, implementation],
        linkopts = WRAP_LINKOPTS,
        linkstatic = True,
        **kwargs
    )

def _demos(demos, package, implementation, tags):
    for demo in demos:
        cc_binary(
            name = demo,
            srcs = ["%sdemos/%s.c" % (package, demo)],
            copts = COPTS,
            tags = tags,
            deps = [implementation],
            linkopts = ["-pthread", "-lm"],
        )

def _split(files):
    """Sources and headers."""
    headers = [file for file in files if file.endswith(".h")]
    sources = [file for file in files if not file.endswith(".h")]
    return sources, headers

def learner_chapter(demos = [], exercise_headers = []):
    """The contract (*.h), the learner's files (*.c) and their gate.

    Args:
      demos: names of the programs in demos/, without .c.
      exercise_headers: headers that are the learner's to write, not contract;
        they are included with <>, so that each build finds its own.
    """
    name = _name()
    previous = previous_chapter(name)
    cc_library(
        name = "contract",
        hdrs = native.glob(["*.h"], exclude = exercise_headers),
        visibility = ["//visibility:public"],
        deps = ["//chapters/common"] +
               (["//chapters/%s:contract" % previous] if previous else []),
    )
    cc_library(
        name = "learner",
        srcs = native.glob(["*.c"]),
        hdrs = exercise_headers,
        copts = COPTS,
        includes = ["."] if exercise_headers else [],
        tags = ["manual"],
        visibility = ["//visibility:public"],
        deps = [":contract"] + (select({
            "//tools:mine": ["//chapters/%s:learner" % previous],
            "//conditions:default": ["//solutions/%s:reference" % previous],
        }) if previous else []),
    )
    _gate_binary(cc_test, name, ":learner", name, size = "medium", tags = ["manual"])
    _demos(demos, "", ":learner", ["manual"])
    native.exports_files(native.glob(["**/*"], exclude = ["BUILD"]))

def reference_chapter(demos = []):
    """The reference of a chapter, and the gate on it.

    Args:
      demos: names of the programs in the chapter's demos/, without .c.
    """
    name = _name()
    previous = previous_chapter(name)
    cc_library(
        name = "reference",
        srcs = native.glob(["*.c"]),
        hdrs = native.glob(["*.h"]),
        copts = COPTS,
        includes = ["."] if native.glob(["*.h"]) else [],
        visibility = ["//visibility:public"],
        deps = ["//chapters/%s:contract" % name] +
               (["//solutions/%s:reference" % previous] if previous else []),
    )
    _gate_binary(cc_test, name, ":reference", name, size = "medium")
    _demos(demos, "//chapters/%s:" % name, ":reference", [])
    native.exports_files(native.glob(["**/*"], exclude = ["BUILD"]))

def _variant(variant, sources, make, inputs, chapter, args, data):
    """A gate on changed sources: made by a command, judged by a check."""
    previous = previous_chapter(chapter)
    outs = ["%s/%s" % (variant, source) for source in sources]
    native.genrule(
        name = variant + "_sources",
        srcs = inputs + ["//solutions/%s:%s" % (chapter, source) for source in sources],
        outs = outs,
        cmd = make,
        tools = ["//tools:mutate.sh", "//tools:starter.sh", "//tools:starter.awk"],
    )
    cc_library(
        name = variant + "_library",
        srcs = _split(outs)[0],
        hdrs = _split(outs)[1],
        copts = COPTS,
        includes = [variant] if _split(outs)[1] else [],
        deps = ["//chapters/%s:contract" % chapter] +
               (["//solutions/%s:reference" % previous] if previous else []),
    )
    _gate_binary(cc_binary, variant + "_gate", ":%s_library" % variant, chapter, testonly = True)
    sh_test(
        name = variant + "_test",
        size = "medium",
        srcs = ["//tools:check_verdict.sh"],
        args = ["$(location :%s_gate)" % variant] + args,
        data = [":%s_gate" % variant] + data,
        tags = ["verdict"],
    )

def gate_chapter(sources, deps = []):
    """The gate of a chapter, and the proofs that it works.

    Args:
      sources: the files of the solution, which mutants and starter change.
      deps: libraries that this gate needs besides the shared probes.
    """
    name = _name()
    native.genrule(
        name = "steps",
        srcs = ["steps.txt"],
        outs = ["steps.cc"],
        cmd = "awk -v chapter=%s -f $(location //tools:steps.awk) $< > $@" % name,
        tools = ["//tools:steps.awk"],
    )
    cc_library(
        name = "gate",
        testonly = True,
        srcs = native.glob(["*.cc", "*.h"]) + [":steps"],
        copts = COPTS,
        visibility = ["//visibility:public"],
        deps = deps + [
            "//chapters/%s:contract" % name,
            "//tests/support",
            "@googletest//:gtest",
        ],
        alwayslink = True,
    )
    for patch in native.glob(["mutants/*.patch"]):
        mutant = patch[len("mutants/"):-len(".patch")]
        _variant(
            variant = "mutant_" + mutant,
            sources = sources,
            make = "sh $(location //tools:mutate.sh) $(location %s) $(RULEDIR)/mutant_%s $(SRCS)" % (patch, mutant),
            inputs = [patch],
            chapter = name,
            args = ["mutant", "$(location %s)" % patch, "$(location golden/%s.txt)" % mutant],
            data = [patch, "golden/%s.txt" % mutant],
        )
    _variant(
        variant = "starter",
        sources = sources,
        make = "sh $(location //tools:starter.sh) $(location steps.txt) $(RULEDIR)/starter $(SRCS)",
        inputs = ["steps.txt"],
        chapter = name,
        args = ["starter", "$(location steps.txt)", "$(location golden/starter.txt)"],
        data = ["steps.txt", "golden/starter.txt"],
    )
    native.exports_files(native.glob(["**/*"], exclude = ["BUILD"]))
