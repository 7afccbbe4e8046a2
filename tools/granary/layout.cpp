// SPDX-License-Identifier: Apache-2.0
//
// Placing segments, heap and stacks (layout.hpp). What the SDK's start-up code expects is in silos/sdk/README.md.
#include "tools/granary/layout.hpp"

#include <algorithm>
#include <map>

#include "ipc/abi/abi.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

/// The SDK's start of every thread but main; it takes the thread's function in X0.
constexpr const char* kThreadStart = "granary_thread_start";

constexpr std::uint64_t page_up(std::uint64_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes; }

std::string segment_name(unsigned access) {
  if ((access & kExecute) != 0) return "text";
  return (access & kWrite) != 0 ? "data" : "rodata";
}

class Builder {
 public:
  Builder(const Silo& silo, const ElfFile& elf, const Location& where, Diagnostics& diagnostics)
      : silo_(silo), elf_(elf), where_(where), diagnostics_(diagnostics) {}

  Layout run() {
    program();
    heap();
    for (const Thread& thread : silo_.threads) stack(thread);
    if (end_ + kPageBytes > kProgramLimit)
      diagnostics_.error(where_, "program, heap and stacks of silo `" + silo_.name + "` end beyond 1 GiB",
                         "give it smaller stacks or a smaller heap");
    if (layout_.regions.size() > abi::kRegionsPerSiloMaximum)
      diagnostics_.error(where_,
                         "silo `" + silo_.name + "` needs " + std::to_string(layout_.regions.size()) +
                             " regions, and a silo can have " + std::to_string(abi::kRegionsPerSiloMaximum),
                         "give it fewer threads, or link its program with fewer segments");
    return std::move(layout_);
  }

 private:
  void program() {
    std::map<std::string, unsigned> count;
    for (const Segment& segment : elf_.segments) {
      std::string name = segment_name(segment.access);
      if (const unsigned number = ++count[name]; number > 1) name += std::to_string(number);
      layout_.regions.push_back({name, segment.address, page_up(segment.memory_bytes), segment.access, segment.data});
      end_ = segment.address + page_up(segment.memory_bytes);
    }
  }

  void heap() {
    const auto start = elf_.symbol("__heap_start"), end = elf_.symbol("__heap_end");
    const std::uint64_t linked = start && end ? *end - *start : 0;
    if (linked != silo_.heap_bytes) {
      diagnostics_.error(
          where_,
          "it is linked for a heap of " + size_text(linked) + ", and silo `" + silo_.name + "` has heap = \"" +
              size_text(silo_.heap_bytes) + "\"",
          "link it with --defsym=granary_heap_bytes=" + std::to_string(silo_.heap_bytes) + " and silos/sdk/silo.ld");
      return;
    }
    if (linked == 0) return;
    if (*start % kPageBytes != 0 || *start < end_ || *start >= kProgramLimit) {
      diagnostics_.error(where_, "its heap at " + hexadecimal(*start) + " is not on the pages behind its data",
                         "link it with silos/sdk/silo.ld, or place __heap_start as that does");
      return;
    }
    layout_.regions.push_back({"heap", *start, linked, kRead | kWrite, {}});
    end_ = *start + linked;
  }

  void stack(const Thread& thread) {
    const std::uint64_t bottom = end_ + kPageBytes;  // behind an unmapped page
    layout_.regions.push_back({"stack." + thread.name, bottom, thread.stack_bytes, kRead | kWrite, {}});
    end_ = bottom + thread.stack_bytes;
    ThreadStart start{thread.name, elf_.entry, end_, 0, thread.priority, thread.core, thread.budget};
    if (!thread.entry.empty() && !find_entry(thread, start)) return;
    layout_.threads.push_back(start);
  }

  bool find_entry(const Thread& thread, ThreadStart& start) {
    const auto function = elf_.symbol(thread.entry);
    if (!function || !elf_.is_executable(*function)) {
      diagnostics_.error(where_,
                         "it has no function `" + thread.entry + "`, where thread `" + thread.name + "` of silo `" +
                             silo_.name + "` begins",
                         "define it as extern \"C\" void " + thread.entry + "(uint64_t), not static, and mark it " +
                             "[[gnu::used]] if nothing else calls it");
      return false;
    }
    const auto sdk_start = elf_.symbol(kThreadStart);
    start.entry = sdk_start.value_or(*function);
    start.argument = sdk_start ? *function : 0;
    return true;
  }

  const Silo& silo_;
  const ElfFile& elf_;
  const Location& where_;
  Diagnostics& diagnostics_;
  Layout layout_;
  std::uint64_t end_ = kPageBytes;
};

}  // namespace

std::uint64_t Layout::memory_bytes() const {
  std::uint64_t sum = 0;
  for (const Region& region : regions) sum += std::max(region.bytes, region.room);
  return sum;
}

void add_image(Layout& layout, Layout image, const Silo& silo, const Location& where, Diagnostics& diagnostics) {
  const auto names = [](const Layout& of) {
    std::string text;
    for (const Region& region : of.regions) text += (text.empty() ? "" : ", ") + region.name;
    return text;
  };
  if (names(layout) != names(image)) {
    diagnostics.error(
        where,
        "it has the regions " + names(image) + ", and the program of silo `" + silo.name + "` has " + names(layout),
        "an image takes the place of another one region by region: link both in the same way, with "
        "silos/sdk/silo.ld");
    return;
  }
  for (std::size_t i = 0; i < layout.regions.size(); ++i) {
    Region& region = layout.regions[i];
    region.room = std::max({region.room, region.bytes, image.regions[i].bytes});
  }
  layout.images.push_back(std::move(image));
}

Layout lay_out(const Silo& silo, const ElfFile& elf, const Location& where, Diagnostics& diagnostics) {
  return Builder(silo, elf, where, diagnostics).run();
}

}  // namespace tool
