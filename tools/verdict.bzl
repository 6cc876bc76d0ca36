"""verdict_test: a gate, or the explorer, that must say no, and how it says it.

The program that judges is built once, on the reference. What is changed for one
test is compiled into a small shared object that the loader puts before the
reference: one action makes it (tools/variant.sh), whatever it is that changes,
and one more runs the test (tools/check_verdict.sh, or tests/explore/weakened.sh).
"""

def _quoted(words):
    return " ".join(["'%s'" % word.replace("'", "'\\''") for word in words])

def _compile_flags(ctx, cc_toolchain, features):
    contexts = cc_common.merge_cc_infos(
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    ).compilation_context
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = cc_toolchain,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.conlyopts + ctx.attr.copts,
        include_directories = contexts.includes,
        quote_include_directories = contexts.quote_includes,
        system_include_directories = contexts.system_includes,
        preprocessor_defines = contexts.defines,
        use_pic = True,
    )
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = "c-compile",
        variables = variables,
    )
    return flags, contexts.headers

def _make_code(ctx, code):
    """The action that makes the shared object."""
    cc_toolchain = ctx.attr._cc_toolchain[cc_common.CcToolchainInfo]
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = cc_toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    compiler = cc_common.get_tool_for_action(
        feature_configuration = features,
        action_name = "c-compile",
    )
    flags, headers = _compile_flags(ctx, cc_toolchain, features)
    unused = ctx.actions.declare_file(ctx.label.name + ".unused")
    arguments = ctx.actions.args()
    arguments.add_all([
        ctx.file._make,
        ctx.attr.kind,
        ctx.file.change,
        code,
        unused,
        _quoted([compiler]),
        _quoted(flags),
        _quoted(ctx.fragments.cpp.linkopts + ctx.attr.linkopts),
    ])
    arguments.add_all(ctx.files.sources)
    arguments.add("--")
    arguments.add_all(headers)
    ctx.actions.run(
        executable = "/bin/sh",
        arguments = [arguments],
        inputs = depset(
            ctx.files.sources + [ctx.file.change, ctx.file._make] + ctx.files._starter,
            transitive = [headers, cc_toolchain.all_files],
        ),
        outputs = [code, unused],
        # What the change leaves alone, and headers that nobody includes.
        unused_inputs_list = unused,
        mnemonic = "Variant",
        progress_message = "Making %s" % code.short_path,
        use_default_shell_env = True,
    )

def _verdict_test_impl(ctx):
    code = ctx.actions.declare_file(ctx.label.name[:-len("_test")] + ".so")
    _make_code(ctx, code)
    check = ctx.file._weakened if ctx.attr.kind == "weakened" else ctx.file._check
    words = [] if ctx.attr.kind == "weakened" else [ctx.attr.kind]
    files = [ctx.file.change] + ([ctx.file.words] if ctx.attr.words else []) + [code]
    program = ctx.executable.program
    ctx.actions.write(
        ctx.outputs.executable,
        "#!/bin/sh\nexec sh %s\n" % _quoted(
            [check.short_path, program.short_path] + words + [file.short_path for file in files],
        ),
        is_executable = True,
    )
    runfiles = ctx.runfiles(files = files + [check] + ctx.files._tools)
    return [DefaultInfo(runfiles = runfiles.merge(ctx.attr.program[DefaultInfo].default_runfiles))]

_verdict_test = rule(
    implementation = _verdict_test_impl,
    attrs = {
        "kind": attr.string(values = ["mutant", "starter", "weakened"]),
        "change": attr.label(allow_single_file = True, mandatory = True),
        "words": attr.label(allow_single_file = True),
        "program": attr.label(executable = True, cfg = "target", mandatory = True),
        "sources": attr.label_list(allow_files = [".c", ".h"], mandatory = True),
        "deps": attr.label_list(providers = [CcInfo]),
        "copts": attr.string_list(),
        "linkopts": attr.string_list(),
        "_make": attr.label(default = "//tools:variant.sh", allow_single_file = True),
        "_starter": attr.label_list(default = ["//tools:starter.sh", "//tools:starter.awk", "//tools:steps.awk"], allow_files = True),
        "_tools": attr.label_list(default = ["//tools:verdict", "//tests/explore:weakened.awk"], allow_files = True),
        "_check": attr.label(default = "//tools:check_verdict.sh", allow_single_file = True),
        "_weakened": attr.label(default = "//tests/explore:weakened.sh", allow_single_file = True),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    test = True,
)

def verdict_test(tags = [], **kwargs):
    """A program on changed code, which must give the verdict that is written.

    Args:
      tags: of the test, besides those that all have.
      **kwargs: name: ends in _test; NAME.so is the changed code.
        kind: mutant, weakened: `change` is a patch on one of the sources, with
        the verdict in its head. starter: `change` is steps.txt, all sources
        are made into starters, and `words` is what a learner sees.
        program: a gate, or an explorer, on the reference.
        sources: what is changed; deps: whose headers they include.
    """
    _verdict_test(tags = tags + ["verdict"], **kwargs)
