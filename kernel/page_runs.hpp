// SPDX-License-Identifier: Apache-2.0
//
// PageRuns: which stretches of a bounded row of pages are taken, first fit. The stretches are elements of their owner
// (a mapping in a silo's window, a region in a silo's ground), linked in the order of their place, so nothing is
// allocated. Placing takes one step per stretch that is there; callers bound their number.
//
// INVARIANT: runs are sorted, disjoint and within the row.
#pragma once

#include <cstdint>

#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

struct PageRun {
  base::ListNode<PageRun> run_node;
  std::uint32_t first_page = 0;  ///< while placed
  std::uint32_t page_count = 0;
  constexpr std::uint32_t end_page() const { return first_page + page_count; }
};

class PageRuns {
 public:
  using List = base::IntrusiveList<PageRun, &PageRun::run_node>;

  constexpr PageRuns() = default;
  /// How many pages there are; nothing is placed.
  void set_size(std::uint32_t pages) { size_ = pages; }
  std::uint32_t size() const { return size_; }

  /// Gives `run` the lowest `pages` free pages in a row. EINVAL for none, ENOMEM if there is no such gap.
  base::Result<void> place(PageRun& run, std::uint32_t pages);
  /// `run` is placed here; otherwise it traps.
  void remove(PageRun& run) { runs_.remove(run); }

  /// The run that has this page, null if it is free.
  PageRun* find(std::uint64_t page) const;
  PageRun* first() const { return runs_.front(); }
  PageRun* next(const PageRun& run) const { return runs_.next(run); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(runs_.size()); }

 private:
  std::uint32_t size_ = 0;
  List runs_;
};

}  // namespace kernel
