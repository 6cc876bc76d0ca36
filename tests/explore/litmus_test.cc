// litmus_test.cc - small programs whose outcomes are known: a complete search
// finds all that C11 allows, and nothing else.
//
// "Wx1.rlx Ry.acq" is a thread: a relaxed store of 1 to x, an acquire load of
// y. X is an exchange, A a fetch_add, F a fence. An outcome is what the loads
// (and exchanges) read, thread by thread; after "|" the last values of the
// locations that the table names. What RC11 allows is worked out in the
// literature cited in README.md.
#include <gtest/gtest.h>

#include "tests/explore/litmus.h"

namespace {

const Litmus kLitmus[] = {
    // Store buffering: two stores, and neither is seen by the other's load.
    {"SB", {"Wx1.rlx Ry.rlx", "Wy1.rlx Rx.rlx"}, "", "00 01 10 11"},
    {"SB+ra", {"Wx1.rel Ry.acq", "Wy1.rel Rx.acq"}, "", "00 01 10 11"},
    {"SB+sc", {"Wx1.sc Ry.sc", "Wy1.sc Rx.sc"}, "", "01 10 11"},
    {"SB+sc+rlx", {"Wx1.sc Ry.sc", "Wy1.sc Rx.acq"}, "", "00 01 10 11"},
    {"SB+fences",
     {"Wx1.rlx F.sc Ry.rlx", "Wy1.rlx F.sc Rx.rlx"},
     "",
     "01 10 11"},
    {"SB+fence+sc", {"Wx1.rlx F.sc Ry.rlx", "Wy1.sc Rx.sc"}, "", "01 10 11"},
    {"SB+ar-fences",
     {"Wx1.rlx F.ar Ry.rlx", "Wy1.rlx F.ar Rx.rlx"},
     "",
     "00 01 10 11"},
    {"SB+exchanges",
     {"Xx1.ar Ry.acq", "Xy1.ar Rx.acq"},
     "",
     "0000 0001 0100 0101"},
    // Message passing: the flag is seen, and the data?
    {"MP", {"Wx1.rlx Wy1.rlx", "Ry.rlx Rx.rlx"}, "", "00 01 10 11"},
    {"MP+rel", {"Wx1.rlx Wy1.rel", "Ry.rlx Rx.rlx"}, "", "00 01 10 11"},
    {"MP+acq", {"Wx1.rlx Wy1.rlx", "Ry.acq Rx.rlx"}, "", "00 01 10 11"},
    {"MP+ra", {"Wx1.rlx Wy1.rel", "Ry.acq Rx.rlx"}, "", "00 01 11"},
    {"MP+sc", {"Wx1.sc Wy1.sc", "Ry.sc Rx.sc"}, "", "00 01 11"},
    {"MP+sc-data", {"Wx1.sc Wy1.rlx", "Ry.rlx Rx.sc"}, "", "00 01 10 11"},
    {"MP+fences",
     {"Wx1.rlx F.rel Wy1.rlx", "Ry.rlx F.acq Rx.rlx"},
     "",
     "00 01 11"},
    {"MP+fence+acq",
     {"Wx1.rlx F.rel Wy1.rlx", "Ry.acq Rx.rlx"},
     "",
     "00 01 11"},
    {"MP+rel+fence",
     {"Wx1.rlx Wy1.rel", "Ry.rlx F.acq Rx.rlx"},
     "",
     "00 01 11"},
    {"MP+fence-too-late",
     {"Wx1.rlx Wy1.rlx F.rel", "Ry.rlx F.acq Rx.rlx"},
     "",
     "00 01 10 11"},
    // A release sequence: through an exchange, and not through a store.
    {"MP+sequence",
     {"Wx1.rlx Wy1.rel", "Ay1.rlx", "Ry.acq Rx.rlx"},
     "",
     "000 001 010 011 100 101 111 121"},
    {"MP+broken-sequence",
     {"Wx1.rlx Wy1.rel Wy2.rlx", "Ry.acq Rx.rlx"},
     "",
     "00 01 11 20 21"},
    // Load buffering: 11 would need a value from the future.
    {"LB", {"Rx.rlx Wy1.rlx", "Ry.rlx Wx1.rlx"}, "", "00 01 10"},
    {"LB+ra", {"Rx.acq Wy1.rel", "Ry.acq Wx1.rel"}, "", "00 01 10"},
    // Coherence: one location, and nobody goes back.
    {"CoRR", {"Wx1.rlx", "Rx.rlx Rx.rlx"}, "", "00 01 11"},
    {"CoRR2",
     {"Wx1.rlx", "Wx2.rlx", "Rx.rlx Rx.rlx"},
     "",
     "00 01 02 11 12 21 22"},
    {"CoWW", {"Wx1.rlx Wx2.rlx", "Rx.rlx"}, "x", "0|2 1|2 2|2"},
    {"CoRW", {"Rx.rlx Wx1.rlx", "Wx2.rlx"}, "x", "0|1 0|2 2|1"},
    {"CoWR", {"Wx1.rlx Rx.rlx", "Wx2.rlx"}, "x", "1|1 1|2 2|2"},
    {"CoRR-two-readers",
     {"Wx1.rlx", "Wx2.rlx", "Rx.rlx Rx.rlx", "Rx.rlx Rx.rlx"},
     "",
     "0000 0001 0002 0011 0012 0021 0022 0100 0101 0102 0111 0112 0121 0122 "
     "0200 0201 0202 0211 0212 0221 0222 1100 1101 1102 1111 1112 1121 1122 "
     "1200 1201 1202 1211 1212 1222 2100 2101 2102 2111 2121 2122 2200 2201 "
     "2202 2211 2212 2221 2222"},
    // Independent reads of independent writes.
    {"IRIW+ra",
     {"Wx1.rel", "Wy1.rel", "Rx.acq Ry.acq", "Ry.acq Rx.acq"},
     "",
     "0000 0001 0010 0011 0100 0101 0110 0111 1000 1001 1010 1011 1100 1101 "
     "1110 1111"},
    {"IRIW+sc",
     {"Wx1.sc", "Wy1.sc", "Rx.sc Ry.sc", "Ry.sc Rx.sc"},
     "",
     "0000 0001 0010 0011 0100 0101 0110 0111 1000 1001 1011 1100 1101 1110 "
     "1111"},
    {"IRIW+fences",
     {"Wx1.rlx", "Wy1.rlx", "Rx.rlx F.sc Ry.rlx", "Ry.rlx F.sc Rx.rlx"},
     "",
     "0000 0001 0010 0011 0100 0101 0110 0111 1000 1001 1011 1100 1101 1110 "
     "1111"},
    // Two threads that store both locations, the other way round.
    {"2+2W", {"Wx1.rlx Wy2.rlx", "Wy1.rlx Wx2.rlx"}, "xy", "|11 |12 |21 |22"},
    {"2+2W+ra",
     {"Wx1.rel Wy2.rel", "Wy1.rel Wx2.rel"},
     "xy",
     "|11 |12 |21 |22"},
    {"2+2W+sc", {"Wx1.sc Wy2.sc", "Wy1.sc Wx2.sc"}, "xy", "|12 |21 |22"},
    {"2+2W+fences",
     {"Wx1.rlx F.sc Wy2.rlx", "Wy1.rlx F.sc Wx2.rlx"},
     "xy",
     "|12 |21 |22"},
    // Causality over three threads.
    {"WRC",
     {"Wx1.rlx", "Rx.rlx Wy1.rlx", "Ry.rlx Rx.rlx"},
     "",
     "000 001 010 011 100 101 110 111"},
    {"WRC+ra",
     {"Wx1.rel", "Rx.acq Wy1.rel", "Ry.acq Rx.rlx"},
     "",
     "000 001 010 011 100 101 111"},
    {"ISA2",
     {"Wx1.rlx Wy1.rel", "Ry.acq Wz1.rel", "Rz.acq Rx.rlx"},
     "",
     "000 001 010 011 100 101 111"},
    {"ISA2+rlx",
     {"Wx1.rlx Wy1.rel", "Ry.rlx Wz1.rel", "Rz.acq Rx.rlx"},
     "",
     "000 001 010 011 100 101 110 111"},
    // R: a store that comes first, and a load that does not see it.
    {"R", {"Wx1.rlx Wy1.rlx", "Wy2.rlx Rx.rlx"}, "y", "0|1 0|2 1|1 1|2"},
    {"R+ra", {"Wx1.rel Wy1.rel", "Wy2.rel Rx.acq"}, "y", "0|1 0|2 1|1 1|2"},
    {"R+sc", {"Wx1.sc Wy1.sc", "Wy2.sc Rx.sc"}, "y", "0|1 1|1 1|2"},
    {"R+fences",
     {"Wx1.rlx F.sc Wy1.rlx", "Wy2.rlx F.sc Rx.rlx"},
     "y",
     "0|1 1|1 1|2"},
    // S: what was seen was stored before.
    {"S", {"Wx2.rlx Wy1.rlx", "Ry.rlx Wx1.rlx"}, "x", "0|1 0|2 1|1 1|2"},
    {"S+ra", {"Wx2.rlx Wy1.rel", "Ry.acq Wx1.rlx"}, "x", "0|1 0|2 1|1"},
    // Read to write causality.
    {"RWC+ra",
     {"Wx1.rel", "Rx.acq Ry.acq", "Wy1.rel Rx.acq"},
     "",
     "000 001 010 011 100 101 110 111"},
    {"RWC+sc",
     {"Wx1.sc", "Rx.sc Ry.sc", "Wy1.sc Rx.sc"},
     "",
     "000 001 010 011 101 110 111"},
    {"RWC+fences",
     {"Wx1.rlx", "Rx.rlx F.sc Ry.rlx", "Wy1.rlx F.sc Rx.rlx"},
     "",
     "000 001 010 011 101 110 111"},
    // Two exchanges: one of them comes first.
    {"2X", {"Xx1.rlx", "Xx2.rlx"}, "x", "01|2 20|1"},
    {"2A", {"Ax1.rlx", "Ax1.rlx"}, "x", "01|2 10|2"},
    {"3A",
     {"Ax1.rlx", "Ax1.rlx", "Ax1.rlx"},
     "x",
     "012|3 021|3 102|3 120|3 201|3 210|3"},
    // Lahav et al. 2017, Z6.U: seq_cst beside weaker orders.
    {"Z6.U",
     {"Wx1.sc Wy1.rel", "Ay1.sc Ry.rlx", "Wy3.sc Rx.sc"},
     "",
     "010 011 030 031 120 121 130 131 310 311 340 341"},
};

class LitmusTest : public ::testing::TestWithParam<Litmus> {};

TEST_P(LitmusTest, HasExactlyTheOutcomesThatC11Allows) {
  if (!explore::IsOn()) GTEST_SKIP();
  explore::Result result;
  std::string outcomes = OutcomesOf(GetParam(), &result);
  printf("%-20s %6ld runs, %5ld cut, %.2f ms: %s\n", GetParam().name,
         result.executions, result.cut, result.seconds * 1000,
         outcomes.c_str());
  EXPECT_EQ(Sorted(GetParam().outcomes), outcomes) << result.story;
  EXPECT_TRUE(result.complete);
  // Nor does the search miss any by what it leaves out: all interleavings, as
  // far as there are not too many.
  if (GetParam().threads.size() > 3) return;
  explore::Options all;
  all.preemptions = 100;
  all.executions = 3000000;
  EXPECT_EQ(outcomes, OutcomesOf(GetParam(), &result, all));
  EXPECT_TRUE(result.complete);
}

INSTANTIATE_TEST_SUITE_P(All, LitmusTest, ::testing::ValuesIn(kLitmus),
                         [](const ::testing::TestParamInfo<Litmus> &info) {
                           std::string name;
                           for (const char *c = info.param.name; *c; c++)
                             name += isalnum(*c) ? *c : '_';
                           return name;
                         });

}  // namespace
