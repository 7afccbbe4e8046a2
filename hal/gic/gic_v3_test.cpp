// SPDX-License-Identifier: Apache-2.0
//
// The GICv3 driver against scripted registers and a scripted CPU interface.
#include "test/fakes/host_prelude.hpp"

#include "hal/gic/gic_v3.hpp"
#include "test/fakes/scripted_io.hpp"

namespace hal {
namespace {

using fakes::IoAccess;
using testing::ElementsAre;

constexpr std::uint64_t kDistributor = 0x1'0000;
constexpr std::uint64_t kRegion = 0x100'0000;
constexpr std::uint64_t kFrame = 0x2'0000;
constexpr std::uint64_t kAll = 0xffff'ffff;
constexpr base::InterruptId kTimer{26};

struct FakeSystemRegisters {
  static inline bool can_enable = true;
  static inline unsigned enabled = 0;
  static inline std::vector<std::string> log;
  static bool enable() {
    ++enabled;
    return can_enable;
  }
  static regs::IccIarEl1 acknowledge() { return regs::IccIarEl1::from(26); }
  static void signal(regs::IccSgi1rEl1 value) { log.push_back("signal " + std::to_string(value.bits)); }
  static void drop_priority(regs::IccIarEl1 value) { log.push_back("drop " + std::to_string(value.bits)); }
  static void deactivate(regs::IccIarEl1 value) { log.push_back("deactivate " + std::to_string(value.bits)); }
};

/// Reads the same from everywhere, for ever.
template <std::uint64_t kValue>
struct ConstantIo {
  template <typename Value>
  Value read(std::uint64_t) const {
    return static_cast<Value>(kValue);
  }
  template <typename Value>
  void write(std::uint64_t, Value) const {}
};

class GicV3Test : public testing::Test {
 protected:
  GicV3Test() {
    FakeSystemRegisters::can_enable = true;
    FakeSystemRegisters::enabled = 0;
    FakeSystemRegisters::log.clear();
    script.set(kDistributor + 0x4, 2);  // 96 interrupts
  }
  void add_redistributor(std::uint64_t at, std::uint64_t affinity, bool last = false, bool large = false) {
    script.set(at + 0x8, affinity << 32 | (last ? 0x10 : 0) | (large ? 0x2 : 0));
  }

  fakes::IoScript script;
  GicV3<FakeSystemRegisters, fakes::ScriptedIo> gic{kDistributor, fakes::ScriptedIo{&script}};
};

TEST_F(GicV3Test, the_distributor_routes_by_affinity_before_group_1_is_on) {
  ASSERT_TRUE(gic.initialize_distributor().ok());
  EXPECT_THAT(script.written(kDistributor), ElementsAre(0, 0x10, 0x12));
}

TEST_F(GicV3Test, shared_interrupts_are_silent_and_in_group_1_and_private_words_are_not_touched) {
  ASSERT_TRUE(gic.initialize_distributor().ok());
  for (const std::uint64_t array : {0x80, 0x180, 0x280, 0x380}) {
    EXPECT_THAT(script.written(kDistributor + array), ElementsAre()) << std::hex << array;
    EXPECT_THAT(script.written(kDistributor + array + 4), ElementsAre(kAll)) << std::hex << array;
    EXPECT_THAT(script.written(kDistributor + array + 8), ElementsAre(kAll)) << std::hex << array;
  }
  EXPECT_THAT(script.written(kDistributor + 0x104), ElementsAre());
}

TEST_F(GicV3Test, a_distributor_that_never_finishes_a_write_is_an_error) {
  const GicV3<FakeSystemRegisters, ConstantIo<0x8000'0000>> stuck(kDistributor);
  EXPECT_EQ(stuck.initialize_distributor().error(), base::Error::EIO);
}

TEST_F(GicV3Test, finds_the_redistributor_of_a_core_by_affinity) {
  add_redistributor(kRegion, 0);
  add_redistributor(kRegion + kFrame, 1);
  add_redistributor(kRegion + 2 * kFrame, 0x100, true);
  EXPECT_EQ(gic.find_redistributor(kRegion, 0x10'0000, 0, 0), kRegion);
  EXPECT_EQ(gic.find_redistributor(kRegion, 0x10'0000, 0, 0x100), kRegion + 2 * kFrame);
  EXPECT_EQ(gic.find_redistributor(kRegion, 0x10'0000, 0, 2), 0u) << "behind the last one nothing is read";
}

TEST_F(GicV3Test, redistributors_of_a_gicv4_are_twice_as_large) {
  add_redistributor(kRegion, 0, false, true);
  add_redistributor(kRegion + 2 * kFrame, 1, true, true);
  EXPECT_EQ(gic.find_redistributor(kRegion, 0x10'0000, 0, 1), kRegion + 2 * kFrame);
}

TEST_F(GicV3Test, a_stride_from_the_device_tree_wins) {
  add_redistributor(kRegion, 0);
  add_redistributor(kRegion + kFrame, 9, true);  // whoever steps by one frame ends here
  add_redistributor(kRegion + 4 * kFrame, 1, true);
  EXPECT_EQ(gic.find_redistributor(kRegion, 0x10'0000, 4 * kFrame, 1), kRegion + 4 * kFrame);
}

TEST_F(GicV3Test, the_search_ends_with_the_region) {
  add_redistributor(kRegion, 0);
  EXPECT_EQ(gic.find_redistributor(kRegion, kFrame, 0, 7), 0u);
  EXPECT_EQ(gic.find_redistributor(kRegion, kFrame - 1, 0, 0), 0u) << "half a redistributor is none";
  for (const IoAccess& access : script.accesses) EXPECT_LT(access.address, kRegion + kFrame);
}

TEST_F(GicV3Test, a_core_is_woken_silenced_and_only_its_timer_and_signal_enabled) {
  script.answer(kRegion + 0x14, 4);  // still asleep at the first look
  ASSERT_TRUE(gic.initialize_core(kRegion, kTimer).ok());
  EXPECT_THAT(script.written(kRegion + 0x14), ElementsAre(0));
  for (const std::uint64_t at : {0x10180, 0x10280, 0x10380, 0x10080}) {
    EXPECT_THAT(script.written(kRegion + at), ElementsAre(kAll)) << std::hex << at;
  }
  for (std::uint64_t i = 0; i < 8; ++i)
    EXPECT_THAT(script.written(kRegion + 0x10400 + i * 4), ElementsAre(0x8080'8080));
  EXPECT_THAT(script.written(kRegion + 0x10100), ElementsAre(1u << 26 | 1u));
  EXPECT_EQ(FakeSystemRegisters::enabled, 1u);
}

TEST_F(GicV3Test, a_core_that_does_not_wake_is_an_error) {
  const GicV3<FakeSystemRegisters, ConstantIo<4>> asleep(kDistributor);
  EXPECT_EQ(asleep.initialize_core(kRegion, kTimer).error(), base::Error::EIO);
}

TEST_F(GicV3Test, without_system_registers_nothing_is_enabled) {
  FakeSystemRegisters::can_enable = false;
  EXPECT_EQ(gic.initialize_core(kRegion, kTimer).error(), base::Error::ENOTSUP);
  EXPECT_THAT(script.written(kRegion + 0x10100), ElementsAre());
}

TEST_F(GicV3Test, Q3_a_line_is_configured_and_routed_before_it_is_enabled) {
  script.set(kDistributor + 0xc08, 0);
  gic.enable_line(base::InterruptId(33), true, 0x0302'0104);
  EXPECT_THAT(script.written(kDistributor + 0xc08), ElementsAre(1u << 3)) << "an edge";
  EXPECT_THAT(script.written(kDistributor + 0x6108), ElementsAre(0x03'0002'0104)) << "GICD_IROUTER33";
  EXPECT_THAT(script.written(kDistributor + 0x284), ElementsAre(2));
  EXPECT_EQ(script.accesses.back(), (IoAccess{true, 4, kDistributor + 0x104, 2}));
}

TEST_F(GicV3Test, Q3_the_last_line_stays_inside_the_distributor) {
  gic.enable_line(base::InterruptId(1019), false, 0);
  for (const IoAccess& access : script.accesses) EXPECT_LT(access.address, kDistributor + 0x1'0000);
  EXPECT_THAT(script.written(kDistributor + 0x6000 + 8 * 1019), ElementsAre(0));
}

TEST_F(GicV3Test, Q3_a_line_is_off_when_disabling_returns) {
  script.answer(kDistributor, 1u << 31);  // the write is still taking effect
  gic.disable_line(base::InterruptId(64));
  EXPECT_THAT(script.written(kDistributor + 0x188), ElementsAre(1));
  EXPECT_EQ(script.accesses.back().address, kDistributor);
  gic.deactivate_line(base::InterruptId(64));
  EXPECT_THAT(FakeSystemRegisters::log, ElementsAre("deactivate 64"));
}

TEST_F(GicV3Test, an_interrupt_drops_its_priority_and_is_deactivated) {
  const regs::IccIarEl1 word = gic.acknowledge();
  gic.drop_priority(word);
  gic.deactivate(word);
  EXPECT_THAT(FakeSystemRegisters::log, ElementsAre("drop 26", "deactivate 26"));
}

TEST_F(GicV3Test, a_signal_names_the_core_by_its_affinity) {
  gic.signal(0x0102'0313);
  const std::uint64_t wanted = std::uint64_t{1} << 48 | std::uint64_t{1} << 44 | std::uint64_t{2} << 32 | 3u << 16 | 8u;
  EXPECT_THAT(FakeSystemRegisters::log, ElementsAre("signal " + std::to_string(wanted)));
}

}  // namespace
}  // namespace hal
