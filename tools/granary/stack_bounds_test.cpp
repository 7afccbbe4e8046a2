// SPDX-License-Identifier: Apache-2.0
//
// Depths of stacks out of disassemblies in the form of objdump.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/stack_bounds.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kProgram =
    "0000000000010000 <start>:\n"
    "   10000:\tstp\tx29, x30, [sp, #-16]!\n"
    "   10004:\tbl\t10100 <shallow>\n"
    "   10008:\tbl\t10200 <deep>\n"
    "   1000c:\tret\n"
    "0000000000010100 <shallow>:\n"
    "   10100:\tsub\tsp, sp, #0x40\n"
    "   10104:\tret\n"
    "0000000000010200 <deep>:\n"
    "   10200:\tsub\tx12, sp, #0x3, lsl #12\n"
    "   10204:\tsub\tsp, sp, #0x1, lsl #12\n"
    "   10208:\tstr\txzr, [sp, #1024]\n"
    "   1020c:\tcmp\tsp, x12\n"
    "   10210:\tb.ne\t10204 <deep+0x4>\n"
    "   10214:\tb\t10100 <shallow>\n"
    "0000000000010300 <again>:\n"
    "   10300:\tstp\tx29, x30, [sp, #-32]!\n"
    "   10304:\tcbz\tx0, 10300 <again>\n"
    "   10308:\tbl\t10300 <again>\n"
    "0000000000010400 <by_pointer>:\n"
    "   10400:\tstp\tx29, x30, [sp, #-48]!\n"
    "   10404:\tblr\tx3\n"
    "0000000000010500 <variable>:\n"
    "   10500:\tsub\tsp, sp, x1\n"
    "0000000000010600 <takes>:\n"
    "   10600:\tadrp\tx0, 10000 <start>\n"
    "   10604:\tadd\tx0, x0, #0x100\n"
    "   10608:\tret\n";

TEST(StackBounds, are_those_of_the_deepest_chain) {
  const CallGraph graph(kProgram, {});
  const CallGraph::Depth depth = graph.depth_of(0x10000, {});
  EXPECT_EQ(depth.bytes, 16U + 4096 + 12288 + 64) << "the loop that touches pages, its own step, and the tail call";
  EXPECT_THAT(depth.chain, ElementsAre("start", "deep", "shallow"));
  EXPECT_EQ(depth.unknown, "");
}

TEST(StackBounds, say_what_cannot_be_bounded) {
  const CallGraph graph(kProgram, {});
  EXPECT_THAT(graph.depth_of(0x10300, {}).unknown, HasSubstr("again can be called again"));
  EXPECT_THAT(graph.depth_of(0x10500, {}).unknown, HasSubstr("variable has a frame of variable size"));
}

TEST(StackBounds, count_calls_through_pointers_as_the_deepest_that_is_known_by_address) {
  EXPECT_EQ(CallGraph(kProgram, {}).depth_of(0x10400, {}).bytes, 48U + 64) << "its address is taken in the code";
  EXPECT_EQ(CallGraph(kProgram, {0x10000}).depth_of(0x10400, {}).bytes, 48U + 16 + 4096 + 12288 + 64);
  const CallGraph::Depth roots_only =
      CallGraph("0000000000010400 <by_pointer>:\n   10404:\tblr\tx3\n", {}).depth_of(0x10400, {});
  EXPECT_THAT(roots_only.unknown, HasSubstr("by_pointer calls through a pointer"));
  EXPECT_EQ(CallGraph(kProgram, {0x10000}).depth_of(0x10400, {0x10000}).bytes, 48U + 64)
      << "where threads begin is not called";
}

TEST(StackBounds, above_the_stack_are_refused_with_the_chain) {
  Diagnostics diagnostics;
  const Manifest manifest = test::load(test::samples("accepted/twelve_lines.toml"), diagnostics);
  const std::string silo = manifest.silos[0].name;
  check_stacks(manifest, {{silo, "main", kDefaultStackBytes, "", {"start"}}}, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  check_stacks(manifest, {{silo, "main", kDefaultStackBytes + 1, "", {"start", "deep"}}}, diagnostics);
  EXPECT_THAT(test::printed(diagnostics), HasSubstr("can need 16385 bytes of stack, and has 16 KiB: start calls deep"));
  EXPECT_THAT(test::printed(diagnostics), HasSubstr("remedy: write stack = \"20 KiB\""));
}

}  // namespace
}  // namespace tool
