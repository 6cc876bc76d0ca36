"""What a chapter is made of, as one macro for each of its three folders.

    chapters/NN_name    learner_chapter()    the contract and the learner's files
    solutions/NN_name   reference_chapter()  the reference
    tests/NN_name       gate_chapter()       the gate, its mutants and the starter
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")
load("@rules_sh//shell:defs.bzl", "sh_test")
load("//tools:chapters.bzl", "EXPLORED", "EXPLORING", "previous_chapter")

COPTS = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wno-unused-parameter",  # a starter's stubs use none of theirs yet
]

# Code that the explorer can run (tests/explore): the compiler puts a call
# before every access to memory, as for ThreadSanitizer, whose library is then
# not linked. A real sanitizer needs the place for itself. gcc warns that
# ThreadSanitizer would not know fences: the explorer does. (clang does not
# know that warning.) Rings are short there (chapter 12); SHORT_RINGS is also for
# whoever is linked with such code and knows its headers.
SHORT_RINGS = ["-DEXPLORED_SLOTS=4"]
EXPLORED_COPTS = COPTS + SHORT_RINGS + select({
    "//tools:sanitized": [],
    "//conditions:default": [
        "-fsanitize=thread",
        "-Wno-unknown-warning-option",
        "-Wno-tsan",
        "-Dmemcpy=explore_memcpy",
        "-Dmemmove=explore_memmove",
        "-Dmemset=explore_memset",
    ],
})

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

# And these of the explorer: tests/explore/thread_calls.cc.
THREAD_CALLS = [
    "panic_at",
    "pthread_cond_broadcast",
    "pthread_cond_destroy",
    "pthread_cond_init",
    "pthread_cond_signal",
    "pthread_cond_timedwait",
    "pthread_mutex_destroy",
    "pthread_mutex_init",
    "pthread_mutex_lock",
    "pthread_mutex_trylock",
    "pthread_mutex_unlock",
    "sched_yield",
    "syscall",
]
THREADS_LINKOPTS = ["-Wl,--wrap=" + name for name in THREAD_CALLS] + ["-pthread"]
WRAP_LINKOPTS = ["-Wl,--wrap=" + name for name in WRAPPED] + THREADS_LINKOPTS

# Where no gate answers: tests/explore/plain_wrap.cc does for memory, kernel.cc
# for epoll and what belongs to it.
EXPLORER_LINKOPTS = ["-Wl,--wrap=" + name for name in [
    "accept4",
    "aligned_alloc",
    "calloc",
    "close",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "eventfd",
    "free",
    "malloc",
    "pthread_cond_wait",
    "realloc",
    "write",
]] + THREADS_LINKOPTS

def explored(library, chapter):
    """The twin of a chapter's library that its gate links."""
    return library + "_explored" if chapter in EXPLORING else library

def _name():
    return native.package_name().split("/")[-1]

def _gate_binary(rule, name, implementations, chapter, **kwargs):
    rule(
        name = name,
        # The gate first: a linker takes from an archive what is asked already.
        deps = ["//tests/%s:gate" % chapter] + implementations,
        linkopts = WRAP_LINKOPTS,
        linkstatic = True,
        **kwargs
    )

def explorer_binary(rule, name, scenarios, implementations, **kwargs):
    """The explorer on a chapter's code, without its gate.

    Args:
      rule: cc_test or cc_binary.
      name: of the target.
      scenarios: names of tests/explore/NAME_test.cc.
      implementations: libraries, built with EXPLORED_COPTS.
      **kwargs: of the rule.
    """
    rule(
        name = name,
        # Under a sanitizer there is nothing to run: .bazelrc leaves these out.
        tags = kwargs.pop("tags", []) + ["explorer"],
        deps = ["//tests/explore:main"] +
               ["//tests/explore:%s_scenarios" % scenario for scenario in scenarios] +
               implementations,
        linkopts = EXPLORER_LINKOPTS,
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
        hdrs = native.glob(["*.h", "demos/*.h"], exclude = exercise_headers),
        visibility = ["//visibility:public"],
        deps = ["//chapters/common"] +
               (["//chapters/%s:contract" % previous] if previous else []),
    )
    for suffix, copts in [("", COPTS), ("_explored", EXPLORED_COPTS)]:
        cc_library(
            name = "learner" + suffix,
            srcs = native.glob(["*.c"]),
            hdrs = exercise_headers,
            copts = copts,
            includes = ["."] if exercise_headers else [],
            tags = ["manual"],
            visibility = ["//visibility:public"],
            deps = [":contract"] + (select({
                "//tools:mine": ["//chapters/%s:learner%s" % (previous, suffix)],
                "//conditions:default": ["//solutions/%s:reference%s" % (previous, suffix)],
            }) if previous else []),
        )
    _gate_binary(cc_test, name, [":" + explored("learner", name)], name, size = "medium", tags = ["manual"])
    if name in EXPLORED:
        explorer_binary(cc_test, "explored", EXPLORED[name], [":learner_explored"], size = "small", tags = ["manual"])
    _demos(demos, "", ":learner", ["manual"])
    native.exports_files(native.glob(["**/*"], exclude = ["BUILD"]))

def reference_chapter(demos = []):
    """The reference of a chapter, and the gate on it.

    Args:
      demos: names of the programs in the chapter's demos/, without .c.
    """
    name = _name()
    previous = previous_chapter(name)
    for suffix, copts in [("", COPTS), ("_explored", EXPLORED_COPTS)]:
        cc_library(
            name = "reference" + suffix,
            srcs = native.glob(["*.c"]),
            hdrs = native.glob(["*.h"]),
            copts = copts,
            includes = ["."] if native.glob(["*.h"]) else [],
            visibility = ["//visibility:public"],
            deps = ["//chapters/%s:contract" % name] +
                   (["//solutions/%s:reference%s" % (previous, suffix)] if previous else []),
        )
    _gate_binary(cc_test, name, [":" + explored("reference", name)], name, size = "medium")
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
        copts = EXPLORED_COPTS if chapter in EXPLORING else COPTS,
        includes = [variant] if _split(outs)[1] else [],
        alwayslink = True,  # or the linker would ask the reference for it first
        deps = ["//chapters/%s:contract" % chapter] +
               (["//solutions/%s:%s" % (previous, explored("reference", chapter))] if previous else []),
    )
    _gate_binary(
        cc_binary,
        variant + "_gate",
        # The reference is behind it, for the sources that were not changed.
        [":%s_library" % variant, "//solutions/%s:%s" % (chapter, explored("reference", chapter))],
        chapter,
        testonly = True,
    )
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
            "//tests/explore",
            "//tests/support",
            "@googletest//:gtest",
        ],
        alwayslink = True,
    )
    # Where a header is part of the exercise, every source may depend on it.
    changed = "" if _split(sources)[1] else "--changed"
    for patch in native.glob(["mutants/*.patch"]):
        mutant = patch[len("mutants/"):-len(".patch")]
        _variant(
            variant = "mutant_" + mutant,
            sources = sources,
            make = "sh $(location //tools:mutate.sh) %s $(location %s) $(RULEDIR)/mutant_%s $(SRCS)" % (changed, patch, mutant),
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
