// SPDX-License-Identifier: Apache-2.0
//
// The hand-off: trees like those of QEMU virt and of the Pi 4 become the right numbers, and each way a tree can be
// wrong becomes a sentence about the right node.
#include "test/fakes/host_prelude.hpp"

#include "boot/handoff.hpp"

#include <functional>
#include <random>

#include "test/fakes/device_tree_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::DeviceTreeBuilder;
using hal::EnableMethod;

constexpr std::uint64_t kPhysical = 0x4800'0000;

HandOffDefect parse(const Blob& blob, HandOff& handoff) {
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data(), tree), DeviceTreeDefect::None);
  handoff = HandOff{};
  return parse_device_tree(tree, kPhysical, handoff);
}

HandOff parsed(const Blob& blob) {
  HandOff handoff;
  const HandOffDefect defect = parse(blob, handoff);
  EXPECT_FALSE(defect) << (defect ? defect.text : "");
  return handoff;
}

std::string defect_of(const Blob& blob) {
  HandOff handoff;
  const HandOffDefect defect = parse(blob, handoff);
  return defect ? std::string(defect.node) + ": " + defect.text : "none";
}

/// A machine with parts that a test can replace.
struct Machine {
  using Part = std::function<void(DeviceTreeBuilder&)>;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> reservations;
  Part memory = [](auto& t) {
    t.begin("memory@40000000").text("device_type", "memory").cells("reg", {0, 0x4000'0000, 0, 0x2000'0000}).end();
  };
  Part gic = [](auto& t) {
    t.begin("intc@8000000").text("compatible", "arm,cortex-a15-gic").cells("#interrupt-cells", {3});
    t.cells("reg", {0, 0x800'0000, 0, 0x1'0000, 0, 0x801'0000, 0, 0x2'0000}).end();
  };
  Part timer = [](auto& t) {
    t.begin("timer").text("compatible", {"arm,armv8-timer", "arm,armv7-timer"});
    t.cells("interrupts", {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4}).end();
  };
  Part cpus = [](auto& t) {
    t.begin("cpus").cells("#address-cells", {1}).cells("#size-cells", {0}).begin("cpu-map").end();
    for (std::uint32_t core = 0; core < 2; ++core) {
      t.begin("cpu@" + std::to_string(core))
          .text("device_type", "cpu")
          .cells("reg", {core})
          .text("enable-method", "psci")
          .end();
    }
    t.end();
  };
  Part psci = [](auto& t) {
    t.begin("psci").text("compatible", {"arm,psci-1.0", "arm,psci-0.2"}).text("method", "smc").end();
  };
  Part chosen = [](auto& t) {
    t.begin("chosen")
        .text("bootargs", "once")
        .wide("linux,initrd-start", 0x4400'0000)
        .wide("linux,initrd-end", 0x4400'1234)
        .end();
  };
  Part more = [](auto&) {};

  Blob build() const {
    DeviceTreeBuilder tree;
    for (const auto& [start, bytes] : reservations) tree.reserve(start, bytes);
    tree.begin("").text("model", "a test machine").cells("#address-cells", {2}).cells("#size-cells", {2});
    for (const Part& part : {psci, memory, gic, timer, cpus, chosen, more}) part(tree);
    return tree.end().finish();
  }
};

constexpr auto kNothing = [](DeviceTreeBuilder&) {};

TEST(HandOff, a_virt_machine_with_gicv2_becomes_the_right_numbers) {
  Machine machine;
  machine.reservations = {{0x4400'0000, 0x2000}};
  const Blob blob = machine.build();
  const HandOff handoff = parsed(blob);
  EXPECT_EQ(handoff.device_tree, (Range{kPhysical, blob.size()}));
  EXPECT_EQ(handoff.model, "a test machine");
  ASSERT_EQ(handoff.memory.count, 1u);
  EXPECT_EQ(handoff.memory.item[0], (Range{0x4000'0000, 0x2000'0000}));
  ASSERT_EQ(handoff.reservations.count, 1u);
  EXPECT_EQ(handoff.reservations.item[0], (Range{0x4400'0000, 0x2000}));
  EXPECT_EQ(handoff.interrupt_controller.version, hal::GicVersion::V2);
  EXPECT_EQ(handoff.interrupt_controller.distributor.start.value(), 0x800'0000u);
  EXPECT_EQ(handoff.interrupt_controller.cpu_interface.start.value(), 0x801'0000u);
  EXPECT_EQ(handoff.interrupt_controller.cpu_interface.bytes, 0x2'0000u);
  EXPECT_EQ(handoff.interrupt_controller.timer.value(), 26u);
  EXPECT_EQ(handoff.timer_frequency, 0u);
  ASSERT_EQ(handoff.cores.count, 2u);
  EXPECT_EQ(handoff.cores_found, 2u);
  EXPECT_EQ(handoff.cores.item[1].affinity, 1u);
  EXPECT_EQ(handoff.cores.item[1].method, EnableMethod::PsciSmc);
  EXPECT_EQ(handoff.psci, PsciConduit::Smc);
  EXPECT_TRUE(handoff.power.psci_smc);
  EXPECT_TRUE(handoff.has_system_image);
  EXPECT_EQ(handoff.system_image, (Range{0x4400'0000, 0x1234}));
  EXPECT_EQ(handoff.arguments, "once");
}

TEST(HandOff, gicv3_has_redistributor_regions) {
  Machine machine;
  machine.gic = [](auto& t) {
    t.begin("intc@8000000")
        .text("compatible", "arm,gic-v3")
        .cells("#interrupt-cells", {4})
        .cells("#redistributor-regions", {2});
    t.wide("redistributor-stride", 0x4'0000);
    t.cells("reg", {0, 0x800'0000, 0, 0x1'0000, 0, 0x80a'0000, 0, 0xf6'0000, 0x40, 0, 0, 0x400'0000}).end();
  };
  machine.timer = [](auto& t) {
    t.begin("timer").text("compatible", "arm,armv8-timer").cells("clock-frequency", {54'000'000});
    t.cells("interrupts", {1, 13, 4, 0, 1, 14, 4, 0, 1, 11, 4, 0, 1, 12, 4, 0}).end();
  };
  const HandOff handoff = parsed(machine.build());
  const hal::GicDescription& gic = handoff.interrupt_controller;
  EXPECT_EQ(gic.version, hal::GicVersion::V3);
  ASSERT_EQ(gic.redistributor_regions, 2u);
  EXPECT_EQ(gic.redistributors[0].start.value(), 0x80a'0000u);
  EXPECT_EQ(gic.redistributors[1].start.value(), 0x40'0000'0000u);
  EXPECT_EQ(gic.redistributor_stride, 0x4'0000u);
  EXPECT_EQ(gic.timer.value(), 28u);
  EXPECT_EQ(handoff.timer_frequency, 54'000'000u);
}

TEST(HandOff, a_pi_4_has_spin_tables_and_power_management_and_32_bit_initrd_addresses) {
  DeviceTreeBuilder tree;
  tree.reserve(0, 0x1000);
  tree.begin("").text("model", "Raspberry Pi 4 Model B").cells("#address-cells", {2}).cells("#size-cells", {1});
  tree.begin("chosen").cells("linux,initrd-start", {0x270'0000}).cells("linux,initrd-end", {0x280'0000}).end();
  tree.begin("reserved-memory").cells("#address-cells", {2}).cells("#size-cells", {1}).empty("ranges");
  tree.begin("linux,cma").text("compatible", "shared-dma-pool").cells("size", {0x400'0000}).end();
  tree.begin("nvram@0").cells("reg", {0, 0, 0}).text("status", "disabled").end();
  tree.begin("gpu@3b000000").cells("reg", {0, 0x3b00'0000, 0x100'0000}).end();
  tree.begin("off@3a000000").cells("reg", {0, 0x3a00'0000, 0x100'0000}).text("status", "disabled").end().end();
  tree.begin("soc").cells("#address-cells", {1}).cells("#size-cells", {1});
  tree.cells("ranges", {0x7e00'0000, 0, 0xfe00'0000, 0x180'0000, 0x4000'0000, 0, 0xff80'0000, 0x80'0000});
  tree.begin("interrupt-controller@40041000").text("compatible", "arm,gic-400").cells("#interrupt-cells", {3});
  tree.cells("reg", {0x4004'1000, 0x1000, 0x4004'2000, 0x2000}).end();
  tree.begin("watchdog@7e100000")
      .text("compatible", {"brcm,bcm2711-pm", "brcm,bcm2835-pm-wdt"})
      .cells("reg", {0x7e10'0000, 0x114})
      .end();
  tree.end();
  tree.begin("timer").text("compatible", "arm,armv8-timer");
  tree.cells("interrupts", {1, 13, 0xf08, 1, 14, 0xf08, 1, 11, 0xf08, 1, 10, 0xf08}).end();
  tree.begin("cpus").cells("#address-cells", {1}).cells("#size-cells", {0}).text("enable-method", "brcm,bcm2836-smp");
  for (std::uint32_t core = 0; core < 4; ++core) {
    tree.begin("cpu@" + std::to_string(core)).text("device_type", "cpu").cells("reg", {core});
    tree.text("enable-method", "spin-table").wide("cpu-release-addr", 0xd8 + 8 * core).end();
  }
  tree.end();
  tree.begin("memory@0")
      .text("device_type", "memory")
      .cells("reg", {0, 0, 0x3c00'0000, 0, 0x4000'0000, 0xbc00'0000, 1, 0, 0})
      .end();
  const HandOff handoff = parsed(tree.end().finish());
  EXPECT_EQ(handoff.memory.count, 2u) << "an empty range is none";
  EXPECT_EQ(handoff.memory.item[1], (Range{0x4000'0000, 0xbc00'0000}));
  ASSERT_EQ(handoff.reservations.count, 2u);
  EXPECT_EQ(handoff.reservations.item[0], (Range{0, 0x1000}));
  EXPECT_EQ(handoff.reservations.item[1], (Range{0x3b00'0000, 0x100'0000}));
  EXPECT_EQ(handoff.interrupt_controller.distributor.start.value(), 0xff84'1000u);
  EXPECT_EQ(handoff.interrupt_controller.cpu_interface.start.value(), 0xff84'2000u);
  EXPECT_EQ(handoff.cores.item[2].method, EnableMethod::SpinTable);
  EXPECT_EQ(handoff.cores.item[2].release_address.value(), 0xe8u);
  EXPECT_EQ(handoff.psci, PsciConduit::None);
  EXPECT_FALSE(handoff.power.psci_smc) << "an SMC would hang";
  EXPECT_EQ(handoff.power.watchdog.start.value(), 0xfe10'0000u);
  EXPECT_EQ(handoff.system_image, (Range{0x270'0000, 0x10'0000}));
}

TEST(HandOff, psci_by_hvc_starts_no_core) {
  Machine machine;
  machine.psci = [](auto& t) { t.begin("psci").text("compatible", "arm,psci-1.0").text("method", "hvc").end(); };
  const HandOff handoff = parsed(machine.build());
  EXPECT_EQ(handoff.psci, PsciConduit::Hvc);
  EXPECT_FALSE(handoff.power.psci_smc);
  for (const hal::CoreDescription& core : handoff.cores) EXPECT_EQ(core.method, EnableMethod::None);
}

TEST(HandOff, without_a_psci_node_no_core_is_started_by_it) {
  Machine machine;
  machine.psci = kNothing;
  EXPECT_EQ(parsed(machine.build()).cores.item[1].method, EnableMethod::None);
}

TEST(HandOff, more_cores_than_the_kernel_holds_are_counted) {
  Machine machine;
  machine.cpus = [](auto& t) {
    t.begin("cpus").cells("#address-cells", {2}).cells("#size-cells", {0});
    for (std::uint32_t core = 0; core < 12; ++core) {
      t.begin("cpu@" + std::to_string(core)).text("device_type", "cpu").cells("reg", {core % 2, core << 8}).end();
    }
    t.end();
  };
  const HandOff handoff = parsed(machine.build());
  EXPECT_EQ(handoff.cores.count, 8u);
  EXPECT_EQ(handoff.cores_found, 12u);
  EXPECT_EQ(handoff.cores.item[7].affinity, 0x1'0000'0700u);
}

TEST(HandOff, a_failed_core_is_not_counted_but_a_disabled_one_is) {
  Machine machine;
  machine.cpus = [](auto& t) {
    t.begin("cpus").cells("#address-cells", {1}).cells("#size-cells", {0});
    t.begin("cpu@0").text("device_type", "cpu").cells("reg", {0}).end();
    t.begin("cpu@1").text("device_type", "cpu").cells("reg", {1}).text("status", "fail-selftest").end();
    t.begin("cpu@2").text("device_type", "cpu").cells("reg", {2}).text("status", "disabled").end().end();
  };
  EXPECT_EQ(parsed(machine.build()).cores_found, 2u);
}

TEST(HandOff, the_boot_core_becomes_core_0) {
  HandOff handoff = parsed(Machine().build());
  EXPECT_TRUE(put_boot_core_first(handoff, 1));
  EXPECT_EQ(handoff.cores.item[0].affinity, 1u);
  EXPECT_EQ(handoff.cores.item[1].affinity, 0u);
  EXPECT_FALSE(put_boot_core_first(handoff, 7));
}

TEST(HandOff, a_machine_without_a_system_image_or_chosen_is_still_a_machine) {
  Machine machine;
  machine.chosen = kNothing;
  const HandOff handoff = parsed(machine.build());
  EXPECT_FALSE(handoff.has_system_image);
  EXPECT_EQ(handoff.arguments, "");
}

TEST(HandOff, disabled_memory_and_devices_do_not_count) {
  Machine machine;
  machine.more = [](auto& t) {
    t.begin("secram@e000000")
        .text("device_type", "memory")
        .text("status", "disabled")
        .cells("reg", {0, 0xe00'0000, 0, 0x1000})
        .end();
    t.begin("intc@9").text("compatible", "arm,gic-v3").cells("reg", {0, 1, 0, 1, 0, 2, 0, 2}).end();
  };
  const HandOff handoff = parsed(machine.build());
  EXPECT_EQ(handoff.memory.count, 1u);
  EXPECT_EQ(handoff.interrupt_controller.version, hal::GicVersion::V2) << "the first one";
}

TEST(HandOff, what_is_missing_is_said) {
  Machine machine;
  machine.memory = kNothing;
  EXPECT_EQ(defect_of(machine.build()), ": it names no memory");
  machine = Machine();
  machine.gic = kNothing;
  EXPECT_THAT(defect_of(machine.build()), testing::HasSubstr("no interrupt controller"));
  machine = Machine();
  machine.timer = kNothing;
  EXPECT_THAT(defect_of(machine.build()), testing::HasSubstr("no hypervisor timer interrupt"));
  machine = Machine();
  machine.cpus = kNothing;
  EXPECT_EQ(defect_of(machine.build()), ": it names no core");
}

TEST(HandOff, a_timer_with_too_few_or_wrong_interrupts_is_refused) {
  for (const std::vector<std::uint32_t>& interrupts : {std::vector<std::uint32_t>{1, 13, 4, 1, 14, 4, 1, 11, 4},
                                                       {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10},
                                                       {1, 13, 4, 1, 14, 4, 1, 11, 4, 0, 10, 4},
                                                       {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 16, 4},
                                                       {}}) {
    Machine machine;
    machine.timer = [&](auto& t) {
      t.begin("timer").text("compatible", "arm,armv8-timer").cells("interrupts", interrupts).end();
    };
    EXPECT_THAT(defect_of(machine.build()), testing::HasSubstr("no hypervisor timer interrupt"));
  }
}

TEST(HandOff, broken_nodes_are_named) {
  Machine machine;
  machine.memory = [](auto& t) { t.begin("memory@0").text("device_type", "memory").cells("reg", {0, 0, 0}).end(); };
  EXPECT_EQ(defect_of(machine.build()), "memory@0: the memory range cannot be read");
  machine.memory = [](auto& t) {
    t.begin("memory@1").text("device_type", "memory").cells("reg", {0xffff'ffff, 0xffff'f000, 0, 0x2000}).end();
  };
  EXPECT_EQ(defect_of(machine.build()), "memory@1: the memory range cannot be read");
  machine = Machine();
  machine.gic = [](auto& t) {
    t.begin("intc").text("compatible", "arm,gic-400").cells("reg", {0, 0x800'0000, 0, 0x1000}).end();
  };
  EXPECT_EQ(defect_of(machine.build()), "intc: the interrupt controller's registers cannot be located");
  machine = Machine();
  machine.cpus = [](auto& t) {
    t.begin("cpus").cells("#address-cells", {3}).begin("cpu@0").text("device_type", "cpu").end().end();
  };
  EXPECT_EQ(defect_of(machine.build()), "cpu@0: the core's reg cannot be read");
  machine.cpus = [](auto& t) {
    t.begin("cpus").cells("#address-cells", {1}).begin("cpu@5").text("device_type", "cpu").cells("reg", {5});
    t.text("enable-method", "spin-table").end().end();
  };
  EXPECT_THAT(defect_of(machine.build()), testing::StartsWith("cpu@5: the core is started by a spin table"));
  machine = Machine();
  machine.more = [](auto& t) {
    t.begin("reserved-memory").cells("#address-cells", {2}).cells("#size-cells", {2});
    t.begin("secret@1").cells("reg", {0, 0x1000, 0, 0x1000}).end().end();
  };
  EXPECT_EQ(defect_of(machine.build()), "secret@1: the reserved range cannot be read")
      << "no ranges: where it lies is not known";
}

TEST(HandOff, a_system_image_that_is_no_range_is_refused) {
  for (const auto& [start, end] : {std::pair{0x5000u, 0x5000u}, std::pair{0x5000u, 0x4000u}}) {
    Machine machine;
    machine.chosen = [s = start, e = end](auto& t) {
      t.begin("chosen").wide("linux,initrd-start", s).wide("linux,initrd-end", e).end();
    };
    EXPECT_THAT(defect_of(machine.build()), testing::StartsWith("chosen: the system image's start and end"));
  }
  Machine machine;
  machine.chosen = [](auto& t) { t.begin("chosen").wide("linux,initrd-end", 0x5000).end(); };
  EXPECT_THAT(defect_of(machine.build()), testing::StartsWith("chosen: the system image's start and end"));
}

TEST(HandOff, too_many_or_wrapping_reservations_are_refused_because_none_may_be_forgotten) {
  Machine machine;
  for (std::uint64_t i = 0; i <= kReservationsMaximum; ++i)
    machine.reservations.push_back({0x4000'0000 + i * 0x2000, 0x1000});
  EXPECT_EQ(defect_of(machine.build()), ": it has too many memory reservations");
  machine.reservations = {{~std::uint64_t{0} - 10, 100}};
  EXPECT_EQ(defect_of(machine.build()), ": an entry of its memory reservation block wraps around");
}

TEST(HandOff, random_damage_never_leads_outside) {
  Machine machine;
  machine.reservations = {{0x4400'0000, 0x2000}};
  const Blob blob = machine.build();
  std::mt19937 random(2);
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::uint8_t> bytes = blob.copy();
    for (unsigned hits = 1 + random() % 3; hits > 0; --hits) {
      bytes[40 + random() % (bytes.size() - 40)] = static_cast<std::uint8_t>(random());
    }
    const Blob bad(bytes);
    DeviceTree tree;
    ASSERT_EQ(DeviceTree::check(bad.data(), tree), DeviceTreeDefect::None);
    HandOff handoff;
    if (parse_device_tree(tree, kPhysical, handoff)) continue;
    for (const Range& range : handoff.memory) ASSERT_LE(range.start, range.end());
    for (const Range& range : handoff.reservations) ASSERT_LE(range.start, range.end());
    ASSERT_LE(handoff.interrupt_controller.timer.value(), 31u);
  }
}

}  // namespace
}  // namespace boot
