// SPDX-License-Identifier: Apache-2.0
//
// Range arithmetic. All ends are computed from ranges that do not wrap (handoff.hpp), rounded with saturation at the
// top.
#include "boot/memory_plan.hpp"

#include "kernel/base/address.hpp"

namespace boot {

namespace {

constexpr std::uint64_t kPage = base::kPageSize;

constexpr std::uint64_t round_down(std::uint64_t value, std::uint64_t alignment) { return value & ~(alignment - 1); }
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t alignment) {
  const std::uint64_t up = round_down(value + alignment - 1, alignment);
  return up < value ? round_down(~std::uint64_t{0}, alignment) : up;
}

}  // namespace

void MemoryPlan::insert(Range range) {
  if (range.bytes == 0 || !free_.push(range)) return;
  for (std::uint32_t at = free_.count - 1; at > 0 && free_.item[at].start < free_.item[at - 1].start; --at) {
    const Range lower = free_.item[at];
    free_.item[at] = free_.item[at - 1];
    free_.item[at - 1] = lower;
  }
}

void MemoryPlan::remove(std::uint32_t index) {
  --free_.count;
  for (std::uint32_t at = index; at < free_.count; ++at) free_.item[at] = free_.item[at + 1];
}

void MemoryPlan::add(Range range) {
  const std::uint64_t start = round_up(range.start, kPage);
  const std::uint64_t end = round_down(range.end(), kPage);
  if (start >= end) return;
  take_away({start, end - start});  // so that nothing is in the list twice
  insert({start, end - start});
}

void MemoryPlan::take_away(Range range) {
  if (range.bytes == 0) return;
  const std::uint64_t start = round_down(range.start, kPage);
  const std::uint64_t end = round_up(range.end(), kPage);
  for (std::uint32_t index = 0; index < free_.count;) {
    const Range whole = free_.item[index];
    if (whole.end() <= start || whole.start >= end) {
      ++index;
      continue;
    }
    remove(index);  // what is put back in its place does not overlap any more, so the loop passes over it
    if (whole.start < start) insert({whole.start, start - whole.start});
    if (whole.end() > end) insert({end, whole.end() - end});
  }
}

base::Result<Range> MemoryPlan::cut_out(std::uint64_t bytes, std::uint64_t alignment) {
  for (std::uint32_t index = free_.count; index > 0; --index) {
    const Range whole = free_.item[index - 1];
    if (whole.bytes < bytes) continue;
    const std::uint64_t start = round_down(whole.end() - bytes, alignment);
    if (start < whole.start) continue;
    take_away({start, bytes});
    return Range{start, bytes};
  }
  return base::Error::ENOMEM;
}

std::uint64_t MemoryPlan::free_bytes() const {
  std::uint64_t sum = 0;
  for (const Range& range : free_) sum += range.bytes;
  return sum;
}

MemoryPlan plan_memory(const HandOff& handoff, Range image) {
  MemoryPlan plan;
  for (const Range& range : handoff.memory) plan.add(range);
  plan.take_away(image);
  plan.take_away(handoff.device_tree);
  if (handoff.has_system_image) plan.take_away(handoff.system_image);
  for (const Range& range : handoff.reservations) plan.take_away(range);
  // The Pi's firmware leaves its spin table, and the cores that wait in it, in page 0; not every device tree reserves
  // it.
  plan.take_away({0, kPage});
  return plan;
}

}  // namespace boot
