// SPDX-License-Identifier: Apache-2.0
#include "test/fakes/host_prelude.hpp"

#include "kernel/core.hpp"
#include "kernel/cores.hpp"
#include "kernel/port/cpu.hpp"
#include "test/fakes/fake_machine.hpp"

namespace kernel {
namespace {

class CoresTest : public testing::Test {
 protected:
  CoresTest() { fakes::reset(); }
  ~CoresTest() override { reset_cores(1); }
};

TEST_F(CoresTest, each_core_knows_its_number_and_whether_it_is_this_one) {
  reset_cores(0b1011);
  for (std::uint32_t id = 0; id < kCoresMaximum; ++id) EXPECT_EQ(core_of(base::CoreId(id)).id(), base::CoreId(id));
  fakes::set_current_core(base::CoreId(3));
  EXPECT_EQ(&this_core(), &core_of(base::CoreId(3)));
  EXPECT_TRUE(this_core().is_this_core());
  EXPECT_FALSE(core_of(base::CoreId(0)).is_this_core());
}

TEST_F(CoresTest, those_that_run_are_those_that_boot_has_named) {
  reset_cores(0b1011);
  EXPECT_TRUE(core_runs(base::CoreId(0)) && core_runs(base::CoreId(1)) && core_runs(base::CoreId(3)));
  EXPECT_FALSE(core_runs(base::CoreId(2)) || core_runs(base::CoreId(8)) || core_runs(base::CoreId(~0u)));
  EXPECT_TRUE(several_cores_run());
  reset_cores(1);
  EXPECT_FALSE(several_cores_run());
}

TEST_F(CoresTest, a_signal_to_the_others_leaves_out_this_one_and_those_that_do_not_run) {
  reset_cores(0b1011);
  fakes::set_current_core(base::CoreId(1));
  signal_other_cores();
  const unsigned wanted[] = {1, 0, 0, 1};
  for (std::uint32_t id = 0; id < 4; ++id) EXPECT_EQ(fakes::take_signals(base::CoreId(id)), wanted[id]) << id;
}

}  // namespace
}  // namespace kernel
