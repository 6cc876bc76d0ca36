"""GoogleTest: the distribution's source package, or the pinned release."""

_SYSTEM = "/usr/src/googletest/googletest"
_URL = "https://github.com/google/googletest/archive/refs/tags/release-1.12.1.tar.gz"
_SHA256 = "81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2"

_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_library")

cc_library(
    name = "gtest",
    srcs = glob(
        ["googletest/src/*.cc", "googletest/src/*.h"],
        exclude = ["googletest/src/gtest-all.cc", "googletest/src/gtest_main.cc"],
    ),
    hdrs = glob(["googletest/include/**/*.h"]),
    copts = ["-w", "-O0", "-g1", "-Iexternal/googletest/googletest"],
    includes = ["googletest/include"],
    linkopts = ["-pthread"],
    visibility = ["//visibility:public"],
)
"""

def _googletest_impl(ctx):
    ctx.file("WORKSPACE", "")
    if ctx.path(_SYSTEM).exists:
        ctx.symlink(_SYSTEM, "googletest")
    else:
        ctx.download_and_extract(
            _URL,
            sha256 = _SHA256,
            stripPrefix = "googletest-release-1.12.1",
            output = "release",
        )
        ctx.symlink("release/googletest", "googletest")
    ctx.file("BUILD", _BUILD)

googletest_repository = repository_rule(
    implementation = _googletest_impl,
    environ = [],
)
