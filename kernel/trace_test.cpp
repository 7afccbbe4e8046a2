// SPDX-License-Identifier: Apache-2.0
//
// The switch of tracing, and the vectors that it selects.
#include "test/fakes/record_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;

struct TraceTest : fakes::RecordWorld {};

TEST_F(TraceTest, N12_tracing_is_off_until_it_is_turned_on_and_costs_other_vectors_only) {
  leave_the_reader();
  call(SystemCall::NULL_CALL);
  EXPECT_EQ(trace_statistics(0).recorded, 0u);
  EXPECT_FALSE(fakes::uses_traced_entries());
  switch_trace(1);
  EXPECT_TRUE(fakes::uses_traced_entries());
  switch_trace(0);
  EXPECT_FALSE(fakes::uses_traced_entries());
  EXPECT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {2}}), minus(Error::EINVAL));
}

TEST_F(TraceTest, N12_without_a_capability_to_it_there_is_no_trace) {
  fakes::initialize_kernel(kArenaPages);
  EXPECT_FALSE(trace_is_on());
  EXPECT_EQ(trace_statistics(0).recorded, 0u);
}

}  // namespace
}  // namespace kernel
