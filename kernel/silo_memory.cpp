// SPDX-License-Identifier: Apache-2.0
//
// Filling frames: see silo_memory.hpp. Rules C1 (both mappings are Normal write-back inner-shareable), C2 and C6 of
// design 2.4 are kept by port::open_window, make_executable and close_window; this file calls them in the right order.
#include "kernel/silo_memory.hpp"

#include <algorithm>

#include "kernel/port/memory_window.hpp"

namespace kernel {

namespace {

/// One window: `data` first, zero behind it.
void fill_window(std::byte* window, std::uint64_t bytes, std::span<const std::byte> data, bool executable) {
  constexpr std::uint64_t kZeroGranule = 16;
  const std::uint64_t zero_from = data.size() / kZeroGranule * kZeroGranule;
  port::zero_memory(window + zero_from, bytes - zero_from);
  port::copy_memory(window, data.data(), data.size());
  if (executable) port::make_executable(window, bytes);  // C2
}

}  // namespace

base::Result<void> fill_frames(FrameRange frames, std::span<const std::byte> data, bool executable) {
  if (data.size() > frames.size.bytes()) return base::Error::EINVAL;
  for (std::uint64_t done = 0; done < frames.size.value(); done += port::kWindowPages) {
    const base::PageCount pages(std::min(frames.size.value() - done, port::kWindowPages));
    const std::uint64_t offset = done * base::kPageSize;
    const std::uint64_t data_left = data.size() > offset ? data.size() - offset : 0;
    std::byte* const window = TRY(port::open_window(frames.start + offset, pages));
    const auto piece =
        data_left == 0 ? std::span<const std::byte>() : data.subspan(offset, std::min(data_left, pages.bytes()));
    fill_window(window, pages.bytes(), piece, executable);
    port::close_window();  // C6
  }
  return {};
}

}  // namespace kernel
