// SPDX-License-Identifier: Apache-2.0
//
// The composition root: from start.S to the first silo, one step after the other. Every step prints its line or stops
// with a sentence, so that the last line tells how far a machine came. Owns the hand-off, and nothing that lives longer
// than boot.
#include <span>

#include "boot/arguments.hpp"
#include "boot/bring_up.hpp"
#include "boot/device_resources.hpp"
#include "boot/stop.hpp"
#include "boot/system_image.hpp"
#include "hal/aarch64/stage1.hpp"
#include "kernel/core_file.hpp"
#include "kernel/port/memory_window.hpp"
#include "kernel/system.hpp"

namespace boot {

namespace {

constexpr std::uint64_t kKibibyte = 1024;

constinit HandOff handoff;
constinit kernel::MemoryRange silo_memory[MemoryPlan::kRangesMaximum];

[[noreturn]] void stop_for(const ImageDefect& defect) {
  SentenceSink sink = begin_stop();
  sink.write("system image: ");
  if (!defect.silo.empty()) base::format(sink, "silo {}: ", defect.silo);
  if (!defect.name.empty()) base::format(sink, "{} {}: ", defect.kind, defect.name);
  sink.write(defect.text);
  if (defect.has_numbers)
    base::format(sink, " (found {}, expected {})", base::Hex{defect.found}, base::Hex{defect.expected});
  end_stop();
}

bool overlap(Range one, Range other) { return one.start < other.end() && other.start < one.end(); }

/// The system image, mapped, opened and surveyed.
SystemImage open_system_image(const Entry& entry, SystemSummary& summary) {
  if (!handoff.has_system_image) {
    stop("no system image: the loader passed no initial ramdisk (/chosen has no linux,initrd-start)");
  }
  const Range place = handoff.system_image;
  bool in_memory = false;
  for (const Range& range : handoff.memory)
    in_memory = in_memory || (place.start >= range.start && place.end() <= range.end());
  if (!in_memory) stop("system image: {} to {} is not memory", base::Hex{place.start}, base::Hex{place.end()});
  const auto kernel_bytes = static_cast<std::uint64_t>(hal::kernel_image_end - hal::kernel_image_start);
  if (overlap(place, handoff.device_tree) || overlap(place, Range{entry.image, kernel_bytes})) {
    stop("system image: {} to {} overlaps the device tree or the kernel; it is too large for where the loader puts it",
         base::Hex{place.start}, base::Hex{place.end()});
  }
  const auto mapped = hal::stage1::map_system_image(base::PhysicalAddress(place.start), place.bytes);
  if (!mapped.ok()) stop("system image: {} KiB cannot be mapped, it is too large", place.bytes / kKibibyte);
  // SAFETY: mapped just above, read-only, for as long as the kernel runs; nobody else writes there (memory_plan takes
  // it away).
  const auto* bytes = reinterpret_cast<const std::byte*>(mapped.value().value());
  SystemImage image;
  if (const ImageDefect defect = SystemImage::open({bytes, place.bytes}, image)) stop_for(defect);
  if (const ImageDefect defect = image.survey(summary)) stop_for(defect);
  kernel::log("system image: \"{}\" at {} ({} KiB): {} silos, {} threads, {} ports, {} channels", summary.name,
              base::Hex{place.start}, place.bytes / kKibibyte, summary.silos, summary.threads, summary.ports,
              summary.channels);
  return image;
}

/// Gives the kernel its arena, and the rest for silos.
void hand_over_memory(MemoryPlan& plan, const SystemSummary& summary, std::uint64_t cores) {
  constexpr std::uint64_t kBlock = std::uint64_t{2} << 20;
  const std::uint64_t wanted = arena_bytes_for(summary, count_of(cores));
  const auto arena = plan.cut_out(wanted, wanted >= kBlock ? kBlock : base::kPageSize);
  if (!arena.ok() || plan.free_bytes() < summary.silo_bytes) {
    stop("too little memory: the system needs {} KiB for its silos and {} KiB for the kernel, {} KiB are free",
         summary.silo_bytes / kKibibyte, wanted / kKibibyte,
         (plan.free_bytes() + (arena.ok() ? wanted : 0)) / kKibibyte);
  }
  const auto mapped = hal::stage1::map_arena(base::PhysicalAddress(arena.value().start), wanted);
  if (!mapped.ok()) stop("the kernel's memory, {} KiB, cannot be mapped", wanted / kKibibyte);
  std::uint32_t count = 0;
  for (const Range& range : plan.free()) silo_memory[count++] = {base::PhysicalAddress(range.start), range.bytes};
  // SAFETY: mapped just above, for as long as the kernel runs, and cut out of what silos get.
  auto* const start = reinterpret_cast<std::byte*>(mapped.value().value());
  const kernel::MemoryDescription memory = {base::PhysicalAddress(arena.value().start), start, wanted,
                                            std::span<const kernel::MemoryRange>(silo_memory, count), cores};
  if (!kernel::initialize(memory).ok())
    stop("too little memory: the kernel cannot begin with {} KiB", wanted / kKibibyte);
  for (std::uint32_t core = 0; cores >> core != 0; ++core) {
    if (!hal::stage1::prepare_window(core).ok()) stop("the window onto silo memory cannot be made");
  }
  kernel::log("kernel memory: {} KiB at {}; {} KiB for silos", wanted / kKibibyte, base::Hex{arena.value().start},
              plan.free_bytes() / kKibibyte);
}

}  // namespace

}  // namespace boot

void boot_main(std::uint64_t device_tree, std::uint64_t level, std::uint64_t image) {
  using namespace boot;
  const Entry entry = {device_tree, level, image};
  // The final map first: from here on text cannot be written, data cannot be executed, stacks have guards.
  bring_up_map(entry);
  // The first words.
  DeviceTree tree;
  bring_up_console(entry, tree);
  // What machine this is. libfdt's last use; floating point closes two steps below.
  read_device_tree(entry, tree, handoff);
  // How to end it, early, so that every later end is a proper one.
  bring_up_power(handoff);
  // Everything that EL0 could influence, interrupts, time.
  bring_up_processor(entry, handoff);
  // The other cores come up, are programmed alike, and wait.
  const std::uint64_t cores = bring_up_cores(handoff);
  // What memory is free, before anything is taken.
  MemoryPlan plan = bring_up_memory(entry, handoff);
  // The system: its description verified and surveyed before any of it is acted on.
  SystemSummary summary;
  const SystemImage system = open_system_image(entry, summary);
  // Memory changes hands: an arena for the kernel, the rest for silos.
  hand_over_memory(plan, summary, cores);
  // Silos, threads, objects, capabilities; what they have of the machine is looked up in the device tree.
  const auto arguments = parse_arguments(handoff.arguments);
  if (arguments.spread != 0)
    kernel::log("silos are spread over the cores, whatever the manifest says: seed {}", arguments.spread);
  const DeviceResources resources(tree, handoff);
  if (const ImageDefect defect = system.load({cores, arguments.spread}, &resources)) stop_for(defect);
  kernel::set_once(arguments.once);
  kernel::set_core_files(arguments.core_files);
  kernel::log("starting \"{}\"", summary.name);
  kernel::start();
}
