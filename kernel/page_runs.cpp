// SPDX-License-Identifier: Apache-2.0
//
// PageRuns: see page_runs.hpp.
#include "kernel/page_runs.hpp"

namespace kernel {

base::Result<void> PageRuns::place(PageRun& run, std::uint32_t pages) {
  if (pages == 0) return base::Error::EINVAL;
  std::uint32_t gap = 0;  // where it begins
  PageRun* before = nullptr;
  for (PageRun* next = runs_.front(); next != nullptr; next = runs_.next(*next)) {
    if (next->first_page - gap >= pages) break;
    gap = next->end_page();
    before = next;
  }
  // The loop has stopped at a gap that is wide enough, or behind the last run.
  const PageRun* const behind = before == nullptr ? runs_.front() : runs_.next(*before);
  const std::uint32_t gap_end = behind == nullptr ? size_ : behind->first_page;
  if (gap_end - gap < pages) return base::Error::ENOMEM;
  run.first_page = gap;
  run.page_count = pages;
  runs_.insert_behind(run, before);
  return {};
}

PageRun* PageRuns::find(std::uint64_t page) const {
  for (PageRun* run = runs_.front(); run != nullptr && run->first_page <= page; run = runs_.next(*run)) {
    if (page < run->end_page()) return run;
  }
  return nullptr;
}

}  // namespace kernel
