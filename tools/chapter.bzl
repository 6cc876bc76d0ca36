"""What a chapter is made of, as one macro for each of its three folders.

    chapters/NN_name    learner_chapter()    the contract and the learner's files
    solutions/NN_name   reference_chapter()  the reference
    tests/NN_name       gate_chapter()       the gate, its mutants and the starter

A chapter's code is built twice. Demos and benchmarks link it as any program
would. Gates and the explorer load it as a shared object, in which the compiler
has put a call before every access to memory (NAME_explored). So a gate's program
is linked once, whoever's code it judges; and what a mutant changes is one small
object more, which stands before the reference (tools/verdict.bzl).
"""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")
load("//tools:chapters.bzl", "EXPLORED", "SHORTENED", "SOURCES", "previous_chapter")
load("//tools:verdict.bzl", "verdict_test")

# A warning is an error with --config=strict, as maintainers and .ci/run build. A
# learner's compiler may be newer, and warn of more than ours does.
COPTS = [
    "-Wall",
    "-Wextra",
    "-Wno-unused-parameter",  # a starter's stubs use none of theirs yet
] + select({
    "//tools:strict": ["-Werror"],
    "//conditions:default": [],
})

# A gate is compiled more often than it is looked at in a debugger.
GATE_COPTS = COPTS + ["-O0", "-g1"]

# The compiler's calls are those for ThreadSanitizer, whose library is then not
# linked: tests/explore/hooks.cc has them. A real sanitizer needs the place for
# itself.
EXPLORED_COPTS = COPTS + ["-Dpthread_create=explore_pthread_create"] + select({
    "//tools:sanitized": [],
    "//conditions:default": [
        "-fsanitize=thread",
        "-Dmemcpy=explore_memcpy",
        "-Dmemmove=explore_memmove",
        "-Dmemset=explore_memset",
    ],
})

# Rings of four places, so that they come round soon, where the explorer alone
# runs the code; also for whoever is linked with such code and knows its headers.
SHORT_RINGS = ["-DEXPLORED_SLOTS=4"]

# Calls of the code under test that somebody counts, answers by a script, explores
# or interrupts: the linker sends each to its counterpart __wrap_NAME. For these
# a gate has it in tests/support, the explorer in tests/explore (plain_wrap.cc,
# plain_calls.cc, kernel.cc):
CALLS = [
    "accept",
    "accept4",
    "aligned_alloc",
    "calloc",
    "close",
    "connect",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "eventfd",
    "free",
    "getaddrinfo",
    "malloc",
    "posix_memalign",
    "pthread_cond_wait",
    "pthread_detach",
    "pthread_join",
    "realloc",
    "recv",
    "recvfrom",
    "send",
    "sendmsg",
    "sendto",
    "setsockopt",
    "strdup",
    "strndup",
    "timerfd_settime",
    "write",
]

# and for these both have the same, in tests/explore/thread_calls.cc.
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

def wrap_linkopts(names):
    """The linker's options for calls that are to be answered by __wrap_NAME."""
    return ["-Wl,--wrap=" + name for name in names] + ["-pthread"]

WRAP_LINKOPTS = wrap_linkopts(CALLS + THREAD_CALLS)

def _name():
    return native.package_name().split("/")[-1]

def _sources(ending):
    return [source for source in SOURCES[_name()] if source.endswith(ending)]

def _if_any(pattern):
    return native.glob([pattern], allow_empty = True)

def _below(suffix, may_be_mine):
    """What a chapter's library needs: the chapters before it, built alike."""
    previous = previous_chapter(_name())
    if not previous:
        return ["//chapters/common:common" + suffix]
    reference = ["//solutions/%s:reference%s" % (previous, suffix)]
    if not may_be_mine:
        return reference
    return select({
        "//tools:mine": ["//chapters/%s:learner%s" % (previous, suffix)],
        "//conditions:default": reference,
    })

def _code(name, may_be_mine, **kwargs):
    """A chapter's code, as all link it and as gates and the explorer load it.

    Args:
      name: of the library; NAME_explored and, if rings are shortened in this
        chapter, NAME_shortened are the others.
      may_be_mine: may it stand on the learner's own chapters?
      **kwargs: of all.
    """
    contract = ["//chapters/%s:contract" % _name()]
    builds = [("", "", COPTS, []), ("_explored", "_explored", EXPLORED_COPTS, WRAP_LINKOPTS)]
    if _name() in SHORTENED:
        builds.append(("_shortened", "_explored", EXPLORED_COPTS + SHORT_RINGS, WRAP_LINKOPTS))
    for suffix, below, copts, linkopts in builds:
        cc_library(
            name = name + suffix,
            srcs = _sources(".c"),
            hdrs = _sources(".h"),
            includes = ["."] if _sources(".h") else [],
            copts = copts,
            linkopts = linkopts,
            deps = contract + _below(below, may_be_mine),
            visibility = ["//visibility:public"],
            **kwargs
        )

def explored_code(library, chapter):
    """The library of a chapter's code that the explorer runs."""
    return library + ("_shortened" if chapter in SHORTENED else "_explored")

def _gate(chapter, code, **kwargs):
    cc_test(
        name = chapter,
        size = "medium",
        # The gate first: what it brings of its own, it finds before the code's.
        deps = ["//tests/%s:gate" % chapter, code],
        linkstatic = False,
        **kwargs
    )

def explorer_program(rule, name, scenarios, code, **kwargs):
    """The explorer on a chapter's code, without its gate.

    Args:
      rule: cc_test or cc_binary.
      name: of the target.
      scenarios: names of tests/explore/NAME_test.cc.
      code: libraries, built with EXPLORED_COPTS.
      **kwargs: of the rule.
    """
    rule(
        name = name,
        # Under a sanitizer there is nothing to run: .bazelrc leaves these out.
        tags = kwargs.pop("tags", []) + ["explorer"],
        deps = ["//tests/explore:main"] +
               ["//tests/explore:%s_scenarios" % scenario for scenario in scenarios] +
               code,
        linkstatic = False,
        **kwargs
    )

def _demos(demos, package, code, tags):
    for demo in demos:
        cc_binary(
            name = demo,
            srcs = ["%sdemos/%s.c" % (package, demo)],
            copts = COPTS,
            tags = tags,
            deps = [code],
            linkopts = ["-pthread", "-lm"],
        )

def learner_chapter(demos = []):
    """The contract (headers), the learner's files (SOURCES) and their gate.

    Args:
      demos: names of the programs in demos/, without .c.
    """
    name = _name()
    previous = previous_chapter(name)
    cc_library(
        name = "contract",
        hdrs = native.glob(["*.h"], exclude = _sources(".h")) + _if_any("demos/*.h"),
        visibility = ["//visibility:public"],
        deps = ["//chapters/common:headers"] +
               (["//chapters/%s:contract" % previous] if previous else []),
    )
    _code(
        "learner",
        may_be_mine = True,
        tags = ["manual"],
    )
    _gate(name, ":learner_explored", tags = ["manual"])
    if name in EXPLORED:
        explorer_program(cc_test, "explored", EXPLORED[name], [":" + explored_code("learner", name)], size = "small", tags = ["manual"])
    _demos(demos, "", ":learner", ["manual"])

    # By name: what lies beside may have a name that Bazel refuses.
    native.exports_files(["demos/%s.c" % demo for demo in demos])

def reference_chapter(demos = []):
    """The reference of a chapter, and the gate on it.

    Args:
      demos: names of the programs in the chapter's demos/, without .c.
    """
    name = _name()
    _code("reference", may_be_mine = False)
    _gate(name, ":reference_explored", visibility = ["//visibility:public"])
    _demos(demos, "//chapters/%s:" % name, ":reference", [])
    native.exports_files(native.glob(["**/*"], exclude = ["BUILD"]))

def gate_chapter(deps = [], copts = []):
    """The gate of a chapter, and the proofs that it works.

    Args:
      deps: libraries that this gate needs besides the shared probes.
      copts: options for its files: "-O1" where it runs long.
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
        srcs = native.glob(["*.cc"]) + _if_any("*.h") + [":steps"],
        copts = GATE_COPTS + copts,
        linkopts = WRAP_LINKOPTS,
        visibility = ["//visibility:public"],
        deps = deps + [
            "//chapters/%s:contract" % name,
            "//tests/explore",
            "//tests/support",
            "@googletest//:gtest",
        ],
    )
    solution = dict(
        program = "//solutions/%s:%s" % (name, name),
        sources = ["//solutions/%s:%s" % (name, source) for source in SOURCES[name]],
        deps = ["//solutions/%s:reference_explored" % name],
        copts = EXPLORED_COPTS,
        linkopts = WRAP_LINKOPTS,
        size = "medium",
    )
    for patch in native.glob(["mutants/*.patch"]):
        verdict_test(
            name = "mutant_%s_test" % patch[len("mutants/"):-len(".patch")],
            kind = "mutant",
            change = patch,
            **solution
        )
    verdict_test(
        name = "starter_test",
        kind = "starter",
        change = "steps.txt",
        words = "starter.txt",
        **solution
    )
    native.exports_files(native.glob(["**/*"], exclude = ["BUILD"]))
