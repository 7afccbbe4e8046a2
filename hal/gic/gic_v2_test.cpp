// SPDX-License-Identifier: Apache-2.0
//
// The GICv2 driver against scripted registers: what it leaves enabled, in which order, and how an interrupt ends.
#include "test/fakes/host_prelude.hpp"

#include "hal/gic/gic_v2.hpp"
#include "test/fakes/scripted_io.hpp"

namespace hal {
namespace {

using fakes::IoAccess;
using testing::Each;
using testing::ElementsAre;

constexpr std::uint64_t kDistributor = 0x1000;
constexpr std::uint64_t kInterface = 0x10000;
constexpr std::uint64_t kAll = 0xffff'ffff;
constexpr base::InterruptId kTimer{26};

class GicV2Test : public testing::Test {
 protected:
  fakes::IoScript script;
  GicV2<fakes::ScriptedIo> gic{kDistributor, kInterface, fakes::ScriptedIo{&script}};

  void initialize(std::uint64_t type = 0x0000'0002) {
    script.set(kDistributor + 0x4, type);
    gic.initialize_distributor();
    gic.initialize_core(kTimer);
  }
};

TEST_F(GicV2Test, every_interrupt_is_disabled_cleared_and_inactive) {
  initialize();
  for (const std::uint64_t array : {0x180, 0x280, 0x380}) {
    for (std::uint64_t word = 0; word < 3; ++word) {
      EXPECT_THAT(script.written(kDistributor + array + word * 4), ElementsAre(kAll))
          << std::hex << array << " " << word;
    }
    EXPECT_THAT(script.written(kDistributor + array + 3 * 4), ElementsAre()) << "there are 96 interrupts only";
  }
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_THAT(script.written(kDistributor + 0xf10 + i * 4), ElementsAre(kAll));
}

TEST_F(GicV2Test, only_the_timer_and_the_signal_of_cores_are_enabled) {
  initialize();
  EXPECT_THAT(script.written(kDistributor + 0x100), ElementsAre(1u << 26 | 1u));
  EXPECT_THAT(script.written(kDistributor + 0x104), ElementsAre());
  EXPECT_THAT(script.written(kDistributor + 0x108), ElementsAre());
}

TEST_F(GicV2Test, shared_interrupts_go_to_no_core_and_all_have_one_priority) {
  initialize();
  for (std::uint64_t i = 0; i < 24; ++i) {
    EXPECT_THAT(script.written(kDistributor + 0x400 + i * 4), ElementsAre(0x8080'8080)) << i;
  }
  for (std::uint64_t i = 8; i < 24; ++i) EXPECT_THAT(script.written(kDistributor + 0x800 + i * 4), ElementsAre(0)) << i;
  EXPECT_THAT(script.written(kDistributor + 0x800), ElementsAre()) << "targets of private interrupts are read-only";
}

TEST_F(GicV2Test, the_distributor_is_off_while_it_changes) {
  initialize();
  EXPECT_EQ(script.accesses.front(), (IoAccess{true, 4, kDistributor, 0}));
  EXPECT_THAT(script.written(kDistributor), ElementsAre(0, 1));
}

TEST_F(GicV2Test, the_interface_opens_last_with_eoi_mode_and_nothing_masked) {
  initialize();
  EXPECT_THAT(script.written(kInterface), ElementsAre(0, 0x201));
  EXPECT_EQ(script.accesses.back(), (IoAccess{true, 4, kInterface, 0x201}));
  EXPECT_THAT(script.written(kInterface + 0x4), ElementsAre(0xff));
  EXPECT_THAT(script.written(kInterface + 0xd0), ElementsAre(0));
}

TEST_F(GicV2Test, the_largest_controller_stays_inside_its_arrays) {
  initialize(0x0000'001f);  // 1024 interrupts
  for (const IoAccess& access : script.accesses) {
    const bool is_inside = access.address < kDistributor + 0x1000 || access.address >= kInterface;
    EXPECT_TRUE(is_inside) << std::hex << access.address;
  }
  EXPECT_THAT(script.written(kDistributor + 0x180 + 31 * 4), ElementsAre(kAll));
}

TEST_F(GicV2Test, an_interrupt_ends_with_the_whole_word_it_was_acknowledged_with) {
  script.set(kInterface + 0xc, 3u << 10 | 5);  // SGI 5 of core 3
  const regs::GiccIar word = gic.acknowledge();
  EXPECT_EQ(word.get(regs::GiccIar::interrupt), 5u);
  gic.drop_priority(word);
  gic.deactivate(word);
  EXPECT_THAT(script.written(kInterface + 0x10), ElementsAre(3u << 10 | 5));
  EXPECT_THAT(script.written(kInterface + 0x1000), ElementsAre(3u << 10 | 5));
}

TEST_F(GicV2Test, Q3_a_line_is_configured_and_targeted_before_it_is_enabled) {
  constexpr base::InterruptId kLine{37};
  script.set(kDistributor + 0x800, 0x0404'0404);  // core 2's view of its private interrupts
  script.set(kDistributor + 0x824, 0x0102'0408);  // targets of 36 to 39
  script.set(kDistributor + 0xc08, 0xffff'ffff);  // 32 to 47: all edges
  gic.enable_line(kLine, false, gic.core_target());
  EXPECT_THAT(script.written(kDistributor + 0x824), ElementsAre(0x0102'0408));
  EXPECT_THAT(script.written(kDistributor + 0xc08), ElementsAre(0xffff'f7ff)) << "a level";
  EXPECT_THAT(script.written(kDistributor + 0x284), ElementsAre(1u << 5));
  EXPECT_EQ(script.accesses.back(), (IoAccess{true, 4, kDistributor + 0x104, 1u << 5}));
  gic.enable_line(kLine, true, 1);
  EXPECT_EQ(script.written(kDistributor + 0xc08).back(), 0xffff'ffffu) << "an edge";
}

TEST_F(GicV2Test, Q3_a_line_is_disabled_and_deactivated_by_itself) {
  gic.disable_line(base::InterruptId(70));
  gic.deactivate_line(base::InterruptId(70));
  EXPECT_THAT(script.accesses, ElementsAre(IoAccess{true, 4, kDistributor + 0x188, 1u << 6},
                                           IoAccess{true, 4, kInterface + 0x1000, 70}));
}

TEST_F(GicV2Test, Q3_the_controller_says_how_many_there_are) {
  script.set(kDistributor + 0x4, 0x0000'0407);
  EXPECT_EQ(gic.interrupt_limit(), 256u);
}

TEST_F(GicV2Test, a_signal_is_sgi_0_to_the_interface_that_is_named) {
  gic.signal(1u << 3);
  EXPECT_THAT(script.written(kDistributor + 0xf00), ElementsAre(1u << 19));
}

TEST_F(GicV2Test, every_access_is_one_of_32_bits) {
  initialize();
  std::vector<unsigned> widths;
  for (const IoAccess& access : script.accesses) widths.push_back(access.bytes);
  EXPECT_THAT(widths, Each(4u));
}

}  // namespace
}  // namespace hal
