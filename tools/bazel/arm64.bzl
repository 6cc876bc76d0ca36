"""A C and C++ toolchain for arm64: Debian's cross compiler.

Bazel makes this repository only for a build that asks for it (--config=arm64),
so nobody else needs the compiler. Flags are those that Bazel finds out for the
machine's own compiler, but for -B, which would lead to the machine's own linker.
"""

_PREFIX = "aarch64-linux-gnu-"

_BUILD = """
load("@bazel_tools//tools/cpp:unix_cc_toolchain_config.bzl", "cc_toolchain_config")
load("@rules_cc//cc:defs.bzl", "cc_toolchain", "cc_toolchain_suite")

package(default_visibility = ["//visibility:public"])

filegroup(name = "empty")

cc_toolchain_suite(
    name = "toolchain",
    toolchains = {
        "aarch64": ":compiler",
        "aarch64|compiler": ":compiler",
    },
)

cc_toolchain(
    name = "compiler",
    all_files = ":empty",
    ar_files = ":empty",
    as_files = ":empty",
    compiler_files = ":empty",
    dwp_files = ":empty",
    linker_files = ":empty",
    objcopy_files = ":empty",
    strip_files = ":empty",
    supports_param_files = True,
    toolchain_config = ":config",
    toolchain_identifier = "arm64",
)

cc_toolchain_config(
    name = "config",
    abi_libc_version = "local",
    abi_version = "local",
    compile_flags = [
        "-U_FORTIFY_SOURCE",
        "-fstack-protector",
        "-Wall",
        "-Wunused-but-set-parameter",
        "-Wno-free-nonheap-object",
        "-fno-omit-frame-pointer",
    ],
    compiler = "compiler",
    coverage_compile_flags = ["--coverage"],
    coverage_link_flags = ["--coverage"],
    cpu = "aarch64",
    cxx_builtin_include_directories = %{includes},
    cxx_flags = ["-std=c++0x"],
    dbg_compile_flags = ["-g"],
    host_system_name = "local",
    link_flags = [
        "-fuse-ld=gold",
        "-Wl,-no-as-needed",
        "-Wl,-z,relro,-z,now",
        "-pass-exit-codes",
    ],
    link_libs = [
        "-lstdc++",
        "-lm",
    ],
    opt_compile_flags = [
        "-g0",
        "-O2",
        "-D_FORTIFY_SOURCE=1",
        "-DNDEBUG",
        "-ffunction-sections",
        "-fdata-sections",
    ],
    opt_link_flags = ["-Wl,--gc-sections"],
    supports_start_end_lib = True,
    target_libc = "local",
    target_system_name = "local",
    tool_paths = %{tools},
    toolchain_identifier = "arm64",
    unfiltered_compile_flags = [
        "-fno-canonical-system-headers",
        "-Wno-builtin-macro-redefined",
        "-D__DATE__=\\"redacted\\"",
        "-D__TIMESTAMP__=\\"redacted\\"",
        "-D__TIME__=\\"redacted\\"",
    ],
)
"""

_TOOLS = ["ar", "cpp", "dwp", "gcc", "gcov", "ld", "nm", "objcopy", "objdump", "strip"]

def _tool(ctx, name):
    path = ctx.which(_PREFIX + name)
    if not path:
        fail(("this machine has no %s, and --config=arm64 builds with it: " +
              "install Debian's package g++-aarch64-linux-gnu") % (_PREFIX + name))
    return str(path)

def _include_directories(ctx, compiler):
    """Where the compiler looks for C++ headers, as it prints them."""
    answer = ctx.execute([compiler, "-E", "-xc++", "/dev/null", "-v"])
    text = answer.stderr.partition("#include <...>")[2].partition("End of search list")[0]
    lines = [line.strip() for line in text.split("\n")[1:] if line.strip()]
    if not lines:
        fail(compiler + " does not say where its headers are:\n" + answer.stderr)
    return [str(ctx.path(line)) for line in lines]  # without dots

def _impl(ctx):
    compiler = _tool(ctx, "g++")  # gcc alone cannot compile the gates
    tools = {name: _tool(ctx, name) for name in _TOOLS}
    tools["llvm-cov"] = "/usr/bin/llvm-cov"  # Bazel asks for it, gcc does not
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD", _BUILD
        .replace("%{includes}", repr(_include_directories(ctx, compiler)))
        .replace("%{tools}", repr(tools)))

arm64_toolchain_repository = repository_rule(
    implementation = _impl,
    configure = True,
)
