// SPDX-License-Identifier: Apache-2.0
//
// Bounds of stacks (stack_bounds.hpp).
#include "tools/granary/stack_bounds.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tools/granary/process.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

/// Thread-local storage and the first frame's alignment, at the top of each stack.
constexpr std::uint64_t kTop = 64;

std::string objdump() {
  const char* const prefix = std::getenv("CROSS_COMPILE");
  return std::string(prefix == nullptr ? "aarch64-linux-gnu-" : prefix) + "objdump";
}

std::vector<std::uint64_t> words_of_data(const ElfFile& elf) {
  std::vector<std::uint64_t> words;
  for (const Segment& segment : elf.segments) {
    if ((segment.access & kExecute) != 0) continue;
    for (std::size_t at = 0; at + 8 <= segment.data.size(); at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, segment.data.data() + at, 8);
      if (word != 0) words.push_back(word);
    }
  }
  return words;
}

}  // namespace

CallGraph::Depth CallGraph::search(std::uint64_t function, const std::set<std::uint64_t>& roots,
                                   std::set<std::uint64_t>& on_the_way, std::map<std::uint64_t, Depth>& known) const {
  if (const auto found = known.find(function); found != known.end()) return found->second;
  const auto place = functions_.find(function);
  if (place == functions_.end()) return {0, "a call of what is no function", {}};
  const Function& own = place->second;
  if (!on_the_way.insert(function).second) return {0, own.name + " can be called again while it runs", {}};
  std::set<std::uint64_t> calls = own.calls;
  Depth deepest;
  if (own.is_variable) deepest.unknown = own.name + " has a frame of variable size";
  if (own.calls_pointers) {
    bool any = false;
    for (const std::uint64_t target : taken_)
      if (!roots.contains(target)) any = calls.insert(target).second || any;
    if (!any && deepest.unknown.empty()) deepest.unknown = own.name + " calls through a pointer";
  }
  for (const std::uint64_t call : calls) {
    Depth below = search(call, roots, on_the_way, known);
    if (deepest.unknown.empty()) deepest.unknown = below.unknown;
    if (below.bytes < deepest.bytes || (below.bytes == 0 && !deepest.chain.empty())) continue;
    deepest.bytes = below.bytes;
    deepest.chain = std::move(below.chain);
  }
  on_the_way.erase(function);
  deepest.bytes += own.frame;
  deepest.chain.insert(deepest.chain.begin(), own.name);
  // What was found below a function that is still on the way depends on that way.
  if (deepest.unknown.empty()) known.emplace(function, deepest);
  return deepest;
}

CallGraph::Depth CallGraph::depth_of(std::uint64_t function, const std::set<std::uint64_t>& roots) const {
  std::set<std::uint64_t> on_the_way;
  std::map<std::uint64_t, Depth> known;
  return search(function, roots, on_the_way, known);
}

namespace {

void add_bounds(const Silo& silo, const std::filesystem::path& file, std::vector<StackBound>& bounds) {
  Diagnostics unused;
  const ElfFile elf = read_elf(file, unused);
  const Output text = capture_program({objdump(), "-d", "--no-show-raw-insn", file.string()},
                                      "granary: looking at the stacks of " + silo.name);
  if (unused.failed() || text.status != 0) return;
  const CallGraph graph(text.text, words_of_data(elf));
  const std::uint64_t tls = elf.symbol("granary_tls_bytes").value_or(0);
  std::set<std::uint64_t> roots{elf.entry};
  for (const char* name : {"main", "granary_main", "granary_thread_main", "granary_thread_start"})
    if (const auto address = elf.symbol(name)) roots.insert(*address);
  for (const Thread& thread : silo.threads)
    if (const auto address = elf.symbol(thread.entry)) roots.insert(*address);
  for (const Thread& thread : silo.threads) {
    const auto entry = thread.entry.empty() ? std::optional(elf.entry) : elf.symbol(thread.entry);
    if (!entry) continue;
    CallGraph::Depth depth = graph.depth_of(*entry, roots);
    bounds.push_back({silo.name, thread.name, depth.bytes + tls + kTop, depth.unknown, std::move(depth.chain)});
  }
}

}  // namespace

std::vector<StackBound> stack_bounds(const Manifest& manifest, const std::filesystem::path& folder) {
  std::vector<StackBound> bounds;
  for (const Silo& silo : manifest.silos) {
    const std::filesystem::path own = folder / silo.name;
    add_bounds(silo, own / (silo.name + ".elf"), bounds);
    for (const ProgramImage& image : silo.images) add_bounds(silo, own / (image.name + ".elf"), bounds);
  }
  return bounds;
}

void check_stacks(const Manifest& manifest, const std::vector<StackBound>& bounds, Diagnostics& diagnostics) {
  for (const StackBound& bound : bounds) {
    const Silo& silo = *manifest.find_silo(bound.silo);
    for (const Thread& thread : silo.threads) {
      if (thread.name != bound.thread || bound.bytes <= thread.stack_bytes) continue;
      std::string chain;
      for (const std::string& function : bound.chain) chain += (chain.empty() ? "" : " calls ") + function;
      const std::uint64_t pages = (bound.bytes + kPageBytes - 1) / kPageBytes;
      diagnostics.error(thread.at,
                        "thread " + ticked(thread.name) + " of silo " + ticked(silo.name) + " can need " +
                            std::to_string(bound.bytes) + " bytes of stack, and has " + size_text(thread.stack_bytes) +
                            ": " + chain,
                        "write stack = \"" + size_text(pages * kPageBytes) + "\", or make these functions smaller");
    }
  }
}

}  // namespace tool
